/** Two WebRTC peers on one page, through the very adapters that page and worker use. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FromPeer, ToPeer } from '../../src/platform/browser/peer';
import { HIGH_WATER_BYTES, WORKER_QUEUE_BYTES, WORKER_WINDOW_BYTES } from '../../src/platform/browser/peer';
import { openPeer, serveRtc } from '../../src/platform/browser/rtc';
import { browserTransport } from '../../src/platform/browser/transport';
import type { PeerChannel, PeerEvents } from '../../src/ports';
import { eventually } from '../support/eventually';

const FRAME = 16_384;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const world = () => {
  const { port1, port2 } = new MessageChannel();
  cleanups.push(serveRtc(port2));
  const transport = browserTransport({ links: 'any', rtc: port1 });
  let wake: (() => void)[] = [];
  const changed = () => {
    for (const one of wake.splice(0)) one();
  };
  const until = async (met: () => boolean) => {
    while (!met()) await new Promise<void>((resolve) => wake.push(resolve));
    wake = [];
  };
  const peer = (polite: boolean, signal: (message: string) => void, patienceMs?: number) => {
    const side = {
      binding: '',
      bytes: 0,
      sum: 0,
      drained: 0,
      closed: [] as string[],
      routes: [] as string[],
      channel: undefined as unknown as PeerChannel,
    };
    if (!transport.createPeer) throw new Error('no WebRTC');
    const events: PeerEvents = {
      opened: (binding) => {
        side.binding = [...binding].join();
        changed();
      },
      received: (message) => {
        side.bytes += message.length;
        side.sum = (side.sum * 31 + (message[0] as number)) % 1_000_003;
        changed();
      },
      drained: () => {
        side.drained++;
        changed();
      },
      closed: (reason) => {
        side.closed.push(reason);
        changed();
      },
      signal: (message) => {
        signal(message);
        changed();
      },
      routed: (route) => {
        side.routes.push(route);
        changed();
      },
    };
    side.channel = transport.createPeer(polite, events, patienceMs);
    return side;
  };
  return { peer, until };
};
type Side = ReturnType<ReturnType<typeof world>['peer']>;

const pair = async (alter = (message: string) => message) => {
  const { peer, until } = world();
  const sides: Side[] = [];
  sides[0] = peer(false, (message) => sides[1]?.channel.signal(alter(message)));
  sides[1] = peer(true, (message) => sides[0]?.channel.signal(alter(message)));
  const [a, b] = sides as [Side, Side];
  return { a, b, until };
};

/** One has offered and the other has answered; the answer is on its way for so long, and the other one has called in vain. */
const carried = async (wayMs: number, patienceMs?: number) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const made: RTCPeerConnection[] = [];
  const create = RTCPeerConnection.prototype.createDataChannel;
  vi.spyOn(RTCPeerConnection.prototype, 'createDataChannel').mockImplementation(function (
    this: RTCPeerConnection,
    ...given
  ) {
    made.push(this);
    return create.apply(this, given);
  });
  const { peer, until } = world();
  const answer: string[] = [];
  let isThere = false;
  const two = peer(true, (message) => (isThere ? one.channel.signal(message) : void answer.push(message)), patienceMs);
  await eventually(() => made.length === 1);
  const one = peer(false, (message) => two.channel.signal(message), patienceMs);
  await until(() => answer.some((message) => 'description' in JSON.parse(message)));
  for (const state of ['disconnected', 'failed']) {
    Object.defineProperty(made[0], 'connectionState', { configurable: true, value: state });
    made[0]?.dispatchEvent(new Event('connectionstatechange'));
  }
  vi.advanceTimersByTime(wayMs);
  Reflect.deleteProperty(made[0] as RTCPeerConnection, 'connectionState');
  isThere = true;
  for (const message of answer) one.channel.signal(message);
  await until(() => one.closed.length + two.closed.length > 0 || (one.binding !== '' && two.binding !== ''));
  return { one, two, answer: answer.join('\n') };
};

describe('WebRTC through the page', () => {
  it('[WR4] an answer that a person carries opens the connection nine minutes later, though its maker called in vain', async () => {
    const { one, two } = await carried(540_000, 600_000);
    expect([one.closed, two.closed]).toEqual([[], []]);
    expect(one.binding).toBe(two.binding);
    one.channel.close();
  });

  it.each([
    ['a person carries it', 600_000, 'passive'],
    ['nobody carries it', undefined, 'active'],
  ])('[WR5] the answer where %s leaves the first word of DTLS to the right side', async (_, patienceMs, role) => {
    expect((await carried(0, patienceMs)).answer).toContain(`a=setup:${role}`);
  });

  it('[WR4] when its time is over it ends all the same', async () => {
    const { one, two } = await carried(601_000, 600_000);
    expect([one.closed, two.closed]).toContainEqual(['not connected in time']);
  });

  it('[WR4] where nobody carries anything a failed one ends at once', async () => {
    const { two } = await carried(0);
    expect(two.closed).toEqual(['connection failed']);
  });

  it('[WR3] opens with the same binding on both sides, another one each time', async () => {
    const first = await pair();
    await first.until(() => first.a.binding !== '' && first.b.binding !== '');
    expect(first.a.binding).toBe(first.b.binding);
    expect(first.a.binding.split(',').length).toBe(32);
    const second = await pair();
    await second.until(() => second.a.binding !== '');
    expect(second.a.binding).not.toBe(first.a.binding);
    for (const { a, b, until } of [first, second]) {
      a.channel.close();
      await until(() => a.closed.length + b.closed.length === 2);
    }
  });

  it('[RO2] tells once, after it opened, that nothing on the way replaced an address', async () => {
    const { a, b, until } = await pair();
    await until(() => a.routes.length > 0 && b.routes.length > 0);
    expect([a.routes, b.routes]).toEqual([['host'], ['host']]);
    a.channel.close();
    await until(() => a.closed.length + b.closed.length === 2);
  });

  it('[WR2] carries 1 MiB each way in order, within the bound of the send buffer', async () => {
    const { a, b, until } = await pair();
    await until(() => a.binding !== '' && b.binding !== '');
    let most = 0;
    const send = RTCDataChannel.prototype.send;
    vi.spyOn(RTCDataChannel.prototype, 'send').mockImplementation(function (this: RTCDataChannel, data: unknown) {
      (send as (bytes: ArrayBuffer) => void).call(this, data as ArrayBuffer);
      most = Math.max(most, this.bufferedAmount);
    });
    let sum = 0;
    for (let i = 0; i < 64; i++) {
      const message = new Uint8Array(FRAME).fill(i);
      sum = (sum * 31 + i) % 1_000_003;
      a.channel.send(message);
      b.channel.send(message);
      expect(message.length).toBe(FRAME);
    }
    expect(a.channel.buffered()).toBe(64 * FRAME);
    await until(() => a.bytes === 64 * FRAME && b.bytes === 64 * FRAME && a.drained > 0 && b.drained > 0);
    expect([a.sum, b.sum]).toEqual([sum, sum]);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(HIGH_WATER_BYTES + FRAME);
    expect(a.channel.buffered()).toBeLessThan(65_536);
    b.channel.close();
    await until(() => a.closed.length + b.closed.length === 2);
    expect([a.closed, b.closed]).toEqual([['closed by the other side'], ['closed here']]);
  });

  it('[WR1] what was sent before closing still arrives', async () => {
    const { a, b, until } = await pair();
    await until(() => a.binding !== '' && b.binding !== '');
    a.channel.send(Uint8Array.of(7));
    a.channel.close();
    await until(() => b.closed.length === 1 && a.closed.length === 1);
    expect(b.bytes).toBe(1);
  });

  it('[WR1] a broken description ends it once, unread signals do not', async () => {
    const { peer, until } = world();
    const one = peer(true, () => undefined);
    one.channel.signal('no json');
    one.channel.signal('{"description":{"type":"rollback"}}');
    one.channel.signal('{"candidate":{"candidate":"nonsense","sdpMid":"9"}}');
    one.channel.signal(JSON.stringify({ description: { type: 'offer', sdp: 'v=0\r\nnonsense' } }));
    await until(() => one.closed.length > 0);
    one.channel.close();
    expect(one.closed.length).toBe(1);
    expect(one.closed[0]).toMatch(/bad description/);
  });

  it('[WR3] the impolite side offers; the polite one waits for it and answers', async () => {
    const { peer, until } = world();
    const types: string[] = [];
    const note = (side: string, message: string) => {
      const { description } = JSON.parse(message);
      if (description) types.push(`${side} ${description.type}`);
    };
    const sides: Side[] = [];
    sides[0] = peer(true, (message) => {
      note('polite', message);
      sides[1]?.channel.signal(message);
    });
    sides[1] = peer(false, (message) => {
      note('impolite', message);
      sides[0]?.channel.signal(message);
    });
    await until(() => sides.every((side) => side.binding !== ''));
    expect(types).toEqual(['impolite offer', 'polite answer']);
    for (const side of sides) side.channel.close();
    await until(() => sides.every((side) => side.closed.length === 1));
  });

  it('[WR2] a worker that takes nothing gets its window and no more, and then the connection ends', async () => {
    const { peer, until } = world();
    const { port1, port2 } = new MessageChannel();
    let got = 0;
    const reasons: string[] = [];
    const fast = peer(false, (message) => port1.postMessage({ type: 'signal', message } satisfies ToPeer));
    port1.onmessage = ({ data }: MessageEvent<FromPeer>) => {
      if (data.type === 'signal') fast.channel.signal(data.message);
      if (data.type === 'data') got += data.data.byteLength;
      if (data.type === 'closed') reasons.push(data.reason);
    };
    openPeer(port2, { polite: true });
    await until(() => fast.binding !== '');
    for (let i = 0; i <= (WORKER_WINDOW_BYTES + WORKER_QUEUE_BYTES) / FRAME; i++)
      fast.channel.send(new Uint8Array(FRAME));
    await until(() => fast.closed.length === 1);
    await eventually(() => reasons.length === 1);
    expect(got).toBe(WORKER_WINDOW_BYTES);
    expect(reasons).toEqual(['this device is too slow for the other side']);
  });
});
