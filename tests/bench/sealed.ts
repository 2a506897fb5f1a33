/**
 * Workload G as real entries: a space with its founder and eight members, each with keys of their own, who sign and encrypt.
 * What comes is in the order in which it can be taken in.
 */

import type { Op } from '../../src/vm/op/body';
import type { Entry } from '../../src/vm/op/entry';
import { encodeEntry } from '../../src/vm/op/entry';
import type { NodeId } from '../../src/vm/op/ids';
import type { BirthName } from '../../src/vm/op/names';
import { foundSpace, holdSpace, makeInvite, newPerson } from '../support/insider';

export type Write = {
  readonly node: number;
  readonly field: number;
  readonly actor: number;
  readonly time: number;
  readonly value: string | number;
};

/** `size`: writes of an entry. `rights` are to be taken in before `data`. */
export const sealWorkload = async (
  writes: readonly Write[],
  { nodes, fields, actors, size }: { nodes: number; fields: readonly string[]; actors: number; size: number },
) => {
  const owner = await newPerson();
  const founded = await foundSpace(owner);
  const rights: Entry[] = [...founded.entries];
  const last = (): Entry => rights.at(-1) as Entry;
  const invited = await makeInvite(founded.author, [last().id], founded.key, { role: 'member', uses: actors });
  rights.push(invited.entry);
  const authors = [];
  for (let actor = 0; actor < actors; actor++) {
    const { author, entry } = await invited.join(await newPerson(), [last().id]);
    rights.push(entry);
    authors.push(author);
  }
  const under = { aclRef: last().id };
  const named: Op[] = [];
  const bodies: { actor: number; ops: Op[] }[][] = authors.map(() => []);
  const ids: NodeId[] = [];
  /** As the graph of whoever writes knows them. */
  const births = new Map<NodeId, BirthName>();
  for (let i = 0; i < nodes; i++) {
    const author = authors[i % actors] as (typeof authors)[number];
    const { node, op } = author.newNode('Task');
    if (op.type === 'nodeNew') births.set(node, { device: author.me.device, incarnation: 0, counter: op.counter });
    ids[i] = node;
    named[i] = op;
  }
  for (let actor = 0; actor < actors; actor++) {
    const births = named.filter((_, i) => i % actors === actor);
    const own = writes.filter((write) => write.actor === actor).sort((a, b) => a.time - b.time);
    const sets = own.map(
      ({ node, field, value }) =>
        ({
          type: 'fieldSet',
          node: ids[node],
          key: fields[field],
          value: JSON.stringify(value),
        }) as Op,
    );
    for (const [all, most] of [
      [births, 256],
      [sets, size],
    ] as const)
      for (let i = 0; i < all.length; i += most) bodies[actor]?.push({ actor, ops: all.slice(i, i + most) });
  }
  const data: Entry[] = [];
  for (let turn = 0; bodies.some((own) => own.length > turn); turn++) {
    for (const own of bodies) {
      const next = own[turn];
      if (!next) continue;
      const author = authors[next.actor] as (typeof authors)[number];
      data.push(
        await author.data(founded.outline, 'content', next.ops, founded.key, under, (node) => births.get(node)),
      );
    }
  }
  return {
    owner,
    space: founded.id,
    rights: rights.map(encodeEntry),
    data: data.map(encodeEntry),
    entries: [...rights, ...data],
    /** A fresh node of the founder that has taken in the rights. */
    hold: async () => {
      const held = await holdSpace(founded.id, owner);
      await held.space.receive(rights.map(encodeEntry), undefined);
      return held;
    },
  };
};
