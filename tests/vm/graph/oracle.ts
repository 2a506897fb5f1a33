/** What a fold must come to, in forty lines over Maps: no increments, no caches, every question asked of all ops. */
import type { FoldEntry, SchemaRules, Writable } from '../../../src/vm/graph/engine';
import type { Op } from '../../../src/vm/op/body';
import { nodeIdOf } from '../../../src/vm/op/ids';

type Fact = { entry: FoldEntry; op: Op; tag: string };
const admin = (entry: FoldEntry) => entry.role === 'owner' || entry.role === 'admin';
const may = (rule: Writable, entry: FoldEntry, owner: string) =>
  rule === 'author'
    ? entry.author === owner
    : rule === 'admins'
      ? admin(entry)
      : entry.role !== 'guest' || entry.author === owner;
const later = (a: FoldEntry, b: FoldEntry) => a.hlc - b.hlc || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export const oracle = (entries: readonly FoldEntry[], rules: SchemaRules) => {
  const facts: Fact[] = [...new Map(entries.map((entry) => [entry.id, entry])).values()]
    .sort(later)
    .flatMap((entry) => entry.ops.map((op, i) => ({ entry, op, tag: `${entry.id}:${i}` })));
  const births = new Map<string, Fact & { type: string }>();
  for (const fact of facts) {
    const { entry, op } = fact;
    if (op.type !== 'nodeNew' || births.has(op.node)) continue;
    if (nodeIdOf(entry.space, entry.device, entry.incarnation, op.counter) === op.node)
      births.set(op.node, { ...fact, type: op.nodeType });
  }
  const nodes = [...births].map(([id, birth]) => {
    const owner = birth.entry.author;
    const mine = facts.filter(({ entry, op }) => 'node' in op && op.node === id && entry.shard === birth.entry.shard);
    const fields = new Map<string, { json: string; entry: FoldEntry }>();
    for (const { entry, op } of mine) {
      if (op.type !== 'fieldSet' || !may(rules.field(birth.type, op.key), entry, owner)) continue;
      const known = fields.get(op.key);
      const wins = !known || entry.hlc > known.entry.hlc || (entry.hlc === known.entry.hlc && op.value > known.json);
      if (wins) fields.set(op.key, { json: op.value, entry });
    }
    const lifted = (deletion: Fact) =>
      mine.some(
        ({ entry, op }) =>
          op.type === 'nodeRestore' &&
          op.deletions.includes(deletion.tag as never) &&
          (admin(entry) || entry.author === deletion.entry.author),
      );
    const rule = rules.deletion(birth.type);
    const deletions = mine.filter(
      (fact) =>
        fact.op.type === 'nodeDel' &&
        (may(rule, fact.entry, owner) || (rule === 'author' && admin(fact.entry))) &&
        !lifted(fact),
    );
    return {
      id,
      type: birth.type,
      author: owner,
      fields: [...fields].map(([key, { json, entry }]) => [key, json, entry.id]).sort(),
      deletions: deletions.map((fact) => fact.tag).sort(),
    };
  });
  const edges = facts.filter(
    ({ entry, op, tag }) =>
      op.type === 'edgeAdd' &&
      (rules.relation(op.relation) !== 'admins' || admin(entry)) &&
      !facts.some(
        (by) =>
          by.op.type === 'edgeDel' &&
          by.op.tags.includes(tag as never) &&
          by.entry.shard === entry.shard &&
          (by.entry.author === entry.author ||
            admin(by.entry) ||
            (rules.relation(op.relation) === 'members' && by.entry.role !== 'guest')),
      ),
  );
  const parents = new Map<string, string>();
  const above = (node: string, goal: string): boolean =>
    node !== '' && (node === goal || above(parents.get(node) ?? '', goal));
  for (const { entry, op } of facts) {
    const birth = op.type === 'move' ? births.get(op.node) : undefined;
    if (
      op.type !== 'move' ||
      !birth ||
      entry.shard !== birth.entry.shard ||
      !may(rules.field(birth.type, 'parent'), entry, birth.entry.author)
    )
      continue;
    if (!above(op.parent, op.node)) parents.set(op.node, op.parent);
  }
  return { nodes: nodes.sort((a, b) => (a.id < b.id ? -1 : 1)), edges: edges.map((fact) => fact.tag).sort(), parents };
};
