/**
 * A beacon's side of hosting: whom it keeps spaces for, and what it does when it is asked to. A stranger's rights log is
 * judged by the same door as everything else; only a space that names this beacon is kept. What a tab does is in `tenancy.ts`.
 */
import { decode, encode, type Malformed } from '../../base/codec';
import type { Result } from '../../base/result';
import type { Channel } from '../../ports';
import { decodeEntry } from '../../vm/op/entry';
import type { SpaceId } from '../../vm/op/ids';
import { hostAnswerCodec } from '../../vm/sync/messages';
import { aclBodyCodec } from '../rights/acl';
import type { KernelContext } from './context';
import type { Link } from './link';
import type { Space } from './space';

/** Whom a beacon keeps spaces for. `known`: people who showed the join code before. */
export type HostingPolicy = {
  readonly hosting: 'open' | 'code' | 'listed';
  readonly joinCode: string;
  readonly listed: readonly string[];
  readonly quotaBytes: number;
  readonly maxSpaces: number;
  /** The link comes from a page that this machine serves to itself. */
  readonly isLocal: (channel: Channel<Uint8Array>) => boolean;
};
export type HostReason = 'none' | 'notInvited' | 'quota' | 'badRights' | 'tooMany';

/** Pure: may this be hosted? */
export const hostingAllowed = (
  policy: HostingPolicy,
  ask: { space: SpaceId; joinCode: string; user: string; local: boolean; known: boolean; spaces: number },
): HostReason => {
  if (ask.spaces >= policy.maxSpaces) return 'tooMany';
  if (policy.hosting === 'open') return 'none';
  if (policy.hosting === 'listed')
    return policy.listed.includes(ask.space) || policy.listed.includes(ask.user) ? 'none' : 'notInvited';
  return ask.local || ask.known || sameText(ask.joinCode, policy.joinCode) ? 'none' : 'notInvited';
};
const sameText = (a: string, b: string): boolean => {
  const plain = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const [x, y] = [plain(a), plain(b)];
  let difference = x.length ^ y.length;
  for (let i = 0; i < y.length; i++) difference |= y.charCodeAt(i) ^ (x.charCodeAt(i) || 0);
  return difference === 0 && y.length > 0;
};

const answerHost = (link: Link, space: SpaceId, reason: HostReason): void => {
  link.send('hostAnswer', encode(hostAnswerCodec, { space, accepted: reason === 'none', reason }));
};

/** The creator of the space that a genesis entry founds, before anything of it is believed. */
const founderOf = (encoded: Uint8Array | undefined): { user: string; space: SpaceId } | undefined => {
  const entry = encoded && decodeEntry(encoded);
  const body: Result<{ acts: readonly { type: string }[] }, Malformed> | undefined = entry?.ok
    ? decode(aclBodyCodec, entry.value.body)
    : undefined;
  const act = body?.ok ? body.value.acts[0] : undefined;
  if (!entry?.ok || act?.type !== 'genesis') return undefined;
  return {
    user: (act as unknown as { certificate: { user: string } }).certificate.user,
    space: entry.value.header.space,
  };
};

export type HostAsk = { space: SpaceId; joinCode: string; rights: readonly Uint8Array[] };
export type HostedSpaces = {
  readonly spaces: ReadonlyMap<SpaceId, Space>;
  /** Opens a space that is not to be kept yet. */
  open(space: SpaceId): Promise<Space>;
  drop(space: SpaceId): void;
  /** The space is kept from now on: all links are told. */
  kept(space: Space): void;
};

export class Hosting {
  /** People who showed the join code before. */
  readonly #knownHosts = new Set<string>();
  /** One at a time: nobody is told of a space that is still being judged. */
  #turns: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly context: KernelContext,
    private readonly policy: HostingPolicy | undefined,
    private readonly hosted: HostedSpaces,
  ) {}

  async load(): Promise<void> {
    for (const { key } of await this.context.ports.storage.list('local', 'host/')) this.#knownHosts.add(key.slice(5));
  }

  asked(link: Link, ask: HostAsk): Promise<void> {
    const turn = this.#turns.then(() => this.#judge(link, ask));
    this.#turns = turn.catch(() => {});
    return turn;
  }
  async #judge(link: Link, ask: HostAsk): Promise<void> {
    const { policy, hosted } = this;
    const founder = founderOf(ask.rights[0]);
    if (!policy || !founder || founder.space !== ask.space) return answerHost(link, ask.space, 'badRights');
    if (hosted.spaces.has(ask.space)) return answerHost(link, ask.space, 'none');
    const reason = hostingAllowed(policy, {
      space: ask.space,
      joinCode: ask.joinCode,
      user: founder.user,
      local: link.options.local ?? false,
      known: this.#knownHosts.has(founder.user),
      spaces: hosted.spaces.size,
    });
    if (reason !== 'none') {
      this.context.count(`hosting.${reason}`);
      return answerHost(link, ask.space, reason);
    }
    const space = await hosted.open(ask.space);
    await space.receive(ask.rights, undefined);
    if (!space.replica.rights.relays().has(this.context.device.device)) {
      hosted.drop(ask.space);
      await space.forget();
      this.context.count('hosting.badRights');
      return answerHost(link, ask.space, 'badRights');
    }
    this.#knownHosts.add(founder.user);
    const { ports } = this.context;
    await ports.storage.write(
      [
        { table: 'local', key: `space/${ask.space}`, value: new Uint8Array([1]) },
        { table: 'local', key: `host/${founder.user}`, value: new Uint8Array([1]) },
      ],
      'strict',
    );
    ports.log('hosting', { space: ask.space.slice(0, 8) });
    answerHost(link, ask.space, 'none');
    hosted.kept(space);
  }
}
