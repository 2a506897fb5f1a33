/**
 * A passkey as a key to a lock: the WebAuthn extension PRF gives 32 secret bytes for 32 bytes of ours, the same each time. Runs on the
 * page, where alone a browser offers it. It must not know what the bytes open.
 */
import { fromBase64Url, toBase64Url } from '../../base/bytes';

/** What the lock keeps of a passkey, and what the passkey answered; base64url. */
export type PasskeyAnswer = { readonly credential: string; readonly input: string; readonly secret: string };
/** `cancelled`: the person or the browser ended it. `notOffered`: this passkey gives no secret. */
export type PasskeyFault = 'cancelled' | 'notOffered';
export type Passkeys = {
  /** Whether this browser, at this address, may have any. Never rejects. */
  offered(): Promise<boolean>;
  create(name: string): Promise<PasskeyAnswer | PasskeyFault>;
  ask(passkey: Omit<PasskeyAnswer, 'secret'>): Promise<string | PasskeyFault>;
};

type Prf = { readonly enabled?: boolean; readonly results?: { readonly first?: BufferSource } };
type Capabilities = { getClientCapabilities?: () => Promise<Record<string, boolean>> };
const SHORT_ADDRESS = /^[\d.]+$|:/;
const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));

const secretOf = (credential: Credential | null): string | undefined => {
  const found = (credential as PublicKeyCredential | null)?.getClientExtensionResults() as { prf?: Prf } | undefined;
  const first = found?.prf?.results?.first;
  if (!first) return undefined;
  const bytes = new Uint8Array(
    first instanceof ArrayBuffer ? first : first.buffer.slice(first.byteOffset, first.byteOffset + first.byteLength),
  );
  return bytes.length === 32 ? toBase64Url(bytes) : undefined;
};

export const browserPasskeys = (): Passkeys => {
  const ask: Passkeys['ask'] = async ({ credential, input }) => {
    const [id, first] = [fromBase64Url(credential), fromBase64Url(input)];
    if (!id || !first) return 'notOffered';
    try {
      const answer = await navigator.credentials.get({
        publicKey: {
          challenge: random(32),
          allowCredentials: [{ type: 'public-key', id }],
          userVerification: 'required',
          extensions: { prf: { eval: { first } } } as AuthenticationExtensionsClientInputs,
        },
      });
      return secretOf(answer) ?? 'notOffered';
    } catch {
      return 'cancelled';
    }
  };
  return {
    ask,
    offered: async () => {
      // A passkey belongs to a name; an address of numbers has none.
      if (typeof PublicKeyCredential === 'undefined' || SHORT_ADDRESS.test(location.hostname)) return false;
      const tells = (PublicKeyCredential as unknown as Capabilities).getClientCapabilities;
      const can = await tells?.call(PublicKeyCredential).catch(() => undefined);
      return can?.['extension:prf'] ?? true;
    },
    create: async (name) => {
      const first = random(32);
      let made: Credential | null;
      try {
        made = await navigator.credentials.create({
          publicKey: {
            challenge: random(32),
            rp: { name: 'LifeGraph OS' },
            user: { id: random(16), name, displayName: name },
            pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key', alg })),
            authenticatorSelection: { userVerification: 'required', residentKey: 'discouraged' },
            extensions: { prf: { eval: { first } } } as AuthenticationExtensionsClientInputs,
          },
        });
      } catch {
        return 'cancelled';
      }
      const id = made && 'rawId' in made ? new Uint8Array((made as PublicKeyCredential).rawId) : undefined;
      if (!id) return 'cancelled';
      const passkey = { credential: toBase64Url(id), input: toBase64Url(first) };
      // Some answer only when they are asked, not when they are made.
      const secret = secretOf(made) ?? (await ask(passkey));
      return secret === 'cancelled' || secret === 'notOffered' ? secret : { ...passkey, secret };
    },
  };
};
