/**
 * All joining that goes on at this node, by space: begun from a link, taken further by each link and each change of rights,
 * and waited for. What one joining does, step by step, is in `joining.ts`.
 */
import type { JoinRow } from '../../bridge/messages';
import type { SpaceId } from '../../vm/op/ids';
import { type InviteLink, inviteRoomKeyOf, readLink } from '../rights/invite';
import { refusal } from '../schema/define';
import type { KernelContext } from './context';
import { Joining } from './joining';
import type { Link } from './link';
import type { Network } from './network';
import type { Space } from './space';

export type JoinEvents = {
  /** Holds the space from now on. */
  keep(space: SpaceId): Promise<Space>;
  /** Where the link says that the space is to be found. */
  sought(link: InviteLink): void;
  changed(): void;
  joined(space: Space): Promise<void>;
};

export class Joins {
  readonly #joins = new Map<SpaceId, Joining>();

  constructor(
    private readonly context: KernelContext,
    private readonly network: Network,
    private readonly spaces: ReadonlyMap<SpaceId, Space>,
    private readonly events: JoinEvents,
  ) {}

  /** Settles when the space is here, or with the reason why it is not; joining goes on also after the timeout. */
  async join(url: string, timeoutMs: number): Promise<{ id: string }> {
    const link = readLink(url);
    const { identity } = this.context;
    if (!link.ok || !identity)
      throw refusal(
        'badLink',
        link.ok ? 'A beacon cannot join.' : link.error.message,
        'Nothing was changed.',
        'Copy the whole link and try again.',
      );
    const { value } = link;
    if (this.spaces.get(value.space)?.replica.rights.role(identity.user) !== 'none' && this.spaces.has(value.space))
      return { id: value.space };
    if (value.expires < this.context.time.now())
      throw refusal('expired', 'This invite has expired.', 'Nothing was changed.', 'Ask for a new link.');
    const before = this.#joins.get(value.space);
    const joining = before && before.step !== 'failed' ? before : await this.#begin(value);
    let cancel = (): void => {};
    const timeout = new Promise<never>((_, reject) => {
      cancel = this.context.ports.clock.after(timeoutMs, () => reject(lateness(joining.step)));
    });
    try {
      await Promise.race([joining.settled, timeout]);
    } finally {
      cancel();
    }
    await this.events.joined(joining.space);
    return { id: value.space };
  }

  async #begin(link: InviteLink): Promise<Joining> {
    const space = await this.events.keep(link.space);
    const joining = new Joining(this.context, this.network, space, link, () => this.events.changed());
    this.#joins.set(link.space, joining);
    this.events.sought(link);
    for (const linked of this.network.links) if (linked.ready) await joining.greet(linked);
    this.events.changed();
    return joining;
  }

  /** A link came up: whoever is there is shown the invites. */
  linked(link: Link): void {
    for (const joining of this.#joins.values()) void joining.greet(link);
  }
  /** Whoever is there has this space. */
  met(space: SpaceId, link: Link): void {
    void this.#joins.get(space)?.greet(link);
  }
  /** The rights log or the graph of the space moved. */
  advance(space: SpaceId): void {
    void this.#joins.get(space)?.advance();
  }

  has(space: SpaceId): boolean {
    return this.#joins.has(space);
  }
  /** Nobody who has it was found yet. */
  isSeeking(space: SpaceId): boolean {
    return this.#joins.get(space)?.step === 'seeking';
  }
  get rows(): readonly JoinRow[] {
    return [...this.#joins.values()].map(({ row }) => row);
  }
  /** Where those who made the invites are met. */
  roomKeys(): readonly Uint8Array[] {
    return [...this.#joins.values()]
      .filter(({ step }) => step !== 'live')
      .map(({ link }) => inviteRoomKeyOf(link.secret));
  }
}

const lateness = (step: JoinRow['step']) =>
  step === 'waitingForApproval'
    ? refusal(
        'waitingForApproval',
        'An Owner has to let you in.',
        'Your request is kept.',
        'Leave this page open; the space appears when you are let in.',
      )
    : refusal(
        'noAnswer',
        'Nobody who has this space could be reached.',
        'The invite was not used up.',
        'Check the connection. Joining goes on by itself while this page is open.',
      );
