/**
 * Founding a space: its genesis, its first key, its title, its founder's profile. And the first visit, on which a personal
 * space is founded with a welcome document in it, so that there is something to hold.
 */
import { encode } from '../../base/codec';
import { hlcOf, nextHlc } from '../../vm/op/clock';
import { encodeEntry } from '../../vm/op/entry';
import { aclShardOf, type SpaceId, type SpaceKind, spaceIdOf, ZERO_ENTRY, ZERO_EPOCH } from '../../vm/op/ids';
import { type HeaderDraft, signEntry } from '../../vm/op/seal';
import { aclBodyCodec } from '../rights/acl';
import { defaultsOf } from '../rights/defaults';
import { PERSONAL, vouch } from '../rights/identity';
import { makeEpoch } from '../rights/keyring';
import { type Founder, founderOf } from '../rights/seed';
import { SPACE } from '../schema/system';
import type { Commands } from './commands';
import type { KernelContext } from './context';
import { notYet, unwrap } from './refusals';
import type { Space } from './space';

/** First words of the welcome document, in the language of the page. */
export type Welcome = { readonly space: string; readonly title: string; readonly markdown: string };
export type FoundingEvents = {
  /** Holds the space from now on. */
  keep(space: SpaceId): Promise<Space>;
  founded(space: Space): void;
  /** This device names itself in a space that another founded. */
  certify(space: Space): Promise<void>;
  /** This is the personal space from now on. */
  settled(space: Space): void;
};

export class Founding {
  constructor(
    private readonly context: KernelContext,
    private readonly commands: Pick<Commands, 'run' | 'writeNode' | 'writeProfile'>,
    private readonly events: FoundingEvents,
  ) {}

  async found(kind: SpaceKind, title: string): Promise<Space> {
    const { identity, ports } = this.context;
    if (!identity) throw notYet('Founding a space on a beacon');
    const nonce = ports.random.bytes(32);
    const id = spaceIdOf(identity.user, identity.device, kind, nonce);
    const space = await this.events.keep(id);
    unwrap(
      await space.act('genesis', [
        { type: 'genesis', kind, nonce, roomKey: ports.random.bytes(32), certificate: identity.certificate },
      ]),
    );
    await this.#furnish(space, kind, title);
    return space;
  }

  /** The first key, the title, and who the founder is called. */
  async #furnish(space: Space, kind: SpaceKind, title: string): Promise<void> {
    const { identity, ports } = this.context;
    if (!identity) throw notYet('Founding a space on a beacon');
    if (!space.replica.currentEpoch()) {
      const people = [{ user: identity.user, keyring: identity.keyring.publicKey }];
      const epoch = await makeEpoch(ports.crypto, ports.random, space.id, people, []);
      await ports.vault.put(`epoch/${space.id}/${epoch.act.epoch}`, epoch.key);
      const rules = defaultsOf(kind).map(({ key, value }) => ({ type: 'policy' as const, key, value }));
      unwrap(await space.act('epoch', [epoch.act, ...rules]));
    }
    await this.commands.writeNode(space, SPACE, { title });
    await this.commands.writeProfile(space);
    this.events.founded(space);
  }

  /**
   * The personal space of a person with a seed, so that its id follows from the seed. Only where nothing of it was ever
   * held: two geneses of one founder would be a fork.
   */
  async #foundPersonal(title: string, founder: Founder): Promise<Space> {
    const { identity, ports, time } = this.context;
    if (!identity) throw notYet('Founding a space on a beacon');
    const space = await this.events.keep(founder.space);
    if (!space.replica.rights.genesis()) {
      const now = Math.max(0, Math.floor(time.now()));
      const certificate = await identity.certifies(founder.device, identity.keyring.publicKey, now);
      const { nonce, roomKey } = founder;
      // The founder's key follows from the phrase: it names the device that begins, and has no say of its own (ND1).
      const acts = [
        { type: 'genesis', kind: 'personal', nonce, roomKey, certificate } as const,
        await vouch(ports.crypto, founder, identity.user, identity.device),
      ];
      const header: HeaderDraft = {
        version: 1,
        suite: 1,
        class: 'system',
        kind: 'genesis',
        space: space.id,
        shard: aclShardOf(space.id),
        device: founder.device,
        incarnation: 0,
        seq: 0,
        prev: ZERO_ENTRY,
        hlc: nextHlc(time.now(), hlcOf(0)),
        aclRef: ZERO_ENTRY,
        epoch: ZERO_EPOCH,
        deps: [],
      };
      const body = encode(aclBodyCodec, { version: 1, heads: [], acts });
      const entry = await signEntry(ports.crypto, founder.key.handle, header, body);
      await space.receive([encodeEntry(entry)], undefined);
    }
    await this.events.certify(space);
    await this.#furnish(space, 'personal', title);
    return space;
  }

  async settleIn(welcome: Welcome | undefined): Promise<void> {
    const { identity, ports } = this.context;
    const title = welcome?.space ?? 'Personal';
    const space = identity?.seed
      ? await this.#foundPersonal(title, await founderOf(ports.crypto, identity.seed, identity.user))
      : await this.found('personal', title);
    this.events.settled(space);
    await this.context.ports.vault.put(PERSONAL, this.context.bytesOf(space.id));
    if (!welcome || !this.context.registry.command('editor.createDocument')) return;
    const { title: name, markdown } = welcome;
    await this.commands.run('editor.createDocument', { spaceId: space.id, title: name, markdown });
  }
}
