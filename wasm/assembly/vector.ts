/**
 * A module of its own: dot products with the best kept, levels, importance and forces. No state and no heap: the host lays
 * everything out, and hands in addresses that are multiples of 16. What it hands in is checked before.
 */

// @ts-ignore: decorator
@inline function f(at: usize): f32 { return load<f32>(at); }
// @ts-ignore: decorator
@inline function u(at: usize): u32 { return load<u32>(at); }
// @ts-ignore: decorator
@inline function sum4(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

function dot(a: usize, b: usize, bytes: usize): f32 {
  let s = f32x4.splat(0);
  let t = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 32 <= bytes; i += 32) {
    s = f32x4.add(s, f32x4.mul(v128.load(a + i), v128.load(b + i)));
    t = f32x4.add(t, f32x4.mul(v128.load(a + i, 16), v128.load(b + i, 16)));
  }
  if (i < bytes) s = f32x4.add(s, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  return sum4(f32x4.add(s, t));
}

// --- The best rows: a heap with the worst at its root, as pairs of a score and a row -------------------------

// @ts-ignore: decorator
@inline function isWorse(score: f32, row: u32, at: usize): bool {
  const other = f(at);
  return score < other || (score == other && row > u(at + 4));
}
function sink(heap: usize, size: u32, score: f32, row: u32): void {
  let i: u32 = 0;
  for (;;) {
    let child: u32 = 2 * i + 1;
    if (child >= size) break;
    const left = heap + (<usize>child << 3);
    if (child + 1 < size && isWorse(f(left + 8), u(left + 12), left)) child++;
    const at = heap + (<usize>child << 3);
    if (isWorse(score, row, at)) break;
    store<u64>(heap + (<usize>i << 3), load<u64>(at));
    i = child;
  }
  store<f32>(heap + (<usize>i << 3), score);
  store<u32>(heap + (<usize>i << 3), row, 4);
}
function rise(heap: usize, i: u32, score: f32, row: u32): void {
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const at = heap + (<usize>parent << 3);
    if (!isWorse(score, row, at)) break;
    store<u64>(heap + (<usize>i << 3), load<u64>(at));
    i = parent;
  }
  store<f32>(heap + (<usize>i << 3), score);
  store<u32>(heap + (<usize>i << 3), row, 4);
}
/** Writes at most `size` pairs to `heap`, in no order; gives how many. Products that are not finite are passed over. */
export function nearest(rows: usize, count: u32, width: u32, query: usize, heap: usize, size: u32): u32 {
  const bytes = <usize>width << 2;
  let kept: u32 = 0;
  for (let row: u32 = 0; row < count; row++, rows += bytes) {
    const score = dot(rows, query, bytes);
    if (kept == size && !(score > f(heap))) continue;
    if (!isFinite(score)) continue;
    if (kept < size) rise(heap, kept++, score, row);
    else sink(heap, size, score, row);
  }
  return kept;
}

// --- Graphs --------------------------------------------------------------------------------------------------

/** `queue` begins with `from` nodes, whose levels are 0; all other levels are -1. */
export function reach(offsets: usize, targets: usize, levels: usize, queue: usize, from: u32, depth: i32): void {
  let end = queue + (<usize>from << 2);
  for (; queue < end; queue += 4) {
    const node = <usize>u(queue) << 2;
    const next = load<i32>(levels + node) + 1;
    if (next > depth) return;
    const last = targets + (<usize>u(offsets + node + 4) << 2);
    for (let at = targets + (<usize>u(offsets + node) << 2); at < last; at += 4) {
      const target = u(at);
      const level = levels + (<usize>target << 2);
      if (load<i32>(level) >= 0) continue;
      store<i32>(level, next);
      store<u32>(end, target);
      end += 4;
    }
  }
}

/** f64 by node in `ranks`; `offsets` of the way out, `sources` of the way in. Leaves the outcome as f32 in `out`. */
export function importance(
  nodes: u32, offsets: usize, sourceOffsets: usize, sources: usize, ranks: usize, shares: usize, out: usize,
  damping: f64, rounds: u32,
): void {
  const n = <usize>nodes;
  for (let i: usize = 0; i < n; i++) store<f64>(ranks + (i << 3), 1);
  for (let round: u32 = 0; round < rounds; round++) {
    let lost: f64 = 0;
    for (let i: usize = 0; i < n; i++) {
      const degree = u(offsets + (i << 2) + 4) - u(offsets + (i << 2));
      const rank = load<f64>(ranks + (i << 3));
      if (degree == 0) lost += rank;
      store<f64>(shares + (i << 3), degree == 0 ? 0 : rank / <f64>degree);
    }
    const base = 1 - damping + (damping * lost) / <f64>nodes;
    let at = sources;
    for (let i: usize = 0; i < n; i++) {
      const last = sources + (<usize>u(sourceOffsets + (i << 2) + 4) << 2);
      let sum: f64 = 0;
      for (; at < last; at += 4) sum += load<f64>(shares + (<usize>u(at) << 3));
      store<f64>(ranks + (i << 3), base + damping * sum);
    }
  }
  for (let i: usize = 0; i < n; i++) store<f32>(out + (i << 2), <f32>(load<f64>(ranks + (i << 3)) / <f64>nodes));
}

/**
 * One step from (xs, ys) to (nextXs, nextYs); `offsets` and `neighbours` of both ways of every edge.
 */
export function step(
  nodes: u32, offsets: usize, neighbours: usize, xs: usize, ys: usize, nextXs: usize, nextYs: usize,
  repulsion: f32, attraction: f32, length: f32, gravity: f32, limit: f32,
): void {
  const soft = length * length * 0.01;
  const softs = f32x4.splat(soft);
  const ones = f32x4.splat(1);
  const end = <usize>nodes << 2;
  const whole = <usize>(nodes & ~3) << 2;
  for (let i: usize = 0; i < end; i += 4) {
    const x = f(xs + i);
    const y = f(ys + i);
    const x4 = f32x4.splat(x);
    const y4 = f32x4.splat(y);
    let sx = f32x4.splat(0);
    let sy = f32x4.splat(0);
    for (let j: usize = 0; j < whole; j += 16) {
      const dx = f32x4.sub(x4, v128.load(xs + j));
      const dy = f32x4.sub(y4, v128.load(ys + j));
      const w = f32x4.div(ones, f32x4.add(softs, f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy))));
      sx = f32x4.add(sx, f32x4.mul(dx, w));
      sy = f32x4.add(sy, f32x4.mul(dy, w));
    }
    let fx = sum4(sx);
    let fy = sum4(sy);
    for (let j = whole; j < end; j += 4) {
      const dx = x - f(xs + j);
      const dy = y - f(ys + j);
      const w: f32 = 1 / (soft + dx * dx + dy * dy);
      fx += dx * w;
      fy += dy * w;
    }
    fx = fx * repulsion - gravity * x;
    fy = fy * repulsion - gravity * y;
    const last = neighbours + (<usize>u(offsets + i + 4) << 2);
    for (let at = neighbours + (<usize>u(offsets + i) << 2); at < last; at += 4) {
      const j = <usize>u(at) << 2;
      const dx = f(xs + j) - x;
      const dy = f(ys + j) - y;
      const w: f32 = attraction * (1 - length / sqrt<f32>(soft + dx * dx + dy * dy));
      fx += dx * w;
      fy += dy * w;
    }
    const moved = sqrt<f32>(fx * fx + fy * fy);
    const scale: f32 = moved > limit ? limit / moved : 1;
    store<f32>(nextXs + i, x + fx * scale);
    store<f32>(nextYs + i, y + fy * scale);
  }
}
