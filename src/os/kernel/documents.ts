/** Documents and channels that pages have open: each twin gets what the graph took in, and hands over what it made. */
import type { DocumentEvents, OpenDocument, Refusal } from '../../bridge/messages';
import type { ChangeSet } from '../../vm/graph/engine';
import { reviseText } from '../../vm/graph/revise';
import { contentShardOf, type NodeId, type ShardId, yjsClientIdOf } from '../../vm/op/ids';
import { refusal } from '../schema/define';
import type { KernelContext } from './context';
import { notHere } from './fetching';
import type { Presence } from './presence';
import { isAway } from './shelf';
import type { Space } from './space';

const MAX_TWINS = 256;

/** A twin that nobody has written through. */
export const newTwin = (
  { ports, device }: Pick<KernelContext, 'ports' | 'device'>,
  document: NodeId,
): { readonly n: number; readonly client: number } => {
  const n = ports.random.bytes(6).reduce((value, byte) => value * 256 + byte, 0);
  return { n, client: yjsClientIdOf(device.device, document, n) };
};

type Twin = { readonly space: Space; readonly document: NodeId; readonly events: DocumentEvents };

export class Documents {
  readonly #twins = new Set<Twin>();
  /** The twin that scripts write through, one a document; its edits go one after the other. */
  readonly #scripts = new Map<NodeId, { n: number; client: number; turn: Promise<unknown> }>();

  constructor(
    private readonly context: KernelContext,
    private readonly presence: Presence,
    /** What is open of a space is not what it was. */
    private readonly changed: (space: Space) => void,
  ) {}

  open(space: Space, document: NodeId, events: DocumentEvents): OpenDocument {
    if (this.#twins.size >= MAX_TWINS)
      throw refusal('tooMany', 'Too many documents are open.', 'Nothing was changed.', 'Close some of them.');
    if (isAway(space, document)) throw notHere;
    const { n, client } = newTwin(this.context, document);
    const twin: Twin = { space, document, events };
    this.#twins.add(twin);
    this.changed(space);
    const shard = contentShardOf(space.id, document);
    this.context.ports.clock.after(
      0,
      () => this.#twins.has(twin) && events.presence(this.presence.rows(space, document)),
    );
    return {
      clientId: client,
      state: space.replica.engine.documentUpdate(document),
      push: (update) => {
        void space.write(shard, 'content', [{ type: 'textUpdate', document, n, update }]).then((written) => {
          if (!written.ok && this.#twins.has(twin)) events.refused(written.error);
        });
      },
      setPresence: (state) => this.presence.set(space, document, state),
      close: () => {
        if (!this.#twins.delete(twin)) return;
        this.changed(space);
        if (![...this.#twins].some((other) => other.document === document)) this.presence.set(space, document, null);
      },
    };
  }

  folded(space: Space, changes: ChangeSet): void {
    if (changes.documents.size === 0 && changes.rebuilt.size === 0) return;
    for (const twin of [...this.#twins]) {
      if (twin.space !== space) continue;
      if (changes.rebuilt.has(twin.document)) {
        twin.events.refused(
          refusal(
            'rebuilt',
            'Some changes of this document do not count any more.',
            'Everything that counts is here.',
            'The document was opened anew.',
          ),
        );
        continue;
      }
      for (const update of changes.documents.get(twin.document) ?? []) twin.events.updated(update);
    }
  }
  presenceChanged(document: string): void {
    for (const twin of this.#twins)
      if (twin.document === document) twin.events.presence(this.presence.rows(twin.space, twin.document));
  }

  isOpen(document: NodeId): boolean {
    return [...this.#twins].some((twin) => twin.document === document);
  }

  /** Parts of a space that are open, what was opened last first. */
  partsOpen(space: Space): readonly ShardId[] {
    const open = [...this.#twins].flatMap((twin) => (twin.space === space ? twin.document : []));
    return [...new Set(open.reverse())].map((document) => contentShardOf(space.id, document));
  }

  /** An edit by index, as scripts make it. */
  edit(space: Space, document: NodeId, edit: { index: number; insert?: string; remove?: number }): Promise<void> {
    return this.#write(space, document, (client) => {
      const update = space.replica.engine.textEdit(document, edit, client);
      if (update.ok) return { update: update.value, gives: undefined };
      const { type, message, length } = update.error;
      throw refusal(type, message, 'Nothing was changed.', `The text has ${length} characters.`);
    });
  }

  /** Makes the text what it was: `to`, or back from `from` to it. Gives the text before and after, and what was left. */
  async revise(
    space: Space,
    document: NodeId,
    states: { readonly from?: Uint8Array; readonly to: Uint8Array },
  ): Promise<{ readonly before: Uint8Array; readonly after: Uint8Array; readonly left: number }> {
    const done = await this.#write(space, document, (client) => {
      const before = space.replica.engine.documentUpdate(document);
      const revision = reviseText(before, states, client);
      if (!revision.ok)
        throw refusal(revision.error.type, `This is ${revision.error.message}.`, 'Nothing was changed.', 'Copy it.');
      const { update, left, changed } = revision.value;
      return { update: changed ? update : undefined, gives: { before, left } };
    });
    return { ...done, after: space.replica.engine.documentUpdate(document) };
  }

  /** One edit after the other, through the twin of scripts. */
  #write<T>(
    space: Space,
    document: NodeId,
    make: (client: number) => { readonly update: Uint8Array | undefined; readonly gives: T },
  ): Promise<T> {
    const script = this.#scripts.get(document) ?? { ...newTwin(this.context, document), turn: Promise.resolve() };
    this.#scripts.set(document, script);
    const work = async (): Promise<T> => {
      // Of a text that is half here nobody knows where its ends are.
      if (isAway(space, document)) throw notHere;
      const { n, client } = script;
      const { update, gives } = make(client);
      if (!update) return gives;
      const written = await space.write(contentShardOf(space.id, document), 'content', [
        { type: 'textUpdate', document, n, update },
      ]);
      if (!written.ok) throw written.error satisfies Refusal;
      return gives;
    };
    const turn = script.turn.then(work);
    script.turn = turn.catch(() => {});
    return turn;
  }
}
