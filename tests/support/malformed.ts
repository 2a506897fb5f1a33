/** A storm of malformed, truncated, oversized and bent frames from strangers and insiders against live kernels. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { encode } from '../../src/base/codec';
import { type SeededRandom, seededRandom } from '../../src/base/random';
import { memoryVault } from '../../src/platform/memory/vault';
import { FRAME_TYPES, type FrameType, MAX_FRAME_BYTES } from '../../src/vm/net/frame';
import type { SpaceId } from '../../src/vm/op/ids';
import { vectorCodec } from '../../src/vm/sync/messages';
import { converged, createFleet, until } from './fleet';
import { newPerson, RawLink } from './insider';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const heap = async (): Promise<number> => {
  for (let i = 0; i < 3; i++) {
    await new Promise((done) => setImmediate(done));
    gc();
  }
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
};

const TYPES = Object.keys(FRAME_TYPES) as FrameType[];
const framed = (type: number, space: number, flags: number, payload: Uint8Array): Uint8Array => {
  const frame = new Uint8Array(4 + payload.length);
  frame.set([type, space >> 8, space & 255, flags]);
  frame.set(payload, 4);
  return frame;
};
type Sample = { readonly type: FrameType; readonly payload: Uint8Array };

/** One hostile frame. */
export const hostile = (random: SeededRandom, samples: readonly Sample[]): Uint8Array => {
  const sample = random.pick(samples);
  const type = FRAME_TYPES[sample.type];
  const payload = sample.payload.slice(0, MAX_FRAME_BYTES - 4);
  switch (random.below(8)) {
    case 0:
      return random.bytes(random.below(40));
    case 1:
      return framed(random.below(256), random.below(4), random.below(256), random.bytes(random.below(300)));
    case 2:
      return framed(type, 1, 0, payload.slice(0, random.below(payload.length + 1)));
    case 3:
      return framed(type, 1, 0, random.bytes(MAX_FRAME_BYTES + random.below(3_000)));
    case 4:
      // A message that never ends, or that began elsewhere.
      return framed(type, 1, 1 + random.below(3), random.bytes(MAX_FRAME_BYTES - 4));
    case 5:
      return framed(FRAME_TYPES[random.pick(TYPES)], 1, 0, random.bytes(random.below(600)));
    default: {
      for (let flips = 1 + random.below(4); flips > 0 && payload.length > 0; flips--) {
        const at = random.below(payload.length);
        payload[at] = (payload[at] as number) ^ (1 << random.below(8));
      }
      return framed(type, 1, 0, payload);
    }
  }
};

export const storm = async (seed: number, frames: number) => {
  const random = seededRandom(seed);
  const fleet = await createFleet(seed);
  const vault = memoryVault();
  const a = await fleet.tab('a');
  const b = await fleet.tab('b', { vault });
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'c' })) as { id: string };
  const { id: documentId } = (await a.run('editor.createDocument', { spaceId: space, title: 'd' })) as { id: string };
  await a.insertText(documentId, 0, 'x'.repeat(20_000));
  for (let i = 0; i < 10; i++) await a.run('chat.send', { channelId, text: `m${i}` });
  const { url } = await a.invite(space, { role: 'member', uses: 5 });
  await b.join(url, { timeoutMs: 30_000 });
  await converged([a, b], space);
  await b.stop();
  const insider = await newPerson(vault);
  const stranger = await newPerson();
  const hash = await a.stateHash(space);

  const open = async (target: string, me: typeof insider, node: string) => {
    const link = new RawLink(fleet.network.transport(node), `ws://${target}/link`, me);
    await until(() => link.ready ?? link.closed, 'a link');
    if (link.ready) link.root(space as SpaceId);
    return link;
  };
  // What honest nodes say to a member is what the storm bends.
  const samples: Sample[] = [{ type: 'receipt', payload: random.bytes(300) }];
  for (const target of ['beacon', 'a']) {
    const link = await open(target, insider, 'ear');
    link.send('vector', encode(vectorCodec, { answer: false, rightsOnly: false, logs: [] }), 1);
    await until(() => link.received.some(({ type }) => type === 'entries'), 'entries');
    samples.push(...link.received.filter(({ type }) => type !== 'refuse'));
    link.close();
  }
  const kinds = new Set(samples.map(({ type }) => type));
  const counted = async (name: RegExp) =>
    [fleet.beacon.stats(), await a.stats()]
      .flatMap((stats) => Object.entries(stats))
      .filter(([key]) => name.test(key))
      .reduce((sum, [, count]) => sum + (count ?? 0), 0);
  const before = await heap();
  let sent = 0;
  let closed = 0;
  const worker = async (index: number): Promise<void> => {
    let link: RawLink | undefined;
    while (sent < frames) {
      if (!link || link.closed) {
        if (link) closed++;
        link = await open(index % 2 === 0 ? 'beacon' : 'a', index % 4 < 2 ? insider : stranger, `storm${index}`);
      }
      for (let burst = 6; burst > 0; burst--) {
        link.raw(hostile(random, samples));
        sent++;
      }
      await new Promise((done) => setTimeout(done, 2));
      if (random.below(12) === 0) link.close();
    }
    link?.close();
  };
  await Promise.all(Array.from({ length: 8 }, (_, index) => worker(index)));
  const grown = (await heap()) - before;
  const refused = await counted(/^(refused|ignored|handshake|hosting)\./);
  // Each link that a kernel closed for what came over it stands in its counters under that reason. Where nothing came in
  // time, on a busy machine, there is nothing to count.
  const uncounted: string[] = [];
  for (const [reason, times] of fleet.closings) {
    if (/^(closed|replaced|closing|offline|other side: .*|server down|unreachable|timeout)$/.test(reason)) continue;
    const name = reason.replace('handshake: ', '');
    if ((await counted(new RegExp(`^(refused|handshake)\\.${name}$`))) < times) uncounted.push(`${reason} ${times}`);
  }
  // Honest nodes go on: one that was there, and one that is new, over links to the same kernels.
  await a.run('chat.send', { channelId, text: 'after the storm' });
  const c = await fleet.tab('c');
  await c.join(url, { timeoutMs: 30_000 });
  await converged([a, c], space);
  const again = await open('beacon', insider, 'reformed');
  const reopened = again.ready !== undefined && again.closed === undefined;
  again.close();
  const text = await c.documentText(documentId);
  await fleet.stop();
  return {
    sent,
    closed,
    refused,
    uncounted,
    reasons: [...fleet.closings.keys()],
    grown,
    kinds,
    faults: fleet.faults,
    reopened,
    text,
    hash,
  };
};
