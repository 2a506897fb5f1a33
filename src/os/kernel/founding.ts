/**
 * Founding a space: its genesis, its first key, its title, its founder's profile. And the first visit, on which a personal
 * space is founded with a welcome document in it, so that there is something to hold.
 */
import { type NodeId, type SpaceId, type SpaceKind, spaceIdOf } from '../../vm/op/ids';
import { defaultsOf } from '../rights/defaults';
import { makeEpoch } from '../rights/keyring';
import { SPACE } from '../schema/system';
import type { Commands } from './commands';
import type { KernelContext } from './context';
import { notYet, unwrap } from './refusals';
import type { Space } from './space';

/** First words of the welcome document, in the language of the page. */
export type Welcome = { readonly space: string; readonly title: string; readonly text: string };
export type FoundingEvents = {
  /** Holds the space from now on. */
  keep(space: SpaceId): Promise<Space>;
  founded(space: Space): void;
  /** This is the personal space from now on. */
  settled(space: Space): void;
  /** Puts text at the beginning of a document. */
  write(space: Space, document: NodeId, text: string): Promise<void>;
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
    const epoch = await makeEpoch(
      ports.crypto,
      ports.random,
      id,
      [{ user: identity.user, keyring: identity.keyring.publicKey }],
      [],
    );
    await ports.vault.put(`epoch/${id}/${epoch.act.epoch}`, epoch.key);
    const rules = defaultsOf(kind).map(({ key, value }) => ({ type: 'policy' as const, key, value }));
    unwrap(await space.act('epoch', [epoch.act, ...rules]));
    await this.commands.writeNode(space, SPACE, { title });
    await this.commands.writeProfile(space);
    this.events.founded(space);
    return space;
  }

  async settleIn(welcome: Welcome | undefined): Promise<void> {
    const space = await this.found('personal', welcome?.space ?? 'Personal');
    this.events.settled(space);
    await this.context.ports.vault.put('personal', this.context.bytesOf(space.id));
    if (!welcome || !this.context.registry.command('editor.createDocument')) return;
    const { id } = await this.commands.run('editor.createDocument', { spaceId: space.id, title: welcome.title });
    if (id) await this.events.write(space, id as NodeId, welcome.text);
  }
}
