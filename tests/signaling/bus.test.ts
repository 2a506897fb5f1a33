/** Several signaling processes that are one place to meet. */
import { describe, expect, test } from 'vitest';
import { LIMITS, type Lobby, type LobbyInput, type LobbyOutput, lobbyStep, openLobby } from '../../signaling/lobby';
import { seededRandom } from '../../src/base/random';
import { busContract } from '../contract/bus.suite';
import { memoryBus } from './memory-bus';

busContract('the bus of tests', memoryBus());

const RANDOM = new Uint8Array(32).fill(5);
const shared = (now = 1_000) => {
  let lobby: Lobby = openLobby(7, LIMITS, true);
  const step = (input: LobbyInput): readonly LobbyOutput[] => {
    const [next, outputs] = lobbyStep(lobby, input);
    lobby = next;
    return outputs;
  };
  const say = (socket: string, message: object): readonly LobbyOutput[] => {
    const text = JSON.stringify(message);
    return step({ type: 'received', socket, text, bytes: text.length, random: RANDOM, now });
  };
  return {
    step,
    say,
    open: (socket: string) => step({ type: 'opened', socket, address: socket, network: socket, now }),
    state: () => lobby,
  };
};

describe('lobbies on one bus', () => {
  test('[LO5] what a client publishes goes to listeners here and to the bus; what the bus says to listeners alone', () => {
    const [a, b] = [shared(), shared()];
    for (const each of [a, b]) each.open('1');
    a.say('1', { type: 'subscribe', topics: ['room'] });
    b.say('1', { type: 'subscribe', topics: ['room'] });
    const message = { type: 'publish', topic: 'room', data: 1 };
    const said = a.say('1', message);
    expect(said).toEqual([
      { type: 'send', sockets: ['1'], text: JSON.stringify({ ...message, clients: 1 }) },
      { type: 'relay', topic: 'room', text: JSON.stringify(message) },
    ]);
    const relayed = said[1] as { readonly text: string };
    expect(b.step({ type: 'heard', text: relayed.text, random: RANDOM })).toEqual([said[0]]);
    expect([b.state().delivered, b.state().published]).toEqual([1, 0]);
  });

  test.each([
    ['no JSON', '{'],
    ['another kind', '{"type":"subscribe","topics":["room"]}'],
    ['a proof', `{"type":"hello","device":"${'0'.repeat(64)}","nonce":"AAAAAAAAAAAAAAAAAAAAAA"}`],
    ['too deep', `{"type":"publish","topic":"room","data":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['too large', JSON.stringify({ type: 'publish', topic: 'room', data: 'x'.repeat(17_000) })],
  ])('[LO2] [LO5] a bus that says %s is not believed, and counted', (_, text) => {
    const lobby = shared();
    lobby.open('1');
    lobby.say('1', { type: 'subscribe', topics: ['room'] });
    expect(lobby.step({ type: 'heard', text, random: RANDOM })).toEqual([]);
    expect(lobby.state().refused.notFromLobby).toBe(1);
  });

  test('[SB1] [LO5] the bus is asked for exactly the topics that somebody here listens to, whoever comes and goes', () => {
    const random = seededRandom(3);
    const lobby = shared();
    const wanted = new Set<string>();
    const follow = (outputs: readonly LobbyOutput[]): void => {
      for (const output of outputs) {
        if (output.type !== 'listen' && output.type !== 'leave') continue;
        for (const topic of output.topics) {
          expect(wanted.has(topic)).toBe(output.type === 'leave');
          if (output.type === 'listen') wanted.add(topic);
          else wanted.delete(topic);
        }
      }
    };
    let most = 0;
    for (let i = 0; i < 3_000; i++) {
      const socket = `${random.below(12)}`;
      const topics = [`t${random.below(30)}`, `t${random.below(30)}`];
      const now = 1_000 + i * 500;
      const text = JSON.stringify({ type: random.below(3) === 0 ? 'unsubscribe' : 'subscribe', topics });
      const act = random.below(10);
      if (act === 0) follow(lobby.step({ type: 'closed', socket }));
      else if (act === 1) follow(lobby.step({ type: 'ticked', now }));
      else if (act < 4)
        follow(lobby.step({ type: 'opened', socket: `${random.below(12)}`, address: 'a', network: 'a', now }));
      else follow(lobby.step({ type: 'received', socket, text, bytes: text.length, random: RANDOM, now }));
      expect(wanted.size).toBe(lobby.state().listenersByTopic.size);
      most = Math.max(most, wanted.size);
    }
    expect(most).toBeGreaterThan(10);
  });
});
