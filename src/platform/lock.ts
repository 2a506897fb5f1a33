/**
 * The head of a lock: one row in clear that says whether a profile is locked, and holds the profile key, wrapped once for each way
 * to open it. It must not know rows, kernels or screens.
 *
 * [LK5] The profile key is random and lies only wrapped: under PBKDF2-SHA-256 of a passphrase with at least 600,000 rounds, or under
 *       what a passkey gives for a salt of this lock. A new passphrase wraps the same key again.
 * [LK6] Each wrong try makes the next one wait: from the third, 2 s and twice as long each time, at most 5 minutes. The count is on
 *       the disk, so that loading the page again does not help. It protects against people at the screen, not against who has the files.
 */
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../base/bytes';
import { deriveKey } from '../base/hash';
import { err, ok, type Result } from '../base/result';
import type { Crypto, Random, Storage, StorageError } from '../ports';
import { SEALED } from './sealed';

/** `sealing`, `opening`: rows go over; whoever opens the lock goes on with it. */
export type LockState = 'sealing' | 'on' | 'opening';
type Wrapped = { readonly nonce: string; readonly key: string };
export type PassphraseWay = Wrapped & { readonly salt: string; readonly rounds: number };
/** `credential`, `input`: what the page asks the passkey with, base64url. */
export type PasskeyWay = Wrapped & { readonly credential: string; readonly input: string };
export type LockHead = {
  readonly state: LockState;
  readonly passphrase?: PassphraseWay;
  readonly passkey?: PasskeyWay;
  /** Locks itself after so many minutes without a touch; absent: never. */
  readonly afterMinutes?: number;
};
/** What a person opens it with. `secret`: 32 bytes that the passkey gave. */
export type LockSecret = { readonly passphrase: string } | { readonly secret: Uint8Array };

export const ROUNDS = 800_000;
const MIN_ROUNDS = 600_000;
const MAX_ROUNDS = 10_000_000;
const MAX_AFTER_MINUTES = 24 * 60;
const HEAD = `${SEALED}head`;
const TRIES = `${SEALED}tries`;

// --- Ways ------------------------------------------------------------------------------------------------------

const wrapKeyOf = async (crypto: Crypto, secret: LockSecret, salt: Uint8Array, rounds: number): Promise<Uint8Array> =>
  'passphrase' in secret
    ? crypto.stretch(secret.passphrase.normalize('NFKC'), salt, rounds)
    : deriveKey(secret.secret, salt, 'lgos/lock/passkey/1');
const bound = (kind: 'passphrase' | 'passkey'): Uint8Array => utf8(`lgos/lock/wrap/1/${kind}`);

export const wrapForPassphrase = async (
  crypto: Crypto,
  random: Random,
  profileKey: Uint8Array,
  passphrase: string,
  rounds = ROUNDS,
): Promise<PassphraseWay> => {
  const salt = random.bytes(16);
  const nonce = random.bytes(12);
  const wrapping = await wrapKeyOf(crypto, { passphrase }, salt, rounds);
  const key = await crypto.seal(wrapping, nonce, profileKey, bound('passphrase'));
  return { salt: toBase64Url(salt), rounds, nonce: toBase64Url(nonce), key: toBase64Url(key) };
};
export const wrapForPasskey = async (
  crypto: Crypto,
  random: Random,
  profileKey: Uint8Array,
  passkey: { readonly credential: string; readonly input: string; readonly secret: Uint8Array },
): Promise<PasskeyWay> => {
  const { credential, input, secret } = passkey;
  const nonce = random.bytes(12);
  const wrapping = await wrapKeyOf(crypto, { secret }, fromBase64Url(input) as Uint8Array, 0);
  const key = await crypto.seal(wrapping, nonce, profileKey, bound('passkey'));
  return { credential, input, nonce: toBase64Url(nonce), key: toBase64Url(key) };
};

/** The profile key, or `undefined` where the secret is not the one, or the lock has no such way. */
export const unwrap = async (crypto: Crypto, head: LockHead, secret: LockSecret): Promise<Uint8Array | undefined> => {
  const kind = 'passphrase' in secret ? 'passphrase' : 'passkey';
  const way = head[kind];
  if (!way) return undefined;
  const salt = fromBase64Url('salt' in way ? way.salt : way.input) as Uint8Array;
  const wrapping = await wrapKeyOf(crypto, secret, salt, 'rounds' in way ? way.rounds : 0);
  const [nonce, key] = [fromBase64Url(way.nonce), fromBase64Url(way.key)] as [Uint8Array, Uint8Array];
  return crypto.open(wrapping, nonce, key, bound(kind));
};

// --- The head on the disk -------------------------------------------------------------------------------------------

const STATES: readonly unknown[] = ['sealing', 'on', 'opening'];
const isBytes = (value: unknown, min: number, max: number): value is string => {
  const length = typeof value === 'string' && value.length < 4_096 ? fromBase64Url(value)?.length : undefined;
  return length !== undefined && length >= min && length <= max;
};
const isWrapped = ({ nonce, key }: Record<string, unknown>): boolean => isBytes(nonce, 12, 12) && isBytes(key, 48, 48);
const isPassphrase = (way: Record<string, unknown>): boolean =>
  isWrapped(way) &&
  isBytes(way.salt, 16, 16) &&
  Number.isSafeInteger(way.rounds) &&
  (way.rounds as number) >= MIN_ROUNDS &&
  (way.rounds as number) <= MAX_ROUNDS;
const isPasskey = (way: Record<string, unknown>): boolean =>
  isWrapped(way) && isBytes(way.credential, 1, 1_024) && isBytes(way.input, 32, 32);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** `undefined` for anything that is no head. */
export const decodeHead = (bytes: Uint8Array): LockHead | undefined => {
  let head: unknown;
  try {
    head = JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined;
  }
  if (!isObject(head) || !STATES.includes(head.state)) return undefined;
  const { passphrase, passkey, afterMinutes: after } = head;
  if (passphrase === undefined && passkey === undefined) return undefined;
  if (passphrase !== undefined && !(isObject(passphrase) && isPassphrase(passphrase))) return undefined;
  if (passkey !== undefined && !(isObject(passkey) && isPasskey(passkey))) return undefined;
  if (after !== undefined && !isAfter(after)) return undefined;
  return head as unknown as LockHead;
};
export const isAfter = (minutes: unknown): minutes is number =>
  Number.isSafeInteger(minutes) && (minutes as number) >= 1 && (minutes as number) <= MAX_AFTER_MINUTES;

/** Nothing where the profile has no lock; an error where it had one and its head is gone or damaged. */
export const readHead = async (storage: Storage): Promise<Result<LockHead | undefined, 'damaged'>> => {
  const bytes = await storage.read('local', HEAD);
  if (!bytes)
    return (await storage.list('local', `${SEALED}n/`, undefined, 1)).length > 0 ? err('damaged') : ok(undefined);
  const head = decodeHead(bytes);
  return head ? ok(head) : err('damaged');
};
/** Strictly, and with it everything that was written before. `undefined` removes the lock. */
export const writeHead = (storage: Storage, head: LockHead | undefined): Promise<Result<void, StorageError>> =>
  storage.write(
    head
      ? [{ table: 'local', key: HEAD, value: utf8(JSON.stringify(head)) }]
      : [
          { table: 'local', key: HEAD },
          { table: 'local', key: TRIES },
        ],
    'strict',
  );

// --- Wrong tries -----------------------------------------------------------------------------------------------------

export type Tries = { readonly wrong: number; readonly at: number };
const FREE = 2;
const MAX_WAIT_MS = 5 * 60_000;

/** How long the next try has to wait, in milliseconds. A clock that was put back does not make it longer than the wait itself. */
export const waitOf = ({ wrong, at }: Tries, now: number): number => {
  const wait = wrong <= FREE ? 0 : Math.min(MAX_WAIT_MS, 1_000 * 2 ** (wrong - FREE));
  return Math.max(0, Math.min(wait, at + wait - now));
};
export const readTries = async (storage: Storage): Promise<Tries> => {
  try {
    const { wrong, at } = JSON.parse(fromUtf8((await storage.read('local', TRIES)) ?? utf8('{}'))) as Partial<Tries>;
    if (Number.isSafeInteger(wrong) && Number.isSafeInteger(at)) return { wrong: wrong as number, at: at as number };
  } catch {
    // Counted anew.
  }
  return { wrong: 0, at: 0 };
};
export const writeTries = (storage: Storage, tries: Tries): Promise<Result<void, StorageError>> =>
  storage.write([{ table: 'local', key: TRIES, value: utf8(JSON.stringify(tries)) }], 'strict');
