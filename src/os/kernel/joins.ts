/**
 * All joining that goes on at this node, by space: begun from a link, taken further by each link and each change of rights,
 * and waited for; also after the next start, since whoever has to consent may take days. What one joining does, step by
 * step, is in `joining.ts`.
 */
import { equalBytes, fromUtf8, utf8 } from '../../base/bytes';
import type { JoinRow } from '../../bridge/messages';
import type { SpaceId } from '../../vm/op/ids';
import type { Answered } from '../rights/greet';
import { type InviteLink, inviteRoomKeyOf, readLink, writeLink } from '../rights/invite';
import { refusal } from '../schema/define';
import type { KernelContext } from './context';
import { Joining, whyNotJoined } from './joining';
import type { Link } from './link';
import type { Network } from './network';
import type { Space } from './space';

/** In the vault: the links that are being followed. */
const KEPT = 'joining/';
const MAX_KEPT = 32;

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
    const held = this.spaces.get(value.space)?.replica;
    if (held && held.rights.role(identity.user, held.now()) !== 'none') return { id: value.space };
    if (value.expires < this.context.time.now()) throw whyNotJoined('expired');
    const before = this.#joins.get(value.space);
    const goesOn = before && before.step !== 'failed' && equalBytes(before.link.secret, value.secret);
    const joining = goesOn ? before : await this.#begin(value);
    let cancel = (): void => {};
    const timeout = new Promise<never>((_, reject) => {
      cancel = this.context.ports.clock.after(timeoutMs, () => reject(lateness(joining.step)));
    });
    try {
      await Promise.race([joining.settled, timeout]);
    } finally {
      cancel();
    }
    return { id: value.space };
  }

  /** Goes on with what was not ended at the last stop. */
  async load(): Promise<void> {
    const { vault } = this.context.ports;
    for (const name of (await vault.list(KEPT)).slice(0, MAX_KEPT)) {
      const kept = await vault.get(name);
      const link = kept && readLink(fromUtf8(kept));
      if (link?.ok && link.value.expires >= this.context.time.now()) await this.#begin(link.value);
      else await vault.remove(name);
    }
  }

  async #begin(link: InviteLink): Promise<Joining> {
    const { vault, log } = this.context.ports;
    const space = await this.events.keep(link.space);
    const name = KEPT + link.space;
    await vault.put(name, utf8(writeLink('', link)));
    const joining = new Joining(this.context, this.network, space, link, this.events);
    this.#joins.set(link.space, joining);
    joining.settled
      .catch(() => {})
      .then(() => (this.#joins.get(link.space) === joining ? vault.remove(name) : undefined))
      .catch((fault) => log('fault', { message: String(fault) }));
    // The log may be here already.
    void joining.advance();
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

  /** What somebody linked says of our greeting. */
  refused(space: SpaceId, refused: Answered): void {
    this.#joins.get(space)?.refused(refused);
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
      .filter(({ step }) => step !== 'live' && step !== 'failed')
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
