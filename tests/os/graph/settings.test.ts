import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeptSettings, settingsOf } from '../../../src/os/graph/settings';
import { SETTING } from '../../../src/os/schema/system';
import { createReplica, type Replica, ticking } from '../../support/view';

const told = (settings: ReturnType<typeof settingsOf>) =>
  [...settings].map(([key, { node, value }]) => [key, node.id, value]).sort();

describe('kept settings', () => {
  it('are what a look at all of them says, after any settings, removals and arrivals of two devices', () => {
    const acts = fc.array(
      fc.record({
        on: fc.nat(1),
        act: fc.constantFrom('set', 'set', 'set', 'remove', 'restore', 'rename', 'arrive', 'arrive'),
        key: fc.constantFrom('a', 'b', 'c'),
        value: fc.nat(3),
      }),
      { maxLength: 40, size: 'max' },
    );
    fc.assert(
      fc.property(acts, (all) => {
        const clock = ticking();
        const kept = new KeptSettings();
        const laptop: Replica = createReplica({
          name: 'Ann',
          device: 'laptop',
          clock,
          changed: (space, changes) => {
            if (space === laptop.personalSpace) kept.folded(changes);
          },
        });
        const phone = createReplica({ name: 'Ann', device: 'phone', clock });
        const graphOf = (replica: Replica) => replica.view.graph(replica.personalSpace);
        for (const { on, act, key, value } of all) {
          const by = [laptop, phone][on] as Replica;
          if (act === 'arrive') {
            const from = by === laptop ? phone : laptop;
            const known = new Set(by.held.map(({ id }) => id));
            by.admit(from.held.filter(({ id }) => !known.has(id)).slice(0, value + 1));
          } else {
            const nodes = [...(graphOf(by)?.nodesOfType(SETTING) ?? [])];
            const node = nodes[value % Math.max(1, nodes.length)];
            const write = by.writer();
            if (act === 'set') write.setPersonal(key, value);
            else if (!node) continue;
            else if (act === 'remove') write.remove(node.id);
            else if (act === 'restore') write.restore(node.id);
            else write.set(node.id, 'key', key);
            for (const [space, drafts] of write.drafts()) by.seal(space, drafts);
          }
          const graph = graphOf(laptop);
          if (graph) expect(told(kept.of(graph))).toEqual(told(settingsOf(graph)));
        }
      }),
      { numRuns: 100 },
    );
  });
});
