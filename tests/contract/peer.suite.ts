/** What every PeerChannel keeps, whoever makes it: two of them, each given what the other signals. */
import { describe, expect, it } from 'vitest';
import type { PeerChannel, PeerEvents, Route } from '../../src/ports';

type CreatePeer = (polite: boolean, events: PeerEvents) => PeerChannel;
const FRAME = 16_384;

const pair = (create: CreatePeer, alter: (message: string) => string) => {
  const side = (polite: boolean, other: () => PeerChannel) => {
    const own = { binding: '', received: [] as Uint8Array[], closed: [] as string[], routes: [] as Route[] };
    const channel = create(polite, {
      opened: (binding) => {
        own.binding = Buffer.from(binding).toString('hex');
      },
      received: (message) => own.received.push(message),
      drained: () => {},
      closed: (reason) => own.closed.push(reason),
      signal: (message) => other().signal(alter(message)),
      routed: (route) => own.routes.push(route),
    });
    return { own, channel };
  };
  const impolite: ReturnType<typeof side> = side(false, () => yielding.channel);
  const yielding: ReturnType<typeof side> = side(true, () => impolite.channel);
  return [impolite, yielding] as const;
};
const until = async (met: () => boolean): Promise<void> => {
  while (!met()) await new Promise((next) => setTimeout(next, 5));
};

export const peerContract = (name: string, create: CreatePeer): void => {
  describe(`peers: ${name}`, () => {
    it('[WR3] opens with one binding on both sides, another one each time, and says which way it runs', async () => {
      const bindings = new Set<string>();
      for (let i = 0; i < 2; i++) {
        const [a, b] = pair(create, (message) => message);
        await until(() => a.own.binding !== '' && b.own.binding !== '' && b.own.routes.length > 0);
        expect(a.own.binding).toBe(b.own.binding);
        expect(b.own.routes).toEqual(['host']);
        bindings.add(a.own.binding);
        a.channel.close();
        await until(() => a.own.closed.length > 0 && b.own.closed.length > 0);
      }
      expect(bindings.size).toBe(2);
    });

    it('[WR1] [WR2] carries 1 MiB in order both ways, and both ends hear once that it is closed', async () => {
      const [a, b] = pair(create, (message) => message);
      await until(() => a.own.binding !== '' && b.own.binding !== '');
      for (let i = 0; i < 64; i++) for (const { channel } of [a, b]) channel.send(new Uint8Array(FRAME).fill(i));
      await until(() => a.own.received.length === 64 && b.own.received.length === 64);
      for (const { own } of [a, b])
        expect(own.received.every((message, i) => message.length === FRAME && message[0] === i)).toBe(true);
      a.channel.close();
      a.channel.close();
      await until(() => a.own.closed.length > 0 && b.own.closed.length > 0);
      a.channel.send(Uint8Array.of(8));
      await until(() => a.channel.buffered() === 0);
      expect([a.own.closed.length, b.own.closed.length, b.own.received.length]).toEqual([1, 1, 64]);
    });
  });
};
