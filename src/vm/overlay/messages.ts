/**
 * What neighbours in a large space say beside entries, under feature 2 of the handshake. Logs have short names on a link, given by
 * whoever announces them, so that an announcement is some four bytes. Byte tables: docs/protocol/overlay.md.
 *
 * BC9 a sender names at most 4,096 logs on a link and never gives a name twice; a name that was not given is not understood.
 */
import { blob, flag, list, optional, record, type ValueOf, varint } from '../../base/codec';
import { type LogId, logIdCodec } from '../op/ids';
import { MAX_ANNOUNCED } from './broadcast';
import type { Ask } from './promises';

export const OVERLAY_FEATURE = 2;
/** Announcements as signaling carries them, sealed: who is there. */
export const MAX_TOLD = 8;
export const presenceCodec = list(blob(1_024), MAX_TOLD);
/** Whether the sender takes the other side as a neighbour. */
export const neighbourCodec = record({ taken: flag });
/** `log` with its first mention. `seq`: the last entry that the sender has. */
export const ihaveCodec = list(record({ name: varint, log: optional(logIdCodec), seq: varint }), MAX_ANNOUNCED);
/** Names are the receiver's. None: the sender wants to be served, and lacks nothing. */
export const graftCodec = list(record({ name: varint, from: varint, to: varint }), MAX_ANNOUNCED);
const MAX_NAMES = 4_096;

type Announcement = ValueOf<typeof ihaveCodec>;

/** The names of one link. */
export class LogNames {
  readonly #own = new Map<LogId, number>();
  readonly #theirs = new Map<number, LogId>();
  readonly #nameByTheirs = new Map<LogId, number>();
  #given = 0;

  /** `undo` where it was not sent: then the other side does not know the names that were new in it. */
  announce(logs: readonly { readonly log: LogId; readonly seq: number }[]): {
    readonly announcement: Announcement;
    undo(): void;
  } {
    const fresh: LogId[] = [];
    const announcement: Announcement[number][] = [];
    for (const { log, seq } of logs) {
      const known = this.#own.get(log);
      if (known === undefined && this.#given >= MAX_NAMES) continue;
      const name = known ?? this.#given++;
      this.#own.set(log, name);
      if (known === undefined) fresh.push(log);
      announcement.push({ name, log: known === undefined ? log : undefined, seq });
    }
    return {
      announcement,
      undo: () => {
        for (const log of fresh) this.#own.delete(log);
      },
    };
  }
  /** `undefined`: a name twice, or too many. */
  understand(announcement: Announcement): readonly { readonly log: LogId; readonly seq: number }[] | undefined {
    const understood: { log: LogId; seq: number }[] = [];
    for (const { name, log, seq } of announcement) {
      if (log !== undefined) {
        if (this.#theirs.has(name) || name >= MAX_NAMES) return undefined;
        this.#theirs.set(name, log);
        this.#nameByTheirs.set(log, name);
      }
      const named = this.#theirs.get(name);
      if (named !== undefined) understood.push({ log: named, seq });
    }
    return understood;
  }
  /** By the names of whoever announced them. */
  ask(asks: readonly Ask<LogId>[]): ValueOf<typeof graftCodec> {
    return asks.flatMap(({ log, from, to }) => {
      const name = this.#nameByTheirs.get(log);
      return name === undefined ? [] : [{ name, from, to }];
    });
  }
  /** What is asked of us. */
  asked(asks: ValueOf<typeof graftCodec>): readonly Ask<LogId>[] {
    return asks.flatMap(({ name, from, to }) => {
      for (const [log, own] of this.#own) if (own === name) return [{ log, from, to }];
      return [];
    });
  }
}
