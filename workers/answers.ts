/**
 * Answers to writes by command id, in the storage of the profile: the last thousand, in as many slots, so that it never
 * grows. See `Seen` in src/bridge/calls.ts for what they are for.
 */
import { fromUtf8, utf8 } from '../src/base/bytes';
import { type Answer, isRefusal, type Seen } from '../src/bridge/calls';
import type { Storage } from '../src/ports';

const SLOTS = 1_000;
const PREFIX = 'answer/';
const keyOf = (turn: number): string => `${PREFIX}${String(turn % SLOTS).padStart(4, '0')}`;

type Kept = { readonly commandId: string; readonly turn: number; readonly answer: Answer };

const readKept = (bytes: Uint8Array): Kept | undefined => {
  try {
    const { commandId, turn, answer } = JSON.parse(fromUtf8(bytes)) as Partial<Record<keyof Kept, unknown>>;
    if (typeof commandId !== 'string' || !Number.isSafeInteger(turn) || typeof answer !== 'object' || !answer)
      return undefined;
    if ('refused' in answer)
      return isRefusal(answer.refused)
        ? { commandId, turn: turn as number, answer: { refused: answer.refused } }
        : undefined;
    return { commandId, turn: turn as number, answer: { value: (answer as { value?: unknown }).value } };
  } catch {
    return undefined;
  }
};

export const openSeen = async (storage: Storage): Promise<Seen> => {
  const answers = new Map<string, Answer>();
  const idBySlot = new Map<string, string>();
  let turn = 0;
  for (const { key, value } of await storage.list('outbox', PREFIX, undefined, SLOTS)) {
    const kept = readKept(value);
    if (!kept) continue;
    answers.set(kept.commandId, kept.answer);
    idBySlot.set(key, kept.commandId);
    turn = Math.max(turn, kept.turn);
  }
  return {
    get: async (commandId) => answers.get(commandId),
    put: async (commandId, answer) => {
      const key = keyOf(++turn);
      const kept: Kept = { commandId, turn, answer };
      const replaced = idBySlot.get(key);
      if (replaced !== undefined) answers.delete(replaced);
      answers.set(commandId, answer);
      idBySlot.set(key, commandId);
      // A write that fails here costs at most a second run after a take-over; the answer itself stands.
      await storage.write([{ table: 'outbox', key, value: utf8(JSON.stringify(kept)) }], 'relaxed');
    },
  };
};
