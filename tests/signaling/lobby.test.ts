import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS, type Limits, type Lobby, type LobbyOutput, lobbyStep, openLobby } from '../../signaling/lobby';
import { MAX_MESSAGE } from '../../signaling/message';
import { entriesOf, valueIn } from '../../signaling/table';
import { seededRandom } from '../../src/base/random';

const RANDOM = Uint8Array.from({ length: 32 }, (_, i) => i * 7);

/** A lobby with a clock, and a mailbox for each socket. */
const lobbyWith = (limits: Partial<Limits> = {}) => {
  let lobby: Lobby = openLobby(7, { ...LIMITS, ...limits });
  let now = 1_000;
  const mail = new Map<string, unknown[]>();
  const closed = new Map<string, string>();
  const checks: Extract<LobbyOutput, { type: 'check' }>[] = [];
  const step = (input: Parameters<typeof lobbyStep>[1]) => {
    const [next, outputs] = lobbyStep(lobby, input);
    lobby = next;
    for (const output of outputs) {
      if (output.type === 'close') closed.set(output.socket, output.reason);
      else if (output.type === 'check') checks.push(output);
      else if (output.type === 'send')
        for (const id of output.sockets) mail.set(id, [...(mail.get(id) ?? []), JSON.parse(output.text)]);
    }
  };
  const say = (socket: string, text: string, random: Uint8Array = RANDOM) =>
    step({ type: 'received', socket, text, bytes: Buffer.byteLength(text), random, now });
  return {
    open: (socket: string, address = 'a', network = address) => step({ type: 'opened', socket, address, network, now }),
    say,
    send: (socket: string, message: unknown, random?: Uint8Array) => say(socket, JSON.stringify(message), random),
    step,
    wait: (ms: number) => {
      now += ms;
    },
    tick: () => step({ type: 'ticked', now }),
    close: (socket: string) => step({ type: 'closed', socket }),
    checked: (socket: string, valid: boolean) => step({ type: 'checked', socket, valid, now }),
    mailOf: (socket: string) => mail.get(socket) ?? [],
    closed,
    checks,
    get lobby() {
      return lobby;
    },
    now: () => now,
  };
};

describe('y-webrtc rooms', () => {
  test('[LO1] a publish reaches every listener, the sender too, whole, and with the count of listeners', () => {
    const world = lobbyWith();
    for (const id of ['1', '2', '3']) world.open(id);
    world.send('1', { type: 'subscribe', topics: ['room'] });
    world.send('2', { type: 'subscribe', topics: ['room', 'other'] });
    const message = {
      type: 'publish',
      topic: 'room',
      data: { type: 'announce', from: 'x', deep: [{ a: null }] },
      more: 1,
    };
    world.send('3', message);
    world.send('1', message);
    expect(world.mailOf('1')).toEqual([
      { ...message, clients: 2 },
      { ...message, clients: 2 },
    ]);
    expect(world.mailOf('2')).toEqual(world.mailOf('1'));
    expect(world.mailOf('3')).toEqual([]);
  });

  test('[LO1] a ping is answered by a pong, an unsubscribed or closed socket hears nothing more', () => {
    const world = lobbyWith();
    for (const id of ['1', '2', '3']) {
      world.open(id);
      world.send(id, { type: 'subscribe', topics: ['room'] });
    }
    world.send('1', { type: 'ping' });
    expect(world.mailOf('1')).toEqual([{ type: 'pong' }]);
    world.send('2', { type: 'unsubscribe', topics: ['room', 'never'] });
    world.close('3');
    world.send('1', { type: 'publish', topic: 'room', data: 1, clients: 99 });
    expect(world.mailOf('1')[1]).toEqual({ type: 'publish', topic: 'room', data: 1, clients: 1 });
    expect(world.mailOf('2')).toEqual([]);
    expect(world.lobby.listenersByTopic.size).toBe(1);
  });
});

describe('limits', () => {
  test('[LO3] more than the burst is refused as too fast; the rate gives it back', () => {
    const world = lobbyWith();
    world.open('1');
    for (let i = 0; i < 65; i++) world.send('1', { type: 'ping' });
    expect(world.mailOf('1')).toHaveLength(60);
    expect(world.lobby.refused.tooFast).toBe(5);
    world.wait(1000);
    for (let i = 0; i < 25; i++) world.send('1', { type: 'ping' });
    expect(world.mailOf('1')).toHaveLength(80);
    expect(world.lobby.refused.tooFast).toBe(10);
  });

  test('[T67] [LO3] a flood closes the socket', () => {
    const world = lobbyWith();
    world.open('1');
    for (let i = 0; i < 200; i++) world.send('1', { type: 'ping' });
    expect(world.closed.get('1')).toBe('misbehaving');
    expect(world.lobby.sockets.size).toBe(0);
    expect(world.lobby.refused.unknownSocket).toBeGreaterThan(0);
  });

  test('[T67] of a flood of sockets, topics and messages what the limits allow is taken; without them all of it', () => {
    const flooded = (limits: Partial<Limits>) => {
      const world = lobbyWith(limits);
      for (let i = 0; i < 20; i++) {
        world.open(`${i}`);
        const topics = Array.from({ length: 70 }, (_, topic) => `${i} ${topic}`);
        for (const some of [topics.slice(0, 60), topics.slice(60)])
          world.send(`${i}`, { type: 'subscribe', topics: some });
        for (let message = 0; message < 70; message++) world.send(`${i}`, { type: 'publish', topic: `${i} 0` });
      }
      const { sockets, listenersByTopic, published } = world.lobby;
      return { sockets: sockets.size, topics: listenersByTopic.size, published };
    };
    const none = 1e9;
    // The second subscription of each is one too many, and twelve messages are too fast.
    expect(flooded({ socketsPerAddress: 16 })).toEqual({ sockets: 16, topics: 16 * 60, published: 16 * 58 });
    expect(flooded({ topicsPerSocket: none, rate: none, burst: none })).toEqual({
      sockets: 20,
      topics: 20 * 70,
      published: 20 * 70,
    });
  });

  test('[LO3] the 65th topic, and all that came with it, is refused', () => {
    const world = lobbyWith();
    world.open('1');
    world.send('1', { type: 'subscribe', topics: Array.from({ length: 63 }, (_, i) => `t${i}`) });
    world.send('1', { type: 'subscribe', topics: ['x', 'y'] });
    expect(world.lobby.refused.tooManyTopics).toBe(1);
    expect(world.lobby.listenersByTopic.size).toBe(63);
    expect(world.mailOf('1')).toEqual([{ type: 'refused', reason: 'tooManyTopics' }]);
    world.send('1', { type: 'subscribe', topics: ['t0', 'x'] });
    expect(world.lobby.listenersByTopic.size).toBe(64);
  });

  test('[LO3] a topic takes its number of listeners', () => {
    const world = lobbyWith({ socketsPerTopic: 40 });
    for (let i = 0; i < 41; i++) {
      world.open(`${i}`);
      world.send(`${i}`, { type: 'subscribe', topics: ['room'] });
    }
    expect(world.lobby.refused.topicFull).toBe(1);
    expect(valueIn(world.lobby.listenersByTopic, 'room')).toHaveLength(40);
  });

  test('[LO3] a crowded topic reaches 16, drawn afresh for each message, never the sender', () => {
    const world = lobbyWith();
    for (let i = 0; i < 40; i++) {
      world.open(`${i}`);
      world.send(`${i}`, { type: 'subscribe', topics: ['room'] });
    }
    const reached = new Set<string>();
    const random = seededRandom(3);
    for (let round = 1; round <= 20; round++) {
      world.send('0', { type: 'publish', topic: 'room' }, random.bytes(32));
      const counts = Array.from({ length: 40 }, (_, i) => world.mailOf(`${i}`).length);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(16 * round);
      for (const [i, count] of counts.entries()) if (count > 0) reached.add(`${i}`);
    }
    expect(reached.has('0')).toBe(false);
    expect(reached.size).toBe(39);
  });

  test('[LO6] who comes and goes in crowded topics all the time is heard less often; where that costs nothing, at the full rate', () => {
    const topics = Array.from({ length: 64 }, (_, i) => `t${i}`);
    const cycles = (listenersFor: number): number => {
      const world = lobbyWith({ listenersFor });
      for (let i = 0; i < 256; i++) {
        world.open(`${i}`);
        world.send(`${i}`, { type: 'subscribe', topics });
      }
      world.wait(10_000);
      for (let i = 0; i < 200; i++) {
        world.send('7', { type: i % 2 === 0 ? 'unsubscribe' : 'subscribe', topics });
        world.wait(50);
      }
      const { tooFast, unknownSocket } = world.lobby.refused;
      return 200 - tooFast - unknownSocket;
    };
    expect(cycles(Number.POSITIVE_INFINITY)).toBe(200);
    expect(cycles(1_024)).toBeLessThan(50);
    // Nobody pays for a topic of their own.
    const world = lobbyWith();
    world.open('1');
    for (let i = 0; i < 60; i++) world.send('1', { type: i % 2 === 0 ? 'subscribe' : 'unsubscribe', topics });
    expect(world.lobby.refused.tooFast).toBe(0);
  });

  test('[LO7] whoever fills a topic from one address leaves places in its draws to others; drawn of all alike it leaves few', () => {
    const reached = (drawnFor: number): number => {
      const world = lobbyWith({ drawnFor });
      for (let i = 0; i < 256; i++) world.open(`flood ${i}`, 'flood');
      for (let i = 0; i < 20; i++) world.open(`${i}`, `home ${i}`);
      const all = [
        ...Array.from({ length: 256 }, (_, i) => `flood ${i}`),
        ...Array.from({ length: 20 }, (_, i) => `${i}`),
      ];
      for (const id of all) world.send(id, { type: 'subscribe', topics: ['room'] });
      for (let i = 0; i < 50; i++) {
        const random = RANDOM.slice();
        random[0] = i;
        world.send('0', { type: 'publish', topic: 'room', n: i }, random);
        world.wait(100);
      }
      return Array.from({ length: 20 }, (_, i) => world.mailOf(`${i}`).length).reduce((a, b) => a + b, 0) / 50;
    };
    expect(reached(4)).toBeGreaterThan(3.5);
    expect(reached(1)).toBeLessThan(1.5);
  });

  test('[LO3] sockets are bounded in all and for each address, and places come back', () => {
    const world = lobbyWith({ sockets: 3, socketsPerAddress: 2 });
    world.open('1');
    world.open('2');
    world.open('3');
    expect(world.closed.get('3')).toBe('tooManyFromAddress');
    world.open('4', 'b');
    world.open('5', 'b');
    expect(world.closed.get('5')).toBe('tooManySockets');
    world.close('1');
    world.close('1');
    world.open('6');
    expect(world.lobby.sockets.size).toBe(3);
    expect(valueIn(world.lobby.socketsByAddress, 'a')).toBe(2);
  });

  test('[LO8] whoever takes all places of a topic or of the server leaves a fair share to others; without shares they get none', () => {
    const taken = (network: (address: number) => string, givesFrom = LIMITS.givesFrom) => {
      const world = lobbyWith({ sockets: 64, socketsPerAddress: 16, socketsPerTopic: 32, givesFrom });
      const come = (socket: string, address: string, from: string): void => {
        world.open(socket, address, from);
        world.send(socket, { type: 'subscribe', topics: ['room'] });
        world.wait(1_000);
      };
      for (let i = 0; i < 64; i++) come(`flood ${i}`, `flood ${i % 4}`, network(i % 4));
      for (let i = 0; i < 20; i++) come(`${i}`, `home ${i}`, `home ${i}`);
      // They come back for what they gave up.
      for (let i = 64; i < 128; i++) come(`flood ${i}`, `flood ${i % 4}`, network(i % 4));
      const all = [...entriesOf(world.lobby.sockets)].map(([id]) => id);
      const listeners = valueIn(world.lobby.listenersByTopic, 'room') ?? [];
      expect([all.length, listeners.length]).toEqual([64, 32]);
      return [all, listeners].map((ids) => ids.filter((id) => !id.startsWith('flood')).length);
    };
    for (const from of [() => 'flood', (address: number) => `flood ${address}`]) expect(taken(from)).toEqual([20, 20]);
    // Without shares whoever came first stays.
    expect(taken(() => 'flood', Number.POSITIVE_INFINITY)).toEqual([0, 0]);
  });

  test('[LO3] a socket silent for 60 s is closed, one that pings is not', () => {
    const world = lobbyWith();
    world.open('1');
    world.open('2');
    world.wait(59_000);
    world.send('2', { type: 'ping' });
    world.tick();
    expect(world.closed.size).toBe(0);
    world.wait(1_000);
    world.tick();
    expect([...world.closed]).toEqual([['1', 'idle']]);
    expect(world.lobby.refused.idle).toBe(1);
  });

  test('[LO3] too large, binary and deeply nested messages are refused and counted', () => {
    const world = lobbyWith();
    world.open('1');
    world.send('1', { type: 'publish', topic: 't', data: 'x'.repeat(MAX_MESSAGE) });
    world.step({ type: 'received', socket: '1', bytes: 4, random: RANDOM, now: world.now() });
    world.say('1', `{"type":"publish","topic":"t","data":${'['.repeat(7000)}${']'.repeat(7000)}}`);
    world.say('1', `{"type":"publish","topic":"t","data":[${'1e20,'.repeat(3000)}1]}`);
    expect(world.lobby.refused).toMatchObject({ tooLarge: 2, binary: 1, notMessage: 1 });
  });
});

describe('device keys', () => {
  const hello = { type: 'hello', device: 'ab'.repeat(32), nonce: 'AAAAAAAAAAAAAAAAAAAAAA' };
  const signature = 'A'.repeat(86);
  const prove = (world: ReturnType<typeof lobbyWith>, id: string) => {
    world.open(id);
    world.send(id, hello);
    world.send(id, { type: 'answer', signature });
    world.checked(id, true);
  };

  test('[LO4] hello gets a challenge, the answer is checked once, and only a challenged socket may answer', () => {
    const world = lobbyWith();
    world.open('1');
    world.send('1', { type: 'answer', signature });
    expect(world.lobby.refused.unexpectedAnswer).toBe(1);
    world.send('1', hello);
    expect(world.mailOf('1')[1]).toMatchObject({ type: 'challenge' });
    world.send('1', hello);
    world.send('1', { type: 'answer', signature });
    world.send('1', { type: 'answer', signature });
    expect(world.checks).toHaveLength(1);
    expect(world.lobby.refused).toMatchObject({ unexpectedHello: 1, unexpectedAnswer: 2 });
    world.checked('1', true);
    expect(world.mailOf('1').at(-1)).toEqual({ type: 'welcome', device: hello.device });
  });

  test('[LO4] a wrong signature closes the socket', () => {
    const world = lobbyWith();
    world.open('1');
    world.send('1', hello);
    world.send('1', { type: 'answer', signature });
    world.checked('1', false);
    expect(world.closed.get('1')).toBe('badSignature');
  });

  test('[LO4] the sockets of one device share one rate, are at most 16, and leave nothing behind', () => {
    const world = lobbyWith();
    prove(world, '1');
    prove(world, '2');
    world.wait(60_000);
    for (let i = 0; i < 50; i++) world.send('1', { type: 'ping' });
    for (let i = 0; i < 50; i++) world.send('2', { type: 'ping' });
    expect(world.lobby.refused.tooFast).toBe(40);
    for (let i = 3; i <= 17; i++) prove(world, `${i}`);
    expect(world.closed.get('17')).toBe('tooManyOfDevice');
    for (let i = 1; i <= 17; i++) world.close(`${i}`);
    expect(world.lobby.devices.size + world.lobby.sockets.size + world.lobby.socketsByAddress.size).toBe(0);
  });
});

describe('hostile input', () => {
  test('[LO3] names from the prototype are no messages, and nothing is polluted', () => {
    const world = lobbyWith();
    world.open('1');
    for (const text of [
      '{"__proto__":{"type":"ping"}}',
      '{"type":"ping","__proto__":{"polluted":1}}',
      '{"type":"constructor"}',
      '{"type":"__proto__"}',
      '{"type":"subscribe","topics":{"length":1,"0":"x"}}',
      '{"type":"subscribe","topics":["a",1]}',
      '{"type":"subscribe","topics":[""]}',
      '{"type":["ping"]}',
      '[{"type":"ping"}]',
      'null',
      '"ping"',
    ]) {
      world.say('1', text);
    }
    expect(world.lobby.refused.notMessage).toBe(11);
    expect(world.lobby.refused.notJson).toBe(0);
    world.say('1', '{"type":"subscribe","topics":["__proto__","constructor"]}');
    world.say('1', '{"type":"publish","topic":"__proto__","data":{"constructor":{"prototype":{"polluted":1}}}}');
    expect(world.mailOf('1').at(-1)).toMatchObject({ type: 'publish', topic: '__proto__', clients: 1 });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  const valid = [
    { type: 'subscribe', topics: ['room', 'b'.repeat(64)] },
    { type: 'unsubscribe', topics: ['room'] },
    { type: 'publish', topic: 'room', data: { from: 'x', signal: { sdp: 'v=0' } } },
    { type: 'ping' },
    { type: 'hello', device: 'ab'.repeat(32), nonce: 'A'.repeat(22) },
    { type: 'answer', signature: 'A'.repeat(86) },
  ].map((message) => JSON.stringify(message));
  const broken = fc.oneof(
    fc.tuple(fc.constantFrom(...valid), fc.nat()).map(([text, cut]) => text.slice(0, cut % text.length)),
    fc.tuple(fc.constantFrom(...valid), fc.nat(), fc.integer({ min: 0, max: 7 })).map(([text, at, bit]) => {
      const bytes = Buffer.from(text);
      const index = at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
      return bytes.toString('utf8');
    }),
    fc.json(),
    fc.string(),
    fc.constantFrom(...valid).map((text) => text + ' '.repeat(MAX_MESSAGE)),
    fc.constantFrom(...valid),
  );

  test('[T69] [LO2] 4,000 malformed, cut, oversized and flipped messages: nothing throws, each is answered for, all is bounded', () => {
    const limits: Limits = { ...LIMITS, sockets: 8, rate: 1e9, burst: 1e9, strikes: 50 };
    let lobby = openLobby(99, limits);
    let now = 0;
    let next = 0;
    let received = 0;
    let passed = 0;
    const live: string[] = [];
    fc.assert(
      fc.property(broken, fc.nat(), (text, pick) => {
        while (live.length < 8) {
          live.push(`${next}`);
          [lobby] = lobbyStep(lobby, {
            type: 'opened',
            socket: `${next++}`,
            address: `${pick % 3}`,
            network: `${pick % 3}`,
            now,
          });
        }
        const socket = live[pick % live.length] as string;
        const before = Object.values(lobby.refused).reduce((sum, count) => sum + count, 0);
        const [after, outputs] = lobbyStep(lobby, {
          type: 'received',
          socket,
          text,
          bytes: Buffer.byteLength(text),
          random: RANDOM,
          now: now++,
        });
        received++;
        lobby = after;
        const refused = Object.values(lobby.refused).reduce((sum, count) => sum + count, 0) - before;
        const closing = outputs.some((output) => output.type === 'close');
        if (closing) live.splice(live.indexOf(socket), 1);
        expect(refused).toBe(closing ? 2 : refused === 0 ? 0 : 1);
        const isOne = valid.includes(text);
        if (text.length > MAX_MESSAGE) expect(refused).toBeGreaterThan(0);
        if (refused === 0) passed++;
        else if (isOne) expect(outputs.some((output) => output.type !== 'check')).toBe(true);
        expect(lobby.sockets.size).toBeLessThanOrEqual(8);
        expect(lobby.listenersByTopic.size).toBeLessThanOrEqual(8 * 64);
        for (const output of outputs)
          if (output.type === 'send') expect(output.text.length).toBeLessThan(MAX_MESSAGE + 100);
      }),
      { numRuns: 4_000, seed: 20 },
    );
    expect(received).toBe(4_000);
    expect(passed).toBeGreaterThan(200);
    for (const [, socket] of entriesOf(lobby.sockets)) expect(socket.topics.length).toBeLessThanOrEqual(64);
    for (const id of live) [lobby] = lobbyStep(lobby, { type: 'closed', socket: id });
    expect([lobby.sockets.size, lobby.listenersByTopic.size, lobby.socketsByAddress.size, lobby.devices.size]).toEqual([
      0, 0, 0, 0,
    ]);
  });

  test('[LO2] a step leaves the state it was given as it was', () => {
    let lobby = openLobby(1);
    [lobby] = lobbyStep(lobby, { type: 'opened', socket: '1', address: 'a', network: 'a', now: 0 });
    const text = '{"type":"subscribe","topics":["x"]}';
    const [after] = lobbyStep(lobby, {
      type: 'received',
      socket: '1',
      text,
      bytes: text.length,
      random: RANDOM,
      now: 0,
    });
    expect(lobby.listenersByTopic.size).toBe(0);
    expect(after.listenersByTopic.size).toBe(1);
    expect(valueIn(lobby.sockets, '1')?.topics).toEqual([]);
  });
});
