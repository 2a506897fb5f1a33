/** What runs on the graphics card, in WGSL. Each kernel says what lies at its bindings; `gpu-work` lays it there. */

/** Invocations of a workgroup. */
export const GROUP = 256;
/** Rows that one workgroup sorts. */
export const BLOCK = 1_024;

/**
 * Scores of a block of rows, sorted where they are; the best `kept` of each block go out. What is not finite, and what stands
 * beyond the last row, comes last.
 */
export const NEAREST = `
struct Ask { count: u32, quads: u32, kept: u32 }
@group(0) @binding(0) var<uniform> ask: Ask;
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read> query: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> best: array<vec2u>;
const LEAST = -3.4028234663852886e38;
var<workgroup> scores: array<f32, ${BLOCK}>;
var<workgroup> places: array<u32, ${BLOCK}>;

fn scoreOf(row: u32) -> f32 {
  if (row >= ask.count) { return LEAST; }
  var sums = vec4f();
  let first = row * ask.quads;
  for (var i = 0u; i < ask.quads; i++) { sums += rows[first + i] * query[i]; }
  let score = (sums.x + sums.y) + (sums.z + sums.w);
  return select(score, LEAST, (bitcast<u32>(score) & 0x7f800000u) == 0x7f800000u);
}
fn isBefore(a: u32, b: u32) -> bool {
  return scores[a] > scores[b] || (scores[a] == scores[b] && places[a] < places[b]);
}
@compute @workgroup_size(${GROUP})
fn nearest(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) own: u32) {
  for (var i = own; i < ${BLOCK}u; i += ${GROUP}u) {
    let row = group.x * ${BLOCK}u + i;
    scores[i] = scoreOf(row);
    places[i] = row;
  }
  for (var size = 2u; size <= ${BLOCK}u; size <<= 1u) {
    for (var gap = size >> 1u; gap > 0u; gap >>= 1u) {
      workgroupBarrier();
      for (var pair = own; pair < ${BLOCK / 2}u; pair += ${GROUP}u) {
        let a = 2u * pair - (pair & (gap - 1u));
        let b = a + gap;
        if (isBefore(b, a) == ((a & size) == 0u)) {
          let score = scores[a];
          let place = places[a];
          scores[a] = scores[b];
          places[a] = places[b];
          scores[b] = score;
          places[b] = place;
        }
      }
    }
  }
  workgroupBarrier();
  for (var i = own; i < ask.kept; i += ${GROUP}u) {
    best[group.x * ask.kept + i] = vec2u(bitcast<u32>(scores[i]), places[i]);
  }
}`;

/** `spread` takes one level more, `advance` turns to the next, or to END where nothing was found or the depth is reached. */
export const REACH = `
struct State { level: u32, found: atomic<u32>, depth: u32, nodes: u32 }
@group(0) @binding(0) var<storage, read> offsets: array<u32>;
@group(0) @binding(1) var<storage, read> edges: array<u32>;
@group(0) @binding(2) var<storage, read_write> levels: array<atomic<i32>>;
@group(0) @binding(3) var<storage, read_write> state: State;
const END = 0xffffffffu;

@compute @workgroup_size(${GROUP})
fn spread(@builtin(global_invocation_id) id: vec3u) {
  let level = state.level;
  if (level == END || id.x >= state.nodes || atomicLoad(&levels[id.x]) != i32(level)) { return; }
  for (var at = offsets[id.x]; at < offsets[id.x + 1u]; at++) {
    let node = edges[at];
    // Whoever comes first: all write the same.
    if (atomicLoad(&levels[node]) < 0) {
      atomicStore(&levels[node], i32(level + 1u));
      atomicStore(&state.found, 1u);
    }
  }
}
@compute @workgroup_size(1)
fn advance() {
  if (state.level == END) { return; }
  let goesOn = atomicLoad(&state.found) == 1u && state.level + 1u < state.depth;
  state.level = select(END, state.level + 1u, goesOn);
  atomicStore(&state.found, 0u);
}`;

/**
 * A round is three kernels: what each node gives along each of its edges, and what dead ends lose, by workgroup; what
 * everybody gets of that; what each node is given. Sums of many are made of sums of few, or 32 bits would not do.
 */
export const IMPORTANCE = `
struct Ask { nodes: u32, groups: u32, damping: f32 }
@group(0) @binding(0) var<uniform> ask: Ask;
@group(0) @binding(1) var<storage, read> offsets: array<u32>;
@group(0) @binding(2) var<storage, read> sourceOffsets: array<u32>;
@group(0) @binding(3) var<storage, read> sources: array<u32>;
@group(0) @binding(4) var<storage, read_write> ranks: array<f32>;
@group(0) @binding(5) var<storage, read_write> shares: array<f32>;
@group(0) @binding(6) var<storage, read_write> losses: array<f32>;
var<workgroup> sums: array<f32, ${GROUP}>;

fn gather(own: u32) {
  for (var half = ${GROUP / 2}u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (own < half) { sums[own] += sums[own + half]; }
  }
}
@compute @workgroup_size(${GROUP})
fn share(@builtin(global_invocation_id) id: vec3u, @builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) own: u32) {
  sums[own] = 0.0;
  if (id.x < ask.nodes) {
    let degree = offsets[id.x + 1u] - offsets[id.x];
    if (degree == 0u) { sums[own] = ranks[id.x]; }
    shares[id.x] = select(ranks[id.x] / f32(max(degree, 1u)), 0.0, degree == 0u);
  }
  gather(own);
  if (own == 0u) { losses[group.x] = sums[0]; }
}
@compute @workgroup_size(${GROUP})
fn settle(@builtin(local_invocation_index) own: u32) {
  var sum = 0.0;
  for (var i = own; i < ask.groups; i += ${GROUP}u) { sum += losses[i]; }
  sums[own] = sum;
  gather(own);
  if (own == 0u) { losses[ask.groups] = 1.0 - ask.damping + ask.damping * sums[0] / f32(ask.nodes); }
}
@compute @workgroup_size(${GROUP})
fn pull(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= ask.nodes) { return; }
  let last = sourceOffsets[id.x + 1u];
  var at = sourceOffsets[id.x];
  var sum = 0.0;
  while (at < last) {
    let stop = min(at + 128u, last);
    var few = 0.0;
    for (; at < stop; at++) { few += shares[sources[at]]; }
    sum += few;
  }
  ranks[id.x] = losses[ask.groups] + ask.damping * sum;
}`;

/** One step; all nodes go through the workgroup's memory, tile by tile. */
export const FORCES = `
struct Ask { nodes: u32, repulsion: f32, attraction: f32, length: f32, gravity: f32, limit: f32 }
@group(0) @binding(0) var<uniform> ask: Ask;
@group(0) @binding(1) var<storage, read> offsets: array<u32>;
@group(0) @binding(2) var<storage, read> neighbours: array<u32>;
@group(0) @binding(3) var<storage, read> now: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> next: array<vec2f>;
var<workgroup> tile: array<vec2f, ${GROUP}>;

@compute @workgroup_size(${GROUP})
fn shift(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) own: u32) {
  let soft = ask.length * ask.length * 0.01;
  let place = now[min(id.x, ask.nodes - 1u)];
  var sum = vec2f();
  for (var first = 0u; first < ask.nodes; first += ${GROUP}u) {
    workgroupBarrier();
    tile[own] = now[min(first + own, ask.nodes - 1u)];
    workgroupBarrier();
    var few = vec2f();
    let count = min(${GROUP}u, ask.nodes - first);
    for (var i = 0u; i < count; i++) {
      let d = place - tile[i];
      few += d / (soft + dot(d, d));
    }
    sum += few;
  }
  if (id.x >= ask.nodes) { return; }
  var force = sum * ask.repulsion - place * ask.gravity;
  for (var at = offsets[id.x]; at < offsets[id.x + 1u]; at++) {
    let d = now[neighbours[at]] - place;
    force += d * (ask.attraction * (1.0 - ask.length / sqrt(soft + dot(d, d))));
  }
  let far = length(force);
  next[id.x] = place + force * select(1.0, ask.limit / far, far > ask.limit);
}`;
