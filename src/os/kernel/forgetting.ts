/**
 * Spaces that a person is not in any more and wants gone from this device: entries, files, image, receipts, and the keys of
 * the space. It decides when; `Holdings` takes them away.
 *
 * FG1 only a space goes in which the person is not. Whoever comes back in before it went keeps it.
 * FG2 a space that they left goes once somebody else has shown that they know of it, or where nobody else was ever known to hold
 *     the space: else other devices of theirs would bring it back. The person may say that it goes all the same.
 * FG3 what was asked for is done after a restart too, and what was begun is ended, also when it failed in the middle.
 */
import { err, ok, type Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import type { EntryId, LogId, SpaceId } from '../../vm/op/ids';
import { refusal } from '../schema/define';
import type { KernelContext } from './context';
import type { Space } from './space';

const PREFIX = 'forget/';
const ASKED = 1;
const GOING = 2;
/** After a failure. */
const AGAIN_MS = 30_000;

type ForgettingFacts = {
  readonly spaces: ReadonlyMap<SpaceId, Space>;
  isArchived(space: SpaceId): boolean;
  /** Devices of this person find it in their list. */
  isListed(space: SpaceId): boolean;
  /** Takes it away from this device. */
  forget(space: Space): Promise<void>;
  changed(): void;
};

/** The end of a log. */
type Tip = { readonly log: LogId; readonly length: number; readonly head: EntryId };

const stillIn = refusal(
  'stillIn',
  'You are in this space.',
  'Nothing was removed.',
  'Leave it first; then it can be removed from this device.',
);

export class Forgetting {
  readonly #marks = new Map<SpaceId, typeof ASKED | typeof GOING>();
  /** Of which somebody has shown that they know. */
  readonly #told = new Set<SpaceId>();
  /** They were begun, and are not held any more. */
  readonly #going = new Map<SpaceId, Space>();
  #work: Promise<unknown> = Promise.resolve();
  #timer: (() => void) | undefined;

  constructor(
    private readonly context: Pick<KernelContext, 'ports' | 'identity' | 'device'>,
    private readonly facts: ForgettingFacts,
  ) {}

  /** FG3. */
  async load(): Promise<void> {
    for (const { key, value } of await this.context.ports.storage.list('local', PREFIX))
      this.#marks.set(key.slice(PREFIX.length) as SpaceId, value[0] === GOING ? GOING : ASKED);
    this.look();
  }
  stop(): void {
    this.#timer?.();
  }
  isAsked(space: SpaceId): boolean {
    return this.#marks.has(space);
  }

  /** It is not known yet whether others know. */
  waits(space: SpaceId): boolean {
    return this.#marks.get(space) === ASKED && !this.#told.has(space);
  }

  /** `now`: whether others know or not. Settles when it is gone, or kept in mind. */
  async ask(space: Space, now: boolean): Promise<Result<void, Refusal>> {
    if (this.#isIn(space)) return err(stillIn);
    await this.#mark(space.id, now ? GOING : ASKED);
    this.look();
    await this.#work;
    return ok(undefined);
  }

  /** What somebody has, by the ends of their logs; without those: all that is here. */
  compared(space: Space, logs?: readonly Tip[]): void {
    if (!this.#marks.has(space.id) || this.#told.has(space.id)) return;
    if (logs && !this.#isKnown(space, logs)) return;
    this.#told.add(space.id);
    this.look();
  }
  /** FG2: they have what ended the membership, on whichever device that was said; who names an end that is not here shows nothing. */
  #isKnown({ replica }: Space, logs: readonly Tip[]): boolean {
    const user = this.context.identity?.user;
    const word = user && replica.rights.right(user).word;
    const left = word && replica.entries.get(word.item.id);
    return logs.some(
      ({ log, length, head }) =>
        log === left?.log && length > left.header.seq && replica.logs.get(log)?.has(head, length - 1) === true,
    );
  }

  /** Rights changed, or the list of spaces, or somebody knows more. */
  look(): void {
    if (this.#marks.size === 0) return;
    this.#work = this.#work
      .then(() => this.#look())
      .catch((fault) => this.context.ports.log('fault', { message: String(fault), stack: (fault as Error)?.stack }));
  }
  async #look(): Promise<void> {
    for (const [id, mark] of [...this.#marks]) {
      const space = this.facts.spaces.get(id) ?? this.#going.get(id);
      if (space && this.#isIn(space)) await this.#unmark(id);
      else if (space && (mark === GOING || this.#mayGo(space))) await this.#go(space);
      else if (!space && mark === GOING) await this.#unmark(id);
    }
  }
  async #go(space: Space): Promise<void> {
    this.#going.set(space.id, space);
    try {
      await this.#mark(space.id, GOING);
      await this.facts.forget(space);
      await this.#unmark(space.id);
    } catch (fault) {
      const { clock, log } = this.context.ports;
      log('notForgotten', { space: space.id, message: String(fault) });
      this.#timer?.();
      this.#timer = clock.after(AGAIN_MS, () => this.look());
    }
  }

  /** FG1. */
  #isIn({ replica }: Space): boolean {
    const user = this.context.identity?.user;
    return user !== undefined && replica.rights.role(user, replica.now()) !== 'none';
  }
  /** FG2. */
  #mayGo(space: Space): boolean {
    const { rights, receipts } = space.replica;
    const user = this.context.identity?.user;
    if (this.facts.isArchived(space.id) || user === undefined) return true;
    if (this.facts.isListed(space.id)) return false;
    const isOwnWord = rights.right(user).word?.author === user;
    const others = [...receipts.keys()].some((device) => device !== this.context.device.device);
    const isAlone = !others && rights.members(space.replica.now()).size === 0;
    return !isOwnWord || isAlone || this.#told.has(space.id);
  }
  async #mark(id: SpaceId, mark: typeof ASKED | typeof GOING): Promise<void> {
    this.#marks.set(id, mark);
    const row = { table: 'local', key: PREFIX + id, value: Uint8Array.of(mark) } as const;
    await this.context.ports.storage.write([row], 'strict');
    this.facts.changed();
  }
  async #unmark(id: SpaceId): Promise<void> {
    this.#marks.delete(id);
    this.#told.delete(id);
    this.#going.delete(id);
    await this.context.ports.storage.write([{ table: 'local', key: PREFIX + id }], 'strict');
    this.facts.changed();
  }
}
