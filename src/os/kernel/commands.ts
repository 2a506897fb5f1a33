/**
 * Running commands and queries by name: arguments are checked, a command's drafts are written, and whoever asked hears when
 * all is durable or why it is not. Also the few nodes that the kernel itself writes: a space's own and a person's profile.
 */
import type { Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import type { Op } from '../../vm/op/body';
import type { ShardId, SpaceId } from '../../vm/op/ids';
import { type Change, changesOf } from '../graph/undo';
import { createWriter, type Draft, type DraftWriter } from '../graph/writer';
import { type Followed, type GraphNode, refusal, type Value, type View, type Writer } from '../schema/define';
import { checkArgs } from '../schema/registry';
import { COVER, PROFILE } from '../schema/system';
import type { KernelContext } from './context';
import type { CoverDue } from './covers';
import { newTwin } from './documents';
import { unwrap } from './refusals';
import type { Space } from './space';
import { type Committed, Undoing } from './undoing';

/** Ops that one draft hands over at once: what an entry holds. */
const MAX_OPS = 256;

export class Commands {
  readonly undoing: Undoing;

  constructor(
    private readonly context: KernelContext,
    private readonly view: View,
    /** Throws for a space that is not held. */
    private readonly space: (id: string) => Space,
    /** Why this device cannot save any more. */
    private readonly readOnly: () => string | null,
    /** What can be taken back in a session changed. */
    undoableChanged: (session: string) => void,
    /** Somebody asks for what an object's text says, or for what its changes say. */
    private readonly textAsked: (object: string, changes: boolean) => void = () => {},
    /** Settles when the text of an object is here; rejects with a refusal where nobody brings it. */
    private readonly textHere: (object: string) => Promise<void> = async () => {},
    /** Absent where the space knows this device; else settles when it was told of it, or cannot be. */
    private readonly introduced: (space: Space) => Promise<void> | undefined = () => undefined,
  ) {
    this.undoing = new Undoing(context, {
      view: () => this.view,
      commit: (drafts) => this.commit(drafts),
      changed: undoableChanged,
    });
  }

  /** What the query says under `view`. It changes nothing, but text that is away is asked for. */
  answer(name: string, args: unknown, view: View): Result<unknown, Refusal> {
    const query = this.context.registry.query(name);
    if (!query)
      return {
        ok: false,
        error: refusal('unknownQuery', `There is no query ${String(name)}.`, 'Nothing was changed.', 'See queries().'),
      };
    const checked = checkArgs(name, query.args, args ?? {});
    if (!checked.ok) return checked;
    const why = query.why?.(view, checked.value);
    const [text, changes] = [query.textOf?.(checked.value), query.changesOf?.(checked.value)];
    if (text !== undefined) this.textAsked(text, false);
    if (changes !== undefined) this.textAsked(changes, true);
    return why ? { ok: false, error: why } : { ok: true, value: query.run(view, checked.value) };
  }
  /** The answer as one that keeps itself up; `undefined` for a query that has to be run again, or has no answer. */
  follow(name: string, args: unknown, view: View): Followed | undefined {
    const query = this.context.registry.query(name);
    const checked = query?.follow && checkArgs(name, query.args, args ?? {});
    if (!checked?.ok || query?.why?.(view, checked.value)) return undefined;
    return query?.follow?.(view, checked.value);
  }
  query(name: string, args: unknown): unknown {
    return unwrap(this.answer(name, args, this.view));
  }

  async run(name: string, args: unknown, session = ''): Promise<Readonly<Record<string, string>>> {
    const readOnly = this.readOnly();
    if (readOnly)
      throw refusal(
        'notSaved',
        `This device cannot save any more: ${readOnly}`,
        'Everything saved before is safe.',
        'Free some space; then try again, or reload the page.',
      );
    const deed = this.context.registry.deed(name);
    if (deed) {
      const checked = unwrap(checkArgs(name, deed.args, args ?? {}));
      return unwrap(await deed.perform(this.view, checked, this.context.time.now(), session));
    }
    const command = this.context.registry.command(name);
    if (!command)
      throw refusal(
        'unknownCommand',
        `There is no command ${String(name)}.`,
        'Nothing was changed.',
        'See commands().',
      );
    const checked = unwrap(checkArgs(name, command.args, args ?? {}));
    const text = command.textOf?.(checked);
    if (text !== undefined) await this.textHere(text);
    const writer = this.#writer();
    const made = unwrap(command.run(this.view, writer, checked, this.context.time.now() as never));
    const { changes, fault } = await this.commit(writer.drafts());
    const step = command.undoable === false ? undefined : this.undoing.record(session, name, { changes });
    if (fault) throw fault;
    return step === undefined ? made : { ...made, step };
  }

  /** What some writes come to; nothing is written yet. */
  drafts(work: (write: Writer) => void): ReadonlyMap<SpaceId, readonly Draft[]> {
    const writer = this.#writer();
    work(writer);
    return writer.drafts();
  }

  /** Writes drafts; settles when all are durable here. What was written can be taken back, also where a part was refused. */
  async commit(drafts: ReadonlyMap<SpaceId, readonly Draft[]>): Promise<Committed> {
    // A device that was just linked may be quicker than the word that makes it known.
    for (const id of drafts.keys()) {
      const introduced = this.introduced(this.space(id));
      if (introduced) await introduced;
    }
    const { view } = this;
    const facts = { graph: (id: SpaceId) => view.graph(id), me: view.me.userId };
    const writes: Promise<{ readonly changes: readonly Change[]; readonly refused: Refusal | undefined }>[] = [];
    const parts = [...drafts].flatMap(([id, all]) => all.map((draft) => ({ space: this.space(id), draft })));
    // Noted before anything is written.
    const noted = [...drafts].map(([id, all]) => ({ all, changes: changesOf(id, all, facts) }));
    for (const { space, draft } of parts) {
      const own = noted.find(({ all }) => all.includes(draft))?.changes ?? [];
      const changes = own.filter(({ shard, class: entryClass }) => shard === draft.shard && entryClass === draft.class);
      for (let i = 0; i < draft.ops.length; i += MAX_OPS)
        writes.push(
          space
            .write(draft.shard, draft.class, draft.ops.slice(i, i + MAX_OPS))
            .then((written) =>
              written.ok ? { changes, refused: undefined } : { changes: [], refused: written.error },
            ),
        );
    }
    const written = await Promise.all(writes);
    return {
      changes: [...new Set(written.flatMap(({ changes }) => changes))],
      fault: written.find(({ refused }) => refused)?.refused,
    };
  }

  #writer(): DraftWriter {
    return createWriter({
      view: this.view,
      typeRule: (type) => this.context.registry.typeRule(type),
      nextNode: (space) => this.space(space).nextNode(),
      nextTwin: (document) => newTwin(this.context, document),
    });
  }

  async writeNode(space: Space, type: string, fields: Readonly<Record<string, Value>>): Promise<void> {
    const writer = this.#writer();
    writer.create(space.id, type, fields);
    for (const draft of writer.drafts().get(space.id) ?? [])
      unwrap(await space.write(draft.shard, draft.class, draft.ops));
  }

  /** Says in a space what this person is called and looks like: in the outline, or in each of the parts that they may read alone. */
  async writeProfile(space: Space): Promise<void> {
    const user = this.context.identity?.user;
    const parts = user && space.replica.rights.right(user).limits.shards;
    for (const shard of parts ?? [space.replica.outline])
      if (!this.isNamedIn(space, shard)) await this.writeProfileIn(space, shard);
  }
  #profileIn(space: Space, shard: ShardId): GraphNode | undefined {
    const user = this.context.identity?.user;
    return [...space.replica.engine.nodesOfType(PROFILE)].find(
      (node) => node.author === user && node.shard === shard && !node.deleted,
    );
  }
  /** Of a picture that was never set nothing is said. */
  get #profile(): Readonly<Record<string, string>> {
    const { name } = this.view.me;
    const picture = this.view.personal('picture');
    return typeof picture === 'string' ? { name, picture } : { name };
  }
  /** Whether what is said there is what this person is called, and looks like, now. */
  isNamedIn(space: Space, shard: ShardId): boolean {
    const mine = this.#profileIn(space, shard);
    return mine !== undefined && Object.entries(this.#profile).every(([key, value]) => mine.field(key) === value);
  }
  async writeProfileIn(space: Space, shard: ShardId): Promise<void> {
    const made = this.#profileIn(space, shard) ? undefined : space.nextNode();
    const node = made?.node ?? (this.#profileIn(space, shard) as GraphNode).id;
    const ops: Op[] = made ? [{ type: 'nodeNew', node, nodeType: PROFILE, counter: made.counter }] : [];
    for (const [key, value] of Object.entries(this.#profile))
      if (made || this.#profileIn(space, shard)?.field(key) !== value)
        ops.push({ type: 'fieldSet', node, key, value: JSON.stringify(value) });
    unwrap(await space.write(shard, 'annotation', ops));
  }

  async writeCover(space: Space, due: CoverDue): Promise<void> {
    const writer = this.#writer();
    if (due.type === 'make') writer.create(space.id, COVER, due.fields, { container: due.object });
    else if (due.type === 'remove') writer.remove(due.cover);
    else for (const [key, value] of Object.entries(due.fields)) writer.set(due.cover, key, value);
    for (const draft of writer.drafts().get(space.id) ?? [])
      unwrap(await space.write(draft.shard, draft.class, draft.ops));
  }

  /** A person's own settings, in one entry. */
  async writePersonal(values: Readonly<Record<string, Value>>): Promise<void> {
    const writer = this.#writer();
    for (const [key, value] of Object.entries(values)) writer.setPersonal(key, value);
    for (const [id, drafts] of writer.drafts())
      for (const draft of drafts) unwrap(await this.space(id).write(draft.shard, draft.class, draft.ops));
  }

  setName(name: string): Promise<void> {
    return this.present({ name });
  }
  /** In the personal space first, then in the profile of every space. `picture`: as `readPicture` takes it, or ''. */
  async present(values: { readonly name: string } | { readonly picture: string }): Promise<void> {
    await this.writePersonal(values);
    for (const id of this.view.spaces) if (this.view.role(id) !== 'none') await this.writeProfile(this.space(id));
  }
}
