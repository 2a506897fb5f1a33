/**
 * A key file under a passkey: a key file whose passphrase is the secret that the passkey gives, with a line before it that says
 * which passkey and for which input. The line is no secret.
 */
const PREFIX = 'lgos-passkey-1:';
const LINE = /^lgos-passkey-1:([\w-]{1,1400})\.([\w-]{43})\n(lgos-keys-1:[\w-]+)\s*$/;

export type PasskeyFile = { readonly credential: string; readonly input: string; readonly keys: string };

export const writePasskeyFile = ({ credential, input, keys }: PasskeyFile): string =>
  `${PREFIX}${credential}.${input}\n${keys}\n`;

/** `undefined`: another file, or a part of one. */
export const readPasskeyFile = (text: string): PasskeyFile | undefined => {
  const [, credential, input, keys] = LINE.exec(text) ?? [];
  return credential && input && keys ? { credential, input, keys } : undefined;
};
