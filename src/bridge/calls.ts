/**
 * The names of all calls, and which of them change something. A `write` carries a command id, and a second arrival of
 * the same id gets the first one's answer; a `read` may simply run again.
 */
import type { KernelCalls, Refusal } from './messages';
import type { Patch } from './patch';

export const CALLS: Readonly<Record<keyof KernelCalls, 'read' | 'write'>> = Object.freeze({
  ready: 'read',
  me: 'read',
  setName: 'write',
  spaces: 'read',
  createSpace: 'write',
  invite: 'write',
  revokeInvite: 'write',
  readInvite: 'read',
  join: 'write',
  admit: 'write',
  leave: 'write',
  members: 'read',
  setRole: 'write',
  grant: 'write',
  remove: 'write',
  commands: 'read',
  run: 'write',
  queries: 'read',
  query: 'read',
  documentText: 'read',
  insertText: 'write',
  deleteText: 'write',
  stateHash: 'read',
  heads: 'read',
  durability: 'read',
  peers: 'read',
  setOnline: 'write',
  exportKeys: 'read',
  importKeys: 'write',
  putFile: 'write',
  getFile: 'read',
  exportSpace: 'read',
  beginExport: 'read',
  exportPiece: 'read',
  importBundle: 'write',
  explain: 'read',
  stats: 'read',
} as const);
export type CallName = keyof KernelCalls;
export const CALL_NAMES = Object.keys(CALLS) as readonly CallName[];
export const isCallName = (name: unknown): name is CallName => typeof name === 'string' && Object.hasOwn(CALLS, name);

/** What a call came to. A refusal is a value on the way, and rejects only at the caller. */
export type Answer = { readonly value: unknown } | { readonly refused: Refusal };

export const refusalOf = (type: string, message: string, safe: string, next: string): Refusal => ({
  type,
  message,
  safe,
  next,
});

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' &&
  value !== null &&
  ['type', 'message', 'safe', 'next'].every((key) => typeof (value as Record<string, unknown>)[key] === 'string');

/** What the kernel threw, as a refusal: its own one, or a bug with its text. */
export const asRefusal = (fault: unknown): Refusal =>
  isRefusal(fault)
    ? refusalOf(fault.type, fault.message, fault.safe, fault.next)
    : refusalOf(
        'internal',
        fault instanceof Error ? fault.message : 'Something went wrong inside LGOS.',
        'Everything that was shown as saved is kept.',
        'Try again; if it happens again, reload the page.',
      );

/**
 * Answers to writes, by command id, kept by the storage of a profile: a write that the last leader finished and did not
 * answer is not done twice by the next one. `put` resolves when it is kept.
 */
export type Seen = {
  get(commandId: string): Promise<Answer | undefined>;
  put(commandId: string, answer: Answer): Promise<void>;
};

// --- Messages of the live lane ---------------------------------------------------------------------------------

/** From a page. `session` is the one of the last `hello`. */
export type ToKernel =
  | { readonly type: 'knock' }
  | { readonly type: 'watch'; readonly id: number; readonly name: string; readonly args: unknown }
  | { readonly type: 'unwatch'; readonly id: number }
  | { readonly type: 'open'; readonly id: number; readonly documentId: string }
  | { readonly type: 'push'; readonly id: number; readonly session: string; readonly update: Uint8Array }
  | { readonly type: 'presence'; readonly id: number; readonly session: string; readonly state: unknown }
  | { readonly type: 'close'; readonly id: number }
  | { readonly type: 'seen'; readonly session: string; readonly batch: number };

export type LiveItem =
  | { readonly type: 'answer'; readonly id: number; readonly patch: Patch }
  | { readonly type: 'failed'; readonly id: number; readonly refusal: Refusal }
  | { readonly type: 'opened'; readonly id: number; readonly clientId: number; readonly state: Uint8Array }
  | { readonly type: 'updated'; readonly id: number; readonly update: Uint8Array }
  | { readonly type: 'presence'; readonly id: number; readonly rows: readonly unknown[] }
  | { readonly type: 'refused'; readonly id: number; readonly refusal: Refusal };
/** To a page. A batch is answered with `seen`; the next one waits for that, so a sleeping page holds up nothing. */
export type ToPage =
  | { readonly type: 'hello'; readonly session: string }
  | { readonly type: 'batch'; readonly session: string; readonly batch: number; readonly items: readonly LiveItem[] };
