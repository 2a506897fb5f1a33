/** A member who holds much that another lacks, and lets it through so slowly that the turn to give is just kept. */
import { afterEach, expect, test } from 'vitest';
import { openRun } from '../../lab/run';
import { SCENARIO } from '../../lab/scenario';
import { createKernel } from '../../src/os/kernel/kernel';
import type { Channel, Clock, Transport } from '../../src/ports';
import { FRAME_TYPES, MORE } from '../../src/vm/net/frame';
import { TURN_RULES } from '../../src/vm/sync/turns';
import { cheapCrypto } from '../network/crypto';

const SOUND = { ...TURN_RULES };
afterEach(() => void Object.assign(TURN_RULES, SOUND));

const ENTRIES = 200;
const EVERY_MS = 2_800;
/** Of its messages of entries one goes at once, and the next ones each 2.8 s. */
const trickling = (transport: Transport, clock: Clock): Transport => ({
  ...transport,
  createPeer: (polite, events) => {
    const channel = (transport.createPeer as NonNullable<Transport['createPeer']>)(polite, events);
    const waiting: Uint8Array[][] = [];
    let message: Uint8Array[] = [];
    let busy = false;
    const next = (): void => {
      const frames = waiting.shift();
      busy = frames !== undefined;
      for (const frame of frames ?? []) channel.send(frame);
      if (frames) clock.after(EVERY_MS, next);
    };
    const send: Channel<Uint8Array>['send'] = (frame) => {
      if (frame[0] !== FRAME_TYPES.entries) return channel.send(frame);
      message.push(frame);
      if (((frame[3] as number) & MORE) !== 0) return;
      waiting.push(message);
      message = [];
      if (!busy) next();
    };
    return { ...channel, send };
  },
});

/** Seconds until somebody who lacks much has it all, where the insider gives first, and then another one can; 100 if it does not come to that. */
const catchUp = async (insider: 'stays' | 'vanishes'): Promise<number> => {
  const run = await openRun(
    // The last of the three.
    { ...SCENARIO, seed: 3, nodes: 3, crypto: 'cheap', older: 1 / 3 },
    {
      crypto: cheapCrypto,
      settle: () => new Promise((done) => setImmediate(done)),
      earlier: (ports, ...rest) =>
        createKernel({ ...ports, transport: trickling(ports.transport, ports.clock) }, ...rest),
    },
  );
  run.arm(1_000);
  await run.pass(8_000);
  run.part([['n0'], ['n1', 'n2']]);
  const author = run.fleet.nodes[1]?.kernel;
  for (let i = 0; i < ENTRIES; i++) {
    run.recorder.wrote('n1');
    const text = `${i} `.repeat(2_000).slice(0, 6_000);
    author?.run('chat.send', { channelId: run.fleet.founded.channel, text }).catch(run.fleet.failed);
    await run.pass(50);
  }
  const here = (): number => run.recorder.spreads.filter(({ arrivals }) => arrivals.has('n0')).length;
  run.part([['n0', 'n2'], ['n1']]);
  while (here() < 20) await run.pass(100);
  run.part([]);
  if (insider === 'vanishes') run.kill(run.fleet.nodes.slice(2));
  let ms = 0;
  for (; here() < ENTRIES && ms < 100_000; ms += 500) await run.pass(500);
  await run.fleet.stop();
  expect(run.fleet.faults).toEqual([]);
  return ms / 1_000;
};

test('[T80] [TN3] whoever lets what is lacking trickle holds nobody up for long; without the trial it takes as long as they like', async () => {
  const sound = await catchUp('stays');
  Object.assign(TURN_RULES, { trialMs: Number.POSITIVE_INFINITY });
  expect(sound).toBeLessThan((await catchUp('stays')) / 2);
});

test('[TN2] where whoever gives vanishes amid it, all comes from another one', async () => {
  expect(await catchUp('vanishes')).toBeLessThan(30);
});
