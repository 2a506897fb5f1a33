/**
 * Workload G: 200,000 field writes of 8 actors over 20,000 nodes of 6 fields, shuffled, one in fifty at the time of an
 * earlier write to the same field. Seeded: every run and every system merges the same.
 */
export const NODES = 20_000;
export const FIELDS = ['name', 'title', 'status', 'rank', 'count', 'score'];
export const ACTORS = 8;
const BASE = 1_700_000_000_000;
const DAY = 86_400_000;
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

const mulberry32 = (seed) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

/** `{node, field, time, actor, value}` each; with `cover`, every field is written at least once. */
export const writes = ({ count = 200_000, nodes = NODES, seed = 42, after = 0, span = DAY, cover = true } = {}) => {
  const random = mulberry32(seed);
  const cells = nodes * FIELDS.length;
  const first = new Float64Array(cells);
  const text = () => {
    let made = '';
    for (let i = 15 + Math.floor(random() * 11); i > 0; i--) made += LETTERS[Math.floor(random() * 32)];
    return made;
  };
  const made = Array.from({ length: count }, (_, i) => {
    const covers = cover && i < cells;
    const cell = covers ? i : Math.floor(random() * cells);
    let time = BASE + after + Math.floor(random() * span);
    if (!covers && first[cell] && random() < 0.02) time = first[cell];
    first[cell] ||= time;
    const field = cell % 6;
    const value = field < 3 ? text() : field === 5 ? Math.round(random() * 1e9) / 1e3 : Math.floor(random() * 1e6);
    return { node: Math.floor(cell / 6), field, time, actor: Math.floor(random() * ACTORS), value };
  });
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [made[i], made[j]] = [made[j], made[i]];
  }
  return made;
};
