import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import {
  arrived,
  type Credit,
  consumed,
  granted,
  isMetered,
  offer,
  QUEUE_BYTES,
  type Receiver,
  type Sender,
  startReceiver,
  startSender,
  WINDOW_BYTES,
} from '../../../src/vm/net/flow';
import type { TrafficClass } from '../../../src/vm/net/frame';

/** Frames of a mark share their bytes: nothing here changes them. */
const frameByMark = [0, 1, 2].map((mark) => new Uint8Array(16_384).fill(mark));
const frames = (count: number, mark = 0) =>
  Array.from({ length: count }, () => frameByMark[mark] as Uint8Array<ArrayBuffer>);
const taken = <T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

describe('flow', () => {
  it('[FL1] sends a window and no more until credit comes', () => {
    const [waiting, out] = taken(offer(startSender(), 'bulk', frames(20)));
    expect(out.length).toBe(16);
    expect(taken(offer(waiting, 'bulk', frames(1)))[1]).toEqual([]);
    expect(taken(offer(waiting, 'live', frames(16)))[1].length, 'the other class has its own').toBe(16);
    const [done, rest] = taken(granted(waiting, { live: 0, bulk: 65_536 }));
    expect(rest.length).toBe(4);
    expect(done.queued.bulk.bytes).toBe(0);
  });

  it('[FL2] live goes before bulk when both wait', () => {
    let [state] = taken(offer(startSender(), 'bulk', frames(16)));
    [state] = taken(offer(state, 'live', frames(16)));
    [state] = taken(offer(state, 'bulk', frames(2, 1)));
    [state] = taken(offer(state, 'live', frames(2, 2)));
    const [, out] = taken(granted(state, { live: 65_536, bulk: 65_536 }));
    expect(out.map((frame) => frame[0])).toEqual([2, 2, 1, 1]);
  });

  it('[FL3] refuses a message whole when the queue is full', () => {
    let state: Sender = startSender();
    [state] = taken(offer(state, 'live', frames(16)));
    [state] = taken(offer(state, 'live', frames(QUEUE_BYTES.live / 16_384)));
    expect(offer(state, 'live', frames(1))).toEqual({ ok: false, error: { type: 'queueFull', traffic: 'live' } });
    expect(offer(state, 'bulk', frames(1)).ok).toBe(true);
  });

  it('[FL4] credit above the window and bytes above the credit are faults', () => {
    expect(granted(startSender(), { live: 1, bulk: 0 })).toEqual({
      ok: false,
      error: { type: 'creditFault', traffic: 'live' },
    });
    const full = taken(arrived(startReceiver(), 'bulk', WINDOW_BYTES));
    expect(arrived(full, 'bulk', 1)).toEqual({ ok: false, error: { type: 'creditFault', traffic: 'bulk' } });
  });

  it('meters content and never what keeps the link going', () => {
    expect(['entry', 'entries', 'blobChunk', 'root'].map((type) => isMetered(type as 'entry'))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['credit', 'hello', 'auth', 'ping', 'bye'].map((type) => isMetered(type as 'bye'))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('[FL1] any traffic with any delays arrives whole and in order, and in flight stays within the windows', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed);
      let sender = startSender();
      let receiver: Receiver = startReceiver();
      const wire: { traffic: TrafficClass; frame: Uint8Array }[] = [];
      const grants: Credit[] = [];
      const arrivedCount = { live: 0, bulk: 0 };
      const expected = { live: 0, bulk: 0 };
      const put = (out: readonly Uint8Array[]) => {
        for (const frame of out) wire.push({ traffic: frame[0] === 0 ? 'live' : 'bulk', frame });
      };
      for (let round = 0; round < 3_000; round++) {
        const action = round < 2_000 ? random.below(4) : 2 + random.below(2);
        if (action < 2) {
          const traffic = action === 0 ? 'live' : 'bulk';
          const offered = offer(sender, traffic, frames(1 + random.below(16), action));
          if (!offered.ok) continue;
          expected[traffic] += offered.value[0].queued[traffic].frames.length - sender.queued[traffic].frames.length;
          expected[traffic] += offered.value[1].filter((frame) => (frame[0] === 0) === (traffic === 'live')).length;
          sender = offered.value[0];
          put(offered.value[1]);
        } else if (action === 2) {
          const next = wire.shift();
          if (!next) continue;
          receiver = taken(arrived(receiver, next.traffic, next.frame.length));
          arrivedCount[next.traffic]++;
          const [after, grant] = consumed(receiver, next.traffic, next.frame.length);
          receiver = after;
          if (grant) grants.push(grant);
        } else {
          const grant = grants.shift();
          if (!grant) continue;
          const [after, out] = taken(granted(sender, grant));
          sender = after;
          put(out);
        }
        for (const traffic of ['live', 'bulk'] as const) {
          const flying = wire
            .filter((item) => item.traffic === traffic)
            .reduce((sum, item) => sum + item.frame.length, 0);
          expect(flying).toBeLessThanOrEqual(WINDOW_BYTES);
        }
      }
      expect(arrivedCount).toEqual(expected);
    }
  });
});
