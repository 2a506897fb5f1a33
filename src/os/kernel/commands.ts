/**
 * Running commands and queries by name: arguments are checked, a command's drafts are written, and whoever asked hears when
 * all is durable or why it is not. Also the few nodes that the kernel itself writes: a space's own and a person's profile.
 */
import type { Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import type { Entry } from '../../vm/op/entry';
import { createWriter, type DraftWriter } from '../graph/writer';
import { refusal, type Value, type View } from '../schema/define';
import { checkArgs } from '../schema/registry';
import { PROFILE } from '../schema/system';
import type { KernelContext } from './context';
import { unwrap } from './refusals';
import type { Space } from './space';

/** Ops that one draft hands over at once: what an entry holds. */
const MAX_OPS = 256;

export class Commands {
  constructor(
    private readonly context: KernelContext,
    private readonly view: View,
    /** Throws for a space that is not held. */
    private readonly space: (id: string) => Space,
    /** Why this device cannot save any more. */
    private readonly readOnly: () => string | null,
  ) {}

  /** Pure: what the query says under `view`. */
  answer(name: string, args: unknown, view: View): Result<unknown, Refusal> {
    const query = this.context.registry.query(name);
    if (!query)
      return {
        ok: false,
        error: refusal('unknownQuery', `There is no query ${String(name)}.`, 'Nothing was changed.', 'See queries().'),
      };
    const checked = checkArgs(name, query.args, args ?? {});
    return checked.ok ? { ok: true, value: query.run(view, checked.value) } : checked;
  }
  query(name: string, args: unknown): unknown {
    return unwrap(this.answer(name, args, this.view));
  }

  async run(name: string, args: unknown): Promise<Readonly<Record<string, string>>> {
    const readOnly = this.readOnly();
    if (readOnly)
      throw refusal(
        'notSaved',
        `This device cannot save any more: ${readOnly}`,
        'Everything saved before is safe.',
        'Free some space, then reload the page.',
      );
    const deed = this.context.registry.deed(name);
    if (deed) {
      const checked = unwrap(checkArgs(name, deed.args, args ?? {}));
      return unwrap(await deed.perform(this.view, checked, this.context.time.now()));
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
    const writer = this.#writer();
    const made = unwrap(command.run(this.view, writer, checked, this.context.time.now() as never));
    const writes: Promise<Result<Entry | undefined, Refusal>>[] = [];
    for (const [spaceId, drafts] of writer.drafts()) {
      const space = this.space(spaceId);
      for (const draft of drafts) {
        for (let i = 0; i < draft.ops.length; i += MAX_OPS)
          writes.push(space.write(draft.shard, draft.class, draft.ops.slice(i, i + MAX_OPS)));
      }
    }
    for (const written of await Promise.all(writes)) unwrap(written);
    return made;
  }

  #writer(): DraftWriter {
    return createWriter({
      view: this.view,
      typeRule: (type) => this.context.registry.typeRule(type),
      nextNode: (space) => this.space(space).nextNode(),
    });
  }

  async writeNode(space: Space, type: string, fields: Readonly<Record<string, Value>>): Promise<void> {
    const writer = this.#writer();
    writer.create(space.id, type, fields);
    for (const draft of writer.drafts().get(space.id) ?? [])
      unwrap(await space.write(draft.shard, draft.class, draft.ops));
  }

  /** Says in a space what this person is called, and what they look like. */
  async writeProfile(space: Space): Promise<void> {
    const picture = this.view.personal('picture');
    const fields = { name: this.view.me.name, picture: typeof picture === 'string' ? picture : '' };
    const user = this.context.identity?.user;
    const mine = [...space.replica.engine.nodesOfType(PROFILE)].find((node) => node.author === user && !node.deleted);
    if (!mine) return this.writeNode(space, PROFILE, picture ? fields : { name: fields.name });
    const writer = this.#writer();
    for (const [key, value] of Object.entries(fields))
      if ((mine.field(key) ?? '') !== value) writer.set(mine.id, key, value);
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
    for (const id of this.view.spaces) await this.writeProfile(this.space(id));
  }
}
