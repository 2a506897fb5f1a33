/** Taking back what commands did, over the real fold: alone it is exact, beside others it keeps off what is theirs. */
import { describe, expect, it } from 'vitest';
import { type SeededRandom, seededRandom } from '../../../src/base/random';
import { type Change, changesOf, type Left, wayBack } from '../../../src/os/graph/undo';
import type { Draft } from '../../../src/os/graph/writer';
import type { Engine } from '../../../src/vm/graph/engine';
import { orderBetween } from '../../../src/vm/graph/order';
import type { NodeId, SpaceId } from '../../../src/vm/op/ids';
import { createReplica, deliver, type Replica, SPACE, ticking } from '../../support/view';

const graphOf = (replica: Replica): Engine => replica.view.graph(SPACE) as Engine;
const factsOf = (replica: Replica) => ({
  graph: (space: SpaceId) => replica.view.graph(space),
  me: replica.user,
});

const write = (replica: Replica, drafts: ReadonlyMap<SpaceId, readonly Draft[]>): readonly Change[] =>
  [...drafts].flatMap(([space, all]) => {
    const changes = changesOf(space, all, factsOf(replica));
    replica.seal(space, all);
    return changes;
  });
type Edit = (write: ReturnType<Replica['writer']>, engine: Engine) => void;
const doing = (replica: Replica, edit: Edit): readonly Change[] => {
  const writer = replica.writer();
  edit(writer, graphOf(replica));
  return write(replica, writer.drafts());
};
/** Takes back; gives what takes that back again, and what was left. */
const back = (
  replica: Replica,
  changes: readonly Change[],
): { readonly changes: readonly Change[]; readonly left: readonly Left[] } => {
  const { drafts, left } = wayBack(changes, factsOf(replica));
  return { changes: write(replica, drafts), left };
};

/** All that shows, and that a person could have changed; what was never set reads as nothing. */
const shown = (replica: Replica): unknown => {
  const engine = graphOf(replica);
  return [...engine.nodesOfType('Document'), ...engine.nodesOfType('Folder')]
    .filter((node) => !node.deleted)
    .map((node) => ({
      id: node.id,
      place: [node.parent, node.order],
      fields: node
        .keys()
        .filter((key) => node.field(key) !== null)
        .map((key) => [key, node.field(key)]),
      // Equal relations are one.
      edges: [
        ...new Set(engine.edgesFrom(node.id).map(({ relation, to, value }) => JSON.stringify([relation, to, value]))),
      ].sort(),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
};

const standing = (engine: Engine): readonly NodeId[] =>
  [...engine.nodesOfType('Document'), ...engine.nodesOfType('Folder')]
    .filter((node) => !node.deleted)
    .map(({ id }) => id);

/** What commands are made of, at random. */
const randomEdit = (random: SeededRandom): Edit => {
  const roll = random.below(9);
  return (writer, engine) => {
    const nodes = standing(engine);
    if (roll === 0 || nodes.length < 2) {
      writer.create(SPACE, random.pick(['Document', 'Folder']), { title: `t${random.below(9)}` }, { parent: '' });
      return;
    }
    const node = random.pick(nodes);
    const other = random.pick(nodes);
    if (roll < 4) writer.set(node, random.pick(['title', 'icon', 'colour']), `v${random.below(4)}`);
    else if (roll === 4) {
      writer.set(node, 'title', `both ${random.below(9)}`);
      writer.set(other, 'icon', `i${random.below(9)}`);
    } else if (roll === 5)
      writer.move(node, random.below(2) === 0 ? '' : other, orderBetween('', '', `${random.below(9999)}`));
    else if (roll === 6) writer.remove(node);
    else if (roll === 7) writer.link(node, 'about', other, random.below(3));
    else writer.unlink(node, 'about', other);
  };
};

describe('taking back', () => {
  it('[UN1] alone, undoing all gives each earlier state back, and doing all again each later one', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seededRandom(seed);
      const ann = createReplica({ name: `Ann ${seed}`, clock: ticking() });
      const steps: (readonly Change[])[] = [];
      const states = [shown(ann)];
      for (let i = 0; i < 14; i++) {
        steps.push(doing(ann, randomEdit(random)));
        states.push(shown(ann));
      }
      const undone: (readonly Change[])[] = [];
      for (let i = steps.length; i > 0; i--) {
        const { changes, left } = back(ann, steps[i - 1] as readonly Change[]);
        expect(left, `seed ${seed}`).toEqual([]);
        undone.push(changes);
        expect(shown(ann), `seed ${seed}, undone to ${i - 1}`).toEqual(states[i - 1]);
      }
      for (let i = 0; i < steps.length; i++) {
        expect(back(ann, undone.pop() as readonly Change[]).left).toEqual([]);
        expect(shown(ann), `seed ${seed}, done again to ${i + 1}`).toEqual(states[i + 1]);
      }
    }
  });

  it('[UN1] [UN2] [UN3] beside others, nothing that they wrote since is lost, whatever is taken back', () => {
    let kept = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(1_000 + seed);
      const clock = ticking();
      const ann = createReplica({ name: `Ann ${seed}`, clock });
      const bob = createReplica({ name: `Bob ${seed}`, clock });
      let steps: (readonly Change[])[] = [];
      for (let i = 0; i < 24; i++) {
        const who = random.below(3);
        if (who === 0) doing(bob, randomEdit(random));
        else if (who === 1 || steps.length === 0) steps.push(doing(ann, randomEdit(random)));
        else {
          const engine = graphOf(ann);
          const theirs = standing(engine).flatMap((id) =>
            (engine.node(id)?.keys() ?? [])
              .map((key) => ({ id, key, state: engine.node(id)?.fieldState(key) }))
              .filter(({ state }) => state?.author === bob.user),
          );
          const edges = standing(engine).flatMap((id) =>
            engine.edgesFrom(id).filter((edge) => edge.author === bob.user),
          );
          const removed = [...engine.nodesOfType('Document'), ...engine.nodesOfType('Folder')].filter((node) =>
            engine.history(node.id).some((item) => item.author === bob.user && node.deletions.includes(item.op)),
          );
          const made = standing(engine).filter((id) => engine.history(id).some(({ author }) => author === bob.user));
          const step = random.pick(steps);
          steps = steps.filter((each) => each !== step);
          const { changes } = back(ann, step);
          if (changes.length > 0 && random.below(2) === 0) steps.push(changes);
          for (const { id, key, state } of theirs) {
            const now = engine.node(id)?.fieldState(key);
            expect([id, key, now?.entry], `seed ${seed}`).toEqual([id, key, state?.entry]);
            kept++;
          }
          for (const { tag, from } of edges)
            expect(
              engine.edgesFrom(from).some((edge) => edge.tag === tag),
              `seed ${seed}`,
            ).toBe(true);
          for (const node of removed) expect(node.deleted, `seed ${seed}`).toBe(true);
          // A removal of Ann's own that she does again may take what Bob has not touched since.
          const isDone = new Set(changes.flatMap((each) => (each.type === 'deleted' ? [each.node] : [])));
          for (const id of made.filter((each) => !isDone.has(each))) expect(engine.node(id)?.deleted).toBe(false);
        }
        if (random.below(3) > 0) {
          deliver(ann, bob);
          deliver(bob, ann);
        }
      }
    }
    expect(kept).toBeGreaterThan(200);
  });

  it('[UN3] what somebody else has worked on since is not removed by taking back that it was made', () => {
    const clock = ticking();
    const ann = createReplica({ name: 'Ann w', clock });
    const bob = createReplica({ name: 'Bob w', clock });
    let id = '' as NodeId;
    const step = doing(ann, (writer) => {
      id = writer.create(SPACE, 'Channel', { title: 'general' }, { parent: '' });
    });
    deliver(ann, bob);
    bob.run('chat.send', { channelId: id, text: 'here I am' });
    deliver(bob, ann);
    expect(back(ann, step)).toEqual({ changes: [], left: [{ why: 'worked', node: id }] });
    expect(graphOf(ann).node(id)?.deleted).toBe(false);
  });

  it('[UN4] a part that somebody changed since is named, and the rest goes back', () => {
    const clock = ticking();
    const ann = createReplica({ name: 'Ann p', clock });
    const bob = createReplica({ name: 'Bob p', clock });
    let id = '' as NodeId;
    doing(ann, (writer) => {
      id = writer.create(SPACE, 'Document', { title: 'Plan', icon: 'a' }, { parent: '' });
    });
    const step = doing(ann, (writer) => {
      writer.set(id, 'title', 'Plan B');
      writer.set(id, 'icon', 'b');
    });
    deliver(ann, bob);
    doing(bob, (writer) => writer.set(id, 'title', 'Plan C'));
    deliver(bob, ann);
    const { left } = back(ann, step);
    expect(left).toEqual([{ why: 'changed', node: id, key: 'title' }]);
    expect([graphOf(ann).node(id)?.field('title'), graphOf(ann).node(id)?.field('icon')]).toEqual(['Plan C', 'a']);
  });

  it('[UN2] taking back a removal lifts one’s own, and says that somebody else removed it too', () => {
    const clock = ticking();
    const ann = createReplica({ name: 'Ann d', clock });
    const bob = createReplica({ name: 'Bob d', clock });
    let id = '' as NodeId;
    doing(ann, (writer) => {
      id = writer.create(SPACE, 'Document', { title: 'Plan' }, { parent: '' });
    });
    deliver(ann, bob);
    const step = doing(ann, (writer) => writer.remove(id));
    doing(bob, (writer) => writer.remove(id));
    deliver(bob, ann);
    expect(back(ann, step).left).toEqual([{ why: 'removed', node: id }]);
    expect(graphOf(ann).node(id)?.deletions).toHaveLength(1);
  });

  it('[UN1] a person’s settings are no step', () => {
    const ann = createReplica({ name: 'Ann s', clock: ticking() });
    const writer = ann.writer();
    writer.setPersonal('draft/x', 'half a sentence');
    expect(write(ann, writer.drafts())).toEqual([]);
  });
});
