/**
 * From whom this node takes what it lacks of each space: the turns of `vm/sync/turns.ts`, with sessions as those who give. Who
 * cannot be held gives as ever. It reads no entry but for who wrote it.
 */
import { encode } from '../../base/codec';
import { claimedAuthor } from '../../vm/op/entry';
import type { SpaceId } from '../../vm/op/ids';
import { holdCodec, isFullBatch, TURNS } from '../../vm/sync/messages';
import { type TurnOutput, Turns } from '../../vm/sync/turns';
import type { Admission } from './admit';
import type { KernelContext } from './context';
import type { Session } from './session';

type Going = { readonly turns: Turns<Session>; stop: () => void };

export class Taking {
  readonly #going = new Map<SpaceId, Going>();

  constructor(
    private readonly context: KernelContext,
    private readonly sessions: (space: SpaceId) => readonly Session[],
  ) {}

  /** A message of entries was dealt with: `became` says what each of them became. */
  came(session: Session, entries: readonly Uint8Array[], became: readonly Admission[]): void {
    const { device } = session;
    const space = session.space.id;
    const isFull = isFullBatch(entries);
    if (!isFull && !this.#going.has(space)) return;
    let fresh = 0;
    for (const [i, entry] of entries.entries())
      if (became[i]?.type === 'admitted' && claimedAuthor(entry) !== device) fresh += entry.length;
    const { turns } = this.#of(space);
    this.#perform(space, turns.came(session, { fresh, isFull }, this.#others(space), this.#now));
  }
  /** It holds the space as well, and is about to be told what is lacking here. */
  met(session: Session): void {
    const giver = this.#going.get(session.space.id)?.turns.giver;
    if (giver && giver !== session && canBeHeld(session)) hold(session, true);
  }
  gone(session: Session): void {
    const space = session.space.id;
    const turns = this.#going.get(space)?.turns;
    if (turns) this.#perform(space, turns.gone(session, this.#others(space), this.#now));
  }
  closed(space: SpaceId): void {
    this.#going.get(space)?.stop();
    this.#going.delete(space);
  }
  close(): void {
    for (const space of [...this.#going.keys()]) this.closed(space);
  }

  get #now(): number {
    return this.context.ports.clock.now();
  }
  #of(space: SpaceId): Going {
    const going = this.#going.get(space) ?? { turns: new Turns(), stop: () => {} };
    this.#going.set(space, going);
    return going;
  }
  #others(space: SpaceId): readonly Session[] {
    return this.sessions(space).filter((session) => session.theirIndex !== undefined && canBeHeld(session));
  }
  #perform(space: SpaceId, outputs: readonly TurnOutput<Session>[]): void {
    for (const { type, peer } of outputs) {
      hold(peer, type === 'hold');
      if (type === 'ask') peer.sendVector(false);
      if (type === 'compare') peer.sendRoot();
    }
    this.#arm(space);
  }
  #arm(space: SpaceId): void {
    const going = this.#of(space);
    going.stop();
    const wait = going.turns.wakeAt - this.#now;
    if (wait === Number.POSITIVE_INFINITY) return;
    going.stop = this.context.ports.clock.after(Math.max(0, wait), () => {
      const chance = (this.context.ports.random.bytes(1)[0] ?? 0) / 256;
      this.#perform(space, going.turns.tick(this.#others(space), this.#now, chance));
    });
  }
}

const canBeHeld = ({ link }: Session): boolean => link.ready?.features.includes(TURNS) === true;
const hold = (session: Session, held: boolean): void => void session.send('hold', encode(holdCodec, { held }));
