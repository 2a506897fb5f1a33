/**
 * How two nodes that hold many logs of a space find those that differ: by a sketch (`vm/sync/sketch.ts`) of the device with the lower
 * id, from which the other tells what differs; it names that, and each sends what the other lacks. What a sketch cannot tell is
 * told log by log, in parts.
 *
 * CP1 up to `FEW` logs a list of all is sent: it is short, exact, and one round.
 * CP2 a round costs at most `MAX_SYMBOLS` symbols, in batches of a size that is known before; one begins at most each second.
 * CP3 what both hold is frozen while a round lasts: what comes meanwhile is for the next.
 */
import { toHex } from '../../base/bytes';
import { encode, type ValueOf } from '../../base/codec';
import type { Clock } from '../../ports';
import type { Tip } from '../../vm/journal/log';
import { type DeviceId, type LogId, ZERO_ENTRY } from '../../vm/op/ids';
import { MAX_COMPARED, rangeCodec, shortVectorCodec, sketchAskCodec, sketchCodec } from '../../vm/sync/messages';
import { drawWith, type LogName, nameOf, type RoundDraw, roundKey } from '../../vm/sync/names';
import { apart, FIRST_SYMBOLS, type Item, MAX_SYMBOLS, symbolsOf, type WireSymbol } from '../../vm/sync/sketch';
import type { Session } from './session';

/** Who knows sketches says so in the handshake. */
export const SKETCHES = 4;
export const FEW = 256;
const ROUND_MS = 1_000;

type Round = {
  readonly number: number;
  readonly draw: RoundDraw;
  readonly items: readonly Item[];
  readonly logs: ReadonlyMap<LogName, readonly LogId[]>;
  /** Of the other side, so far; of ours, how many have left. */
  readonly symbols: WireSymbol[];
  sent: number;
};

/** Who compares. */
export type Compares = { readonly device: DeviceId; count(name: string): void };

const LAST_LOG = 'f'.repeat(64) as LogId;
const FIRST_LOG = '0'.repeat(64) as LogId;
/** Of the batch after so many symbols. */
const nextBatch = (symbols: number): number => Math.min(MAX_SYMBOLS - symbols, Math.max(FIRST_SYMBOLS, symbols));

export class Comparing {
  #round: Round | undefined;
  #roundAt = Number.NEGATIVE_INFINITY;
  #isDue = false;

  constructor(
    private readonly session: Session,
    private readonly clock: Clock,
    private readonly me: Compares,
  ) {}

  get isKnown(): boolean {
    return this.session.link.ready?.features.includes(SKETCHES) === true;
  }
  /** Begins to compare where a list would be long; false where one is to be sent. `met`: the other side begins as well. */
  begin(met: boolean): boolean {
    const { session } = this;
    if (!this.isKnown || !session.mayRead || session.space.replica.logs.size <= FEW) return false;
    if (this.#draws && !met) this.#draw();
    if (!this.#draws) session.send('sketchAsk', encode(sketchAskCodec, { round: 0, from: 0 }));
    return true;
  }
  /** All logs, or those in a range, by name. */
  tellAll(answer: boolean, from = FIRST_LOG, to = LAST_LOG): void {
    const { replica } = this.session.space;
    const lines = replica
      .tips()
      .filter(({ log }) => log >= from && log <= to)
      .sort((a, b) => (a.log < b.log ? -1 : a.log > b.log ? 1 : 0));
    let first = from;
    for (let at = 0; at === 0 || at < lines.length; ) {
      let end = Math.min(at + MAX_COMPARED, lines.length);
      // All branches of a log in one part.
      while (end < lines.length && end > at + 1 && lines[end]?.log === lines[end - 1]?.log) end--;
      const last = end >= lines.length ? to : (lines[end - 1]?.log as LogId);
      const logs = lines.slice(at, end);
      this.session.send('range', encode(rangeCodec, { answer, from: first, to: last, logs }));
      if (end >= lines.length) return;
      first = lines[end]?.log as LogId;
      at = end;
    }
  }
  rangeHeard({ answer, from, to, logs }: ValueOf<typeof rangeCodec>): void {
    const { session } = this;
    if (!session.mayRead) return session.sendVector(false);
    const own = [...session.space.replica.logs.keys()].filter((log) => log >= from && log <= to);
    const theirs = new Map<LogId, Tip[]>(own.map((log) => [log, []]));
    for (const { log, ...tip } of logs) theirs.get(log)?.push(tip);
    session.give(theirs);
    const lacks = logs.some(({ log, length, head }) => !session.space.replica.logs.get(log)?.has(head, length - 1));
    if (!answer && lacks) this.tellAll(true, from, to);
  }

  // --- The side that draws ---------------------------------------------------------------------------------------

  get #draws(): boolean {
    return this.me.device < this.session.device;
  }
  #draw(): void {
    const wait = this.#roundAt + ROUND_MS - this.clock.now();
    if (wait > 0 && wait <= ROUND_MS) {
      if (!this.#isDue) this.clock.after(wait, () => this.#drawDue());
      this.#isDue = true;
      return;
    }
    this.#roundAt = this.clock.now();
    this.#round = this.#roundOf((this.#round?.number ?? 0) + 1);
    this.#sendSymbols(this.#round);
  }
  #drawDue(): void {
    this.#isDue = false;
    if (!this.session.link.closed) this.#draw();
  }
  #sendSymbols(round: Round): void {
    const from = round.sent;
    round.sent += nextBatch(from);
    const symbols = symbolsOf(round.items, round.draw, from, round.sent);
    this.session.send('sketch', encode(sketchCodec, { round: round.number, from, symbols }));
  }
  asked({ round, from }: ValueOf<typeof sketchAskCodec>): void {
    if (!this.session.mayRead) return this.session.sendVector(false);
    if (!this.#draws) return this.me.count('ignored.sketchAsk');
    if (round === 0) return this.#draw();
    if (round !== this.#round?.number || from !== this.#round.sent || from >= MAX_SYMBOLS)
      return this.me.count('ignored.sketchAsk');
    this.#sendSymbols(this.#round);
  }

  // --- The side that takes apart ---------------------------------------------------------------------------------

  sketchHeard({ round, from, symbols }: ValueOf<typeof sketchCodec>): void {
    if (!this.session.mayRead) return this.session.sendVector(false);
    if (from === 0 && !this.#draws && this.#mayTakeApart()) this.#round = this.#roundOf(round);
    const current = this.#round;
    const isNext = current?.number === round && from === current.symbols.length && symbols.length === nextBatch(from);
    if (this.#draws || !current || !isNext) return this.me.count('ignored.sketch');
    current.symbols.push(...symbols);
    const found = apart(current.items, current.draw, current.symbols);
    if (found.type === 'found') {
      const names = [...new Set([...found.ours, ...found.theirs].map(nameOf))];
      if (names.length <= MAX_COMPARED) return this.#tell(current, false, names);
    } else if (current.symbols.length < MAX_SYMBOLS)
      return void this.session.send('sketchAsk', encode(sketchAskCodec, { round, from: current.symbols.length }));
    this.me.count('sketchGivenUp');
    this.tellAll(false);
  }

  // --- Both ------------------------------------------------------------------------------------------------------

  /** CP2. What was sent a second apart may come less apart. */
  #mayTakeApart(): boolean {
    const now = this.clock.now();
    if (Math.abs(now - this.#roundAt) < ROUND_MS / 2) return false;
    this.#roundAt = now;
    return true;
  }
  #roundOf(number: number): Round {
    const { space, link } = this.session;
    const [a, b] = (link.ready as NonNullable<typeof link.ready>).nonces;
    const nonces = toHex(a) < toHex(b) ? ([a, b] as const) : ([b, a] as const);
    const draw = drawWith(roundKey(nonces, space.id, number));
    const logs = new Map<LogName, LogId[]>();
    const items = space.replica.tips().map((line) => {
      const item = draw.item(line);
      const name = nameOf(item);
      const same = logs.get(name);
      if (!same) logs.set(name, [line.log]);
      else if (!same.includes(line.log)) same.push(line.log);
      return item;
    });
    return { number, draw, items, logs, symbols: [], sent: 0 };
  }
  #tell({ number, draw, logs }: Round, answer: boolean, names: readonly LogName[]): void {
    const none = { length: 0, head: new Uint8Array() };
    const lines = names.flatMap((name) => {
      const tips = (logs.get(name) ?? []).flatMap((log) => this.session.space.replica.logs.get(log)?.tips ?? []);
      const told = tips.map(({ length, head }) => ({ name, length, head: draw.head(head) }));
      return told.length > 0 ? told : [{ name, ...none }];
    });
    for (let at = 0; at < lines.length; at += MAX_COMPARED)
      this.session.send(
        'shortVector',
        encode(shortVectorCodec, { round: number, answer, logs: lines.slice(at, at + MAX_COMPARED) }),
      );
  }
  shortVectorHeard({ round, answer, logs }: ValueOf<typeof shortVectorCodec>): void {
    const { session } = this;
    if (!session.mayRead) return session.sendVector(false);
    const current = this.#round;
    if (current?.number !== round) return this.me.count('ignored.shortVector');
    const theirs = new Map<LogId, Tip[]>();
    const lacked = new Set<LogName>();
    for (const { name, length, head } of logs) {
      const named = current.logs.get(name) ?? [];
      if (named.length === 0 && length > 0) lacked.add(name);
      for (const id of named) {
        const tips = theirs.get(id) ?? [];
        theirs.set(id, tips);
        if (length === 0) continue;
        const wanted = toHex(head);
        const known = session.space.replica.logs
          .get(id)
          ?.slice(length - 1, length)
          .find((entry) => toHex(current.draw.head(entry.id)) === wanted);
        if (!known) lacked.add(name);
        tips.push({ length, head: known?.id ?? ZERO_ENTRY });
      }
    }
    session.give(theirs);
    if (!answer && lacked.size > 0) this.#tell(current, true, [...lacked]);
  }
}
