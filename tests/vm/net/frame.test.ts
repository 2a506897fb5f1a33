import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes';
import { seededRandom } from '../../../src/base/random';
import {
  bytesHeld,
  emptyReassembly,
  expire,
  FRAME_TYPES,
  type FrameType,
  fragment,
  MAX_FRAME_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_REASSEMBLY_BYTES,
  type Message,
  REASSEMBLY_TIMEOUT_MS,
  type Reassembly,
  reassemble,
} from '../../../src/vm/net/frame';

const noise = seededRandom(1).bytes(MAX_MESSAGE_BYTES + 1);
const message = (bytes: number, over: Partial<Message> = {}): Message => ({
  type: 'entries',
  traffic: 'bulk',
  space: 513,
  payload: noise.slice(0, bytes),
  ...over,
});
const framesOf = (value: Message) => {
  const made = fragment(value);
  if (!made.ok) throw new Error('too large');
  return [...made.value];
};
const feed = (state: Reassembly, frames: readonly Uint8Array[], now = 0) => {
  const results = [];
  let next = state;
  for (const frame of frames) {
    const [after, result] = reassemble(next, frame, now);
    next = after;
    results.push(result);
  }
  return { state: next, results };
};
const held = bytesHeld;

describe('frames', () => {
  it('has the bytes of docs/protocol/link.md', () => {
    const [frame] = framesOf({ type: 'entry', traffic: 'bulk', space: 258, payload: Uint8Array.of(9, 8) });
    expect(toHex(frame as Uint8Array)).toBe('06010204' + '0908');
    const numbers = Array.from({ length: 53 }, (_, index) => index + 1);
    // 13 is of protocol 1, 22 was never sent, the others were never given.
    const free = [13, 22, 31, 41, 42, 43, 46, 47, 48, 49];
    expect(Object.values(FRAME_TYPES)).toEqual(numbers.filter((number) => !free.includes(number)));
  });

  it.each([0, 1, MAX_FRAME_BYTES - 4, MAX_FRAME_BYTES - 3, 100_000, MAX_MESSAGE_BYTES])(
    'gives back a message of %i bytes from frames of at most 16 KiB',
    (bytes) => {
      const sent = message(bytes);
      const frames = framesOf(sent);
      expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThanOrEqual(MAX_FRAME_BYTES);
      const { state, results } = feed(emptyReassembly, frames);
      expect(results.slice(0, -1).every((result) => result.type === 'partial')).toBe(true);
      expect(results.at(-1)).toEqual({ type: 'message', message: sent });
      expect(state).toEqual(emptyReassembly);
    },
  );

  it('refuses to fragment what no receiver would take', () => {
    expect(fragment(message(MAX_MESSAGE_BYTES + 1))).toEqual({
      ok: false,
      error: { type: 'tooLarge', bytes: MAX_MESSAGE_BYTES + 1 },
    });
  });

  it('[FR4] lets live messages and whole frames pass between the fragments of a bulk message', () => {
    const bulk = message(40_000);
    const live = message(20_000, { traffic: 'live', type: 'entry' });
    const ping = message(8, { type: 'ping' });
    const [b1, b2, b3] = framesOf(bulk);
    const [l1, l2] = framesOf(live);
    const [p] = framesOf(ping);
    const { results } = feed(emptyReassembly, [b1, l1, b2, p, l2, b3] as Uint8Array[]);
    expect(results.filter((result) => result.type === 'message').map((result) => result.message)).toEqual([
      ping,
      live,
      bulk,
    ]);
  });

  it('[FR4] refuses a second fragmented message of the class, and then the rest of both', () => {
    const first = framesOf(message(40_000));
    const second = framesOf(message(40_001));
    const { state, results } = feed(emptyReassembly, [first[0], second[0], first[1], second[2]] as Uint8Array[]);
    expect(results.slice(1)).toEqual(
      ['interleaved', 'strayFragment', 'strayFragment'].map((reason) => ({ type: 'refused', reason })),
    );
    expect(state).toEqual({ ...emptyReassembly, refused: 3 });
  });

  it('[FR3] gives up a message after 10 s and never reads its end as a new message', () => {
    const frames = framesOf(message(20_000));
    const begun = feed(emptyReassembly, frames.slice(0, 1), 1_000).state;
    const late = 1_001 + REASSEMBLY_TIMEOUT_MS;
    expect(held(expire(begun, late - 1))).toBeGreaterThan(0);
    const given = expire(begun, late);
    expect(given).toEqual({ ...emptyReassembly, refused: 1 });
    expect(feed(given, frames.slice(1), late).results).toEqual([{ type: 'refused', reason: 'strayFragment' }]);
    expect(feed(begun, frames.slice(1), late).results).toEqual([{ type: 'refused', reason: 'expired' }]);
    const anew = feed(begun, frames, late);
    expect(anew.results.at(-1)?.type).toBe('message');
    expect(anew.state.refused).toBe(1);
  });

  it('[FR3] holds no message longer because the clock went back', () => {
    const frames = framesOf(message(60_000));
    const begun = feed(emptyReassembly, frames.slice(0, 1), 1_000_000).state;
    const { state } = feed(begun, frames.slice(1, 2), 5_000);
    expect(held(expire(state, 5_001 + REASSEMBLY_TIMEOUT_MS))).toBe(0);
  });

  it('[FR2] never holds more than 320 KiB of a message that does not end', () => {
    const [first, next] = framesOf(message(40_000)) as [Uint8Array, Uint8Array];
    let { state } = feed(emptyReassembly, [first]);
    let most = 0;
    let reason: string | undefined;
    for (let i = 0; i < 40 && reason === undefined; i++) {
      const [after, result] = reassemble(state, next, 0);
      state = after;
      most = Math.max(most, held(state));
      if (result.type === 'refused') reason = result.reason;
    }
    expect(reason).toBe('tooLarge');
    expect(most).toBeLessThanOrEqual(MAX_REASSEMBLY_BYTES);
    expect(held(state)).toBe(0);
  });

  it('[FR1] 10,000 malformed, truncated and bit-flipped frames: nothing throws, all refusals counted, memory bounded', () => {
    const random = seededRandom(20_261);
    const types = Object.keys(FRAME_TYPES) as FrameType[];
    let state = emptyReassembly;
    let refusals = 0;
    const seen = new Set<string>();
    for (let round = 0; round < 10_000; round++) {
      const frames = framesOf(
        message(random.pick([0, 10, 17_000, 40_000]), {
          type: random.pick(types),
          traffic: random.pick(['live', 'bulk'] as const),
        }),
      );
      const frame = random.pick(frames).slice();
      const kind = random.below(5);
      if (kind === 0) frame.set([random.below(256)], random.below(4));
      if (kind === 1)
        for (let i = 0; i < 8; i++) (frame[random.below(Math.min(frame.length, 8))] as number) ^= 1 << random.below(8);
      const bad = kind === 2 ? frame.slice(0, random.below(6)) : kind === 3 ? random.bytes(random.below(64)) : frame;
      const long = kind === 4 && random.below(8) === 0 ? new Uint8Array(MAX_FRAME_BYTES + 1) : bad;
      const [after, result] = reassemble(state, long, round * 20);
      const expiredOnes = after.refused - state.refused - (result.type === 'refused' ? 1 : 0);
      expect(expiredOnes === 0 || expiredOnes === 1).toBe(true);
      refusals += after.refused - state.refused;
      if (result.type === 'refused') seen.add(result.reason);
      state = after;
      expect(held(state)).toBeLessThanOrEqual(2 * MAX_REASSEMBLY_BYTES);
    }
    expect(state.refused).toBe(refusals);
    expect(refusals).toBeGreaterThan(1_000);
    expect([...seen].sort()).toEqual(
      ['interleaved', 'shortFragment', 'strayFragment', 'tooLong', 'tooShort', 'unknownFlags', 'unknownType'].sort(),
    );
  });
});
