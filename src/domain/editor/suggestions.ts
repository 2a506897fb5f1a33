/**
 * Proposed changes of documents. A suggestion says which blocks it would put in place of which others, as they were when it
 * was made; it changes nothing. A Member who accepts writes the change as their own edit, which no command can do, and
 * records the verdict. What is proposed is the editor's JSON: only the editor judges whether it makes sense.
 */
import { err, ok, type Result } from '../../base/result';
import {
  command,
  contentShardOf,
  DONE,
  type Found,
  findNode,
  type GraphNode,
  lastEntryOf,
  mayWrite,
  msOf,
  notAllowed,
  notFound,
  notPossible,
  type Outcome,
  query,
  type Refusal,
  type SuggestionRow,
  textField,
  type Value,
  type View,
} from '../../os/schema/define';
import { DOCUMENT, MAX_BLOCKS, MAX_NOTE, MAX_PROPOSAL, SUGGESTION, VERDICT } from './schema';

/** Decided ones that are still told of. */
const MAX_DECIDED = 50;
const MAX_OPEN = 500;
const BLOCK_ID = /^[A-Za-z0-9_-]{1,64}$/;

const isBlock = (value: unknown): value is string => typeof value === 'string' && BLOCK_ID.test(value);
const listOf = (value: unknown): readonly Value[] => (Array.isArray(value) ? value : []);

const changeArgs = {
  parent: { type: 'text', max: 64, optional: true },
  blocks: { type: 'json', max: 8_000, optional: true },
  after: { type: 'text', max: 64, optional: true },
  base: { type: 'json', max: MAX_PROPOSAL, optional: true },
  proposed: { type: 'json', max: MAX_PROPOSAL, optional: true },
  note: { type: 'text', max: MAX_NOTE, optional: true },
} as const;
type ChangeArgs = { readonly [K in keyof typeof changeArgs]?: unknown };

/** The fields of a change, checked; only those that were given. */
const fieldsOf = ({
  parent,
  blocks,
  after,
  base,
  proposed,
  note,
}: ChangeArgs): Result<Record<string, Value>, Refusal> => {
  const fields: Record<string, Value> = {};
  for (const [key, value] of Object.entries({ parent, after })) {
    if (value === undefined) continue;
    if (value !== '' && !isBlock(value)) return err(badChange(`"${key}" names no block`));
    fields[key] = value as string;
  }
  if (blocks !== undefined) {
    if (!Array.isArray(blocks) || blocks.length > MAX_BLOCKS || !blocks.every(isBlock))
      return err(badChange('"blocks" is a list of block ids'));
    fields.blocks = blocks;
  }
  for (const [key, value] of Object.entries({ base, proposed })) {
    if (value === undefined) continue;
    if (!Array.isArray(value) || value.length > MAX_BLOCKS) return err(badChange(`"${key}" is a list of blocks`));
    fields[key] = value as Value;
  }
  if (typeof note === 'string') fields.note = note.trim();
  return ok(fields);
};
const badChange = (message: string): Refusal => notPossible('badChange', `${message}.`, 'Correct the arguments.');

const suggestionOf = (view: View, id: string): Result<Found, Refusal> => {
  const found = findNode(view, id, SUGGESTION);
  if (!found) return err(notFound('suggestion'));
  return found.node.deleted ? err(notPossible('removed', 'It was withdrawn.', 'Suggest it again.')) : ok(found);
};
const own = (view: View, id: string): Result<Found, Refusal> => {
  const found = suggestionOf(view, id);
  if (!found.ok) return found;
  const { space, node } = found.value;
  if (node.author !== view.me.userId)
    return err(notAllowed('Only its author changes a suggestion.', 'Comment on it instead.'));
  return view.may(space, 'annotation', node.shard) ? found : err(closed);
};
const closed = notAllowed('You may not suggest here.', 'Ask an Owner or Admin of the space for another role.');

const suggest = command({
  describes:
    'Proposes to put the blocks `proposed` (the editor’s JSON) in place of `blocks`, which read `base`, or `after` a block. Gives {id}.',
  args: { documentId: { type: 'id' }, ...changeArgs },
  run(view, write, { documentId, ...change }): Outcome {
    const found = findNode(view, documentId, DOCUMENT);
    if (!found) return err(notFound('document'));
    const { space, node } = found;
    if (!view.may(space, 'annotation', contentShardOf(space, node.id))) return err(closed);
    if (node.deleted) return err(notPossible('removed', 'It was removed.', 'Restore it first.'));
    const fields = fieldsOf(change);
    if (!fields.ok) return fields;
    const { blocks = [], proposed = [] } = fields.value;
    if (listOf(blocks).length === 0 && listOf(proposed).length === 0) return err(badChange('This changes nothing'));
    return ok({ id: write.create(space, SUGGESTION, { document: node.id, ...fields.value }, { container: node.id }) });
  },
});

const changeSuggestion = command({
  describes: 'Changes your own suggestion: what it proposes, for which blocks, or its note.',
  args: { suggestionId: { type: 'id' }, ...changeArgs },
  run(view, write, { suggestionId, ...change }) {
    const found = own(view, suggestionId);
    if (!found.ok) return found;
    const { node } = found.value;
    const fields = fieldsOf(change);
    if (!fields.ok) return fields;
    for (const [key, value] of Object.entries(fields.value))
      if (JSON.stringify(node.field(key)) !== JSON.stringify(value)) write.set(node.id, key, value);
    return DONE;
  },
});

const withdraw = command({
  describes: 'Takes your own suggestion back.',
  args: { suggestionId: { type: 'id' } },
  run(view, write, { suggestionId }) {
    const found = own(view, suggestionId);
    if (found.ok) write.remove(found.value.node.id);
    return found.ok ? DONE : found;
  },
});

const verdictsOn = (view: View, { space, node }: Found): readonly GraphNode[] =>
  [...(view.graph(space)?.nodesOfShard(node.shard) ?? [])].filter(
    (each) => each.type === VERDICT && !each.deleted && each.field('suggestion') === node.id,
  );

const mayDecide = (view: View, { space, node }: Found): boolean =>
  mayWrite(view.role(space)) && view.may(space, 'content', node.shard);

// The text that is accepted is the editor's own edit, and so is the way back from both.
const decide = command({
  undoable: false,
  describes: 'Records that a suggestion was `accepted` (its change was written) or `declined`. Members and above.',
  args: { suggestionId: { type: 'id' }, verdict: { type: 'text', max: 16 } },
  run(view, write, { suggestionId, verdict }) {
    const found = suggestionOf(view, suggestionId);
    if (!found.ok) return found;
    if (!mayDecide(view, found.value))
      return err(notAllowed('Only Members and above decide on suggestions.', 'Ask a Member of the space.'));
    if (verdict !== 'accepted' && verdict !== 'declined') return err(badChange('A verdict is accepted or declined'));
    const { space, node } = found.value;
    for (const earlier of verdictsOn(view, found.value)) write.remove(earlier.id);
    write.create(space, VERDICT, { suggestion: node.id, verdict }, { beside: node.id });
    return DONE;
  },
});

const reopen = command({
  undoable: false,
  describes: 'Takes back what was decided about a suggestion, so that it waits again. Members and above.',
  args: { suggestionId: { type: 'id' } },
  run(view, write, { suggestionId }) {
    const found = suggestionOf(view, suggestionId);
    if (!found.ok) return found;
    if (!mayDecide(view, found.value))
      return err(notAllowed('Only Members and above decide on suggestions.', 'Ask a Member of the space.'));
    for (const verdict of verdictsOn(view, found.value)) write.remove(verdict.id);
    return DONE;
  },
});

const byAge = (a: GraphNode, b: GraphNode): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

const suggestions = query({
  describes: `Proposed changes of a document, oldest first: those that wait, and the last ${MAX_DECIDED} that were decided.`,
  args: { documentId: { type: 'id' } },
  run: (view, { documentId }): readonly SuggestionRow[] => {
    const found = findNode(view, documentId, DOCUMENT);
    if (!found) return [];
    const shard = contentShardOf(found.space, found.node.id);
    const nodes = [...(view.graph(found.space)?.nodesOfShard(shard) ?? [])].filter((node) => !node.deleted).sort(byAge);
    const verdicts = new Map(
      nodes.filter(({ type }) => type === VERDICT).map((node) => [textField(node, 'suggestion'), node]),
    );
    const rows = nodes
      .filter((node) => node.type === SUGGESTION && node.field('document') === found.node.id)
      .map((node) => rowOf(view, found, node, verdicts.get(node.id)));
    const decided = rows.filter((row) => row.decided !== null).slice(-MAX_DECIDED);
    const waiting = rows.filter((row) => row.decided === null).slice(0, MAX_OPEN);
    const kept = new Set([...decided, ...waiting]);
    return rows.filter((row) => kept.has(row));
  },
});

/** Any device of the space wrote these fields: what is not of the right form is left empty. */
const rowOf = (view: View, { space }: Found, node: GraphNode, verdict: GraphNode | undefined): SuggestionRow => {
  const kind = verdict?.field('verdict');
  return {
    id: node.id,
    author: view.person(space, node.author),
    mine: node.author === view.me.userId,
    at: msOf(node.createdAt),
    parent: textField(node, 'parent'),
    blocks: listOf(node.field('blocks')).filter(isBlock).slice(0, MAX_BLOCKS),
    after: textField(node, 'after'),
    base: listOf(node.field('base')).slice(0, MAX_BLOCKS),
    proposed: listOf(node.field('proposed')).slice(0, MAX_BLOCKS),
    note: textField(node, 'note'),
    state: view.stateOf(space, lastEntryOf(node)),
    decided:
      verdict && (kind === 'accepted' || kind === 'declined')
        ? { verdict: kind, by: view.person(space, verdict.author), at: msOf(verdict.createdAt) }
        : null,
  };
};

export const commands = { suggest, changeSuggestion, withdraw, decide, reopen };
export const queries = { suggestions };
