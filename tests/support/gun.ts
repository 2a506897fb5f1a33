/**
 * gun itself, to compare with: `Gun.on.put`, gun's own way in, which runs its HAM and writes its graph. One instance with no
 * peers, no storage, no network: `gun/src/root` without the adapters. And the engine, given the same writes in any order.
 */
import { createRequire } from 'node:module';
import { type SeededRandom, seededRandom } from '../../src/base/random';
import { graphModule } from '../../src/platform/engine';
import type { FoldEntry } from '../../src/vm/graph/engine';
import { createStore } from '../../src/vm/graph/store/store';
import { type Hlc, hlcOf } from '../../src/vm/op/clock';
import { Device, OPEN } from '../vm/graph/world';
import { bodyOf } from './graph-histories';

type GunGraph = Record<string, Record<string, unknown> & { _: { '>': Record<string, number> } }>;
type GunMessage = { '#': string; put: Record<string, unknown>; $: unknown; _: () => void };
type GunRoot = {
  (options: object): { _: { graph: GunGraph } };
  on: { put(message: GunMessage): void };
  log: { off?: boolean };
};

const loadGun = (): GunRoot => {
  const log = console.log;
  console.log = () => {};
  try {
    return createRequire(import.meta.url)('gun/src/root') as GunRoot;
  } finally {
    console.log = log;
  }
};

export const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  9,
  10,
  1e21,
  0.1,
  '',
  'a',
  'b',
  'two',
  'one',
  'null',
  '9',
  'é',
  '\u{1f600}',
  '\uffff',
  '"',
  '\\',
  '\u0001',
  { '#': 'soul' },
  { '#': 'other' },
];

/** What gun keeps of a field, written through its own door, one write after another. */
export const gunOf = (name: string) => {
  const Gun = loadGun();
  const gun = Gun({});
  let messages = 0;
  return {
    write: (soul: string, value: unknown, hlc: Hlc): void =>
      Gun.on.put({
        '#': `${name}.${messages++}`,
        put: { [soul]: { _: { '#': soul, '>': { field: hlc } }, field: value } },
        $: gun,
        _: () => {},
      }),
    /** `value` and its time, as JSON; it is forgotten then. */
    take: (soul: string): string => {
      const kept = gun._.graph[soul];
      delete gun._.graph[soul];
      return JSON.stringify([kept?.field, kept?._['>'].field]);
    },
  };
};
export const someWrites = (random: SeededRandom): readonly { readonly value: unknown; readonly hlc: Hlc }[] =>
  Array.from({ length: 2 + random.below(6) }, () => ({
    hlc: hlcOf(1_700_000_000_000 + random.below(3), random.below(2)),
    value: random.pick(VALUES),
  }));

/** Sequences in one engine: each is a field of one node. */
const TOGETHER = 500;

/** Says what differs, or nothing. */
export const compareWithGun = (seed: number, sequences: number): string | undefined => {
  const random = seededRandom(seed);
  const gun = gunOf(`engine ${seed}`);
  const born = new Device('gun');
  let entries = 0;
  for (let first = 0; first < sequences; first += TOGETHER) {
    const engine = createStore(graphModule(), OPEN);
    const birth = born.born();
    const start = born.write([birth], 0);
    const written: FoldEntry[] = [start];
    for (let run = first; run < first + TOGETHER; run++) {
      for (const { value, hlc } of someWrites(random)) {
        gun.write(`s${run}`, value, hlc);
        const id = (++entries).toString(16).padStart(64, '0') as FoldEntry['id'];
        const { prev: _, ...header } = start;
        written.push({
          ...{ ...header, id, log: id as string as FoldEntry['log'], hlc },
          ops: [{ type: 'fieldSet', node: birth.node, key: `s${run}`, value: JSON.stringify(value) }],
        });
      }
    }
    const shuffled = random.shuffle(written);
    for (let i = 0; i < shuffled.length; i += 64)
      engine.ingest(shuffled.slice(i, i + 64).map((entry) => bodyOf(entry)));
    const node = engine.node(birth.node);
    for (let run = first; run < first + TOGETHER; run++) {
      const state = node?.fieldState(`s${run}`);
      const [kept, ours] = [gun.take(`s${run}`), JSON.stringify([state?.value, state?.hlc])];
      if (kept !== ours) return `seed ${seed}, sequence ${run}: gun keeps ${kept}, the engine ${ours}`;
    }
  }
  return undefined;
};
