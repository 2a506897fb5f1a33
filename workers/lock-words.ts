/** What pages may ask of a lock and how it refuses: the commands with their arguments, read as hostile. */
import { fromBase64Url } from '../src/base/bytes';
import type { Result } from '../src/base/result';
import { refusalOf } from '../src/bridge/calls';
import type { CommandInfo } from '../src/bridge/messages';
import type { LockSecret } from '../src/platform/lock';
import type { StorageError } from '../src/ports';

export const LOCK_QUERY = 'browser.lock';
export const MIN_PASSPHRASE = 8;
const MAX_PASSPHRASE = 1_000;
const text = { type: 'text', optional: true, max: MAX_PASSPHRASE } as const;
const OPENERS = { passphrase: text, secret: text };
export const COMMANDS: readonly CommandInfo[] = [
  { name: 'browser.unlock', args: OPENERS, describes: 'Open the lock of this profile' },
  {
    name: 'browser.turnOnLock',
    args: { passphrase: text, passkey: { type: 'json', optional: true } },
    describes: 'Encrypt what this browser keeps of the profile',
  },
  {
    name: 'browser.changeLock',
    args: {
      ...OPENERS,
      newPassphrase: text,
      newPasskey: { type: 'json', optional: true },
      remove: { type: 'text', optional: true, max: 10 },
    },
    describes: 'Open the lock in another way from now on; needs a present one',
  },
  { name: 'browser.turnOffLock', args: OPENERS, describes: 'Keep the profile without a lock again' },
  {
    name: 'browser.lockAfter',
    args: { minutes: { type: 'number', optional: true } },
    describes: 'Lock after so many minutes without a touch',
  },
  { name: 'browser.lockNow', args: {}, describes: 'Lock this profile in all tabs' },
  { name: 'browser.eraseProfile', args: {}, describes: 'Remove a locked profile from this browser' },
];
export const QUERY: CommandInfo = {
  name: LOCK_QUERY,
  args: {},
  describes: 'Whether the profile is locked, and how it is opened',
};

export const NOTHING_CHANGED = 'Nothing was changed.';
export const wrongSecret = refusalOf('wrongPassphrase', 'This does not open the lock.', NOTHING_CHANGED, 'Try again.');
export const badArgs = refusalOf(
  'badArguments',
  `A passphrase has ${MIN_PASSPHRASE} to ${MAX_PASSPHRASE} characters.`,
  NOTHING_CHANGED,
  'Choose another one.',
);
const notSaved = (fault: StorageError) =>
  refusalOf('notSaved', `This cannot be saved: ${fault.message}.`, 'Nothing was lost.', 'Try again.');
export const unwrapped = (result: Result<void, StorageError>): void => {
  if (!result.ok) throw notSaved(result.error);
};

export type Args = Readonly<Record<string, unknown>>;
export const isPassphrase = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= MIN_PASSPHRASE && value.length <= MAX_PASSPHRASE;
export const secretIn = ({ passphrase, secret }: Args): LockSecret => {
  if (typeof passphrase === 'string' && passphrase.length <= MAX_PASSPHRASE) return { passphrase };
  const bytes = typeof secret === 'string' && secret.length < 100 ? fromBase64Url(secret) : undefined;
  if (bytes?.length === 32) return { secret: bytes };
  throw wrongSecret;
};
/** A passkey as the page made it: what it is asked with, and what it answered. */
export const passkeyIn = (value: unknown): { credential: string; input: string; secret: Uint8Array } => {
  const { credential, input, secret } = (value ?? {}) as Args;
  const bytes = [credential, input, secret].map((part) =>
    typeof part === 'string' && part.length < 4_096 ? fromBase64Url(part) : undefined,
  );
  const [id, salt, answer] = bytes;
  if (!id?.length || salt?.length !== 32 || answer?.length !== 32) throw badArgs;
  return { credential: credential as string, input: input as string, secret: answer };
};
