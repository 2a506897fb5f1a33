/** What the sync chip may say. Pure. Rule: "safe" and "held" come from signed receipts alone; silence is never good news. */
import type { HealthLevel, HostRefusal, SyncAnswer } from '../../bridge/messages';
import type { Holder } from '../kit/marks';

export type SyncWord =
  | { readonly say: 'checking' }
  | { readonly say: 'readOnly' }
  | { readonly say: 'offline'; readonly waiting: number }
  | { readonly say: 'island'; readonly nodes: number; readonly waiting: number }
  | { readonly say: 'history'; readonly percent: number }
  | { readonly say: 'waiting'; readonly waiting: number }
  | { readonly say: 'onlyHere' }
  | { readonly say: 'thin' }
  | { readonly say: 'safe' };

/** Of a space that too few others have whole nobody is told that it is safe, whatever becomes of their own changes. */
export function syncWord(sync: SyncAnswer | undefined, health?: HealthLevel | null): SyncWord {
  if (sync === undefined) return { say: 'checking' };
  if (sync.readOnly !== null) return { say: 'readOnly' };
  if (!sync.online) return { say: 'offline', waiting: sync.waiting };
  if (sync.island !== null) return { say: 'island', nodes: sync.island, waiting: sync.waiting };
  const percent = checkedPercent(sync);
  if (percent !== null && sync.waiting === 0) return { say: 'history', percent };
  const receipts = sync.holders.some((holder) => holder.receiptAt !== null);
  if (sync.safe && receipts) return { say: health === 'red' ? 'thin' : 'safe' };
  if (!receipts) return { say: 'onlyHere' };
  return { say: 'waiting', waiting: sync.waiting };
}

/** A holder is solid when it has given a receipt and lacks none of the person's own changes. */
export const holdersOf = (sync: SyncAnswer | undefined): readonly Holder[] =>
  (sync?.holders ?? []).map((holder) => ({
    kind: holder.kind,
    holds: holder.receiptAt !== null && holder.behind === 0,
  }));

/** How much of the history behind what is shown is here, 0 to 99; null when what is shown comes from it. */
export const checkedPercent = (sync: SyncAnswer | undefined): number | null =>
  sync?.history ? Math.min(99, Math.floor((100 * sync.history.here) / Math.max(1, sync.history.total))) : null;

/** Whether a join code may change the beacon's answer. */
export const endsByCode = (refusal: HostRefusal): boolean => refusal === 'needsCode' || refusal === 'wrongCode';

/** A clock off by more than a minute is worth a word. In minutes, rounded up; null when there is nothing to say. */
export function clockOffMinutes(sync: SyncAnswer | undefined): number | null {
  const offset = sync?.clockOffsetMs ?? null;
  return offset === null || Math.abs(offset) <= 60_000
    ? null
    : Math.sign(offset) * Math.ceil(Math.abs(offset) / 60_000);
}
