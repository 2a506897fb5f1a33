/** Nodes of a space that hear of things apart, and then of everything: what forks and held work are played on. */
import type { Role } from '../../src/os/rights/acl';
import { virtualClock } from '../../src/platform/memory/clock';
import type { Clock } from '../../src/ports';
import type { Entry } from '../../src/vm/op/entry';
import { encodeEntry } from '../../src/vm/op/entry';
import { type Held, holdSpace } from './insider';
import { atRest } from './resting';
import type { Stage } from './stage';

/** For nodes with the real WebCrypto. */
export const testClock = () => virtualClock(Date.now(), atRest);

/** A node of that person with all that the stage holds; `none`: a blind beacon. */
export const nodeOf = async (stage: Stage, role: Role | 'none', clock: Clock): Promise<Held> => {
  const node = await holdSpace(stage.id, role === 'none' ? undefined : stage.people[role], clock);
  if (role !== 'none') node.space.replica.keys = new Map([[stage.key.epoch, stage.key.key]]);
  await take(node, [...stage.tab.space.replica.entries.values()]);
  return node;
};
export const take = (node: Held, entries: readonly Entry[]) => node.space.receive(entries.map(encodeEntry), undefined);

/** Everybody gives everybody what the other lacks, by the ends of the logs alone, until nothing is left to give. */
export const exchange = async (nodes: readonly Held[]): Promise<void> => {
  for (let round = 0; round < 10; round++) {
    let given = 0;
    for (const from of nodes)
      for (const to of nodes) {
        if (from === to) continue;
        const told = to.space.replica.tips();
        const lacking = [...from.space.replica.logs.values()].flatMap((log) =>
          log.lackedBy(told.filter((tip) => tip.log === log.id)),
        );
        lacking.sort((a, b) => a.header.hlc - b.header.hlc);
        const unknown = lacking.filter(({ id }) => !to.space.replica.entries.has(id));
        given += unknown.length;
        await take(to, lacking);
      }
    if (given === 0) return;
  }
  throw new Error('They never came to an end');
};
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const digests = (nodes: readonly Held[]): readonly string[] => [
  ...new Set(nodes.map(({ space }) => hex(space.replica.digest()))),
];
/** Of nodes with keys. */
export const states = (nodes: readonly Held[]): readonly string[] => [
  ...new Set(nodes.map(({ space }) => space.replica.stateHash())),
];
