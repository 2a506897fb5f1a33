/** A neighbour that two have in between, and that changes, loses or repeats what it carries. */
import { afterEach, expect, test } from 'vitest';
import { concat } from '../../src/base/bytes';
import { seededRandom } from '../../src/base/random';
import type { KernelApi } from '../../src/bridge/messages';
import { webCrypto } from '../../src/platform/webcrypto';
import type { Crypto } from '../../src/ports';
import { FRAME_HEADER_BYTES, FRAME_TYPES } from '../../src/vm/net/frame';
import { type Fleet, reached, texts, threeApart, wayTo } from '../support/apart';
import { converged, until } from '../support/fleet';
import { tracked } from '../support/resting';

let fleet: Fleet | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});

const DATA = 3;
/** Of a hundred messages that it carries so many are lost, take the place of the next one, or have a bit changed. */
type Harm = { readonly lost: number; readonly repeated: number; readonly bent: number };
const bending = ({ lost, repeated, bent }: Harm) => {
  const random = seededRandom(63);
  const done = { isHostile: false, bent: 0, lost: 0, repeated: 0 };
  let last: Uint8Array | undefined;
  const frame = (bytes: Uint8Array): Uint8Array | undefined => {
    if (bytes[0] !== FRAME_TYPES.circuit || bytes[FRAME_HEADER_BYTES] !== DATA) return bytes;
    const before = last;
    last = bytes;
    if (!done.isHostile) return bytes;
    const turn = random.below(100);
    if (turn < lost) {
      done.lost++;
      return undefined;
    }
    if (turn < lost + repeated && before) {
      done.repeated++;
      return before;
    }
    if (turn >= lost + repeated + bent) return bytes;
    done.bent++;
    const other = bytes.slice();
    const at = FRAME_HEADER_BYTES + 11 + random.below(bytes.length - FRAME_HEADER_BYTES - 11);
    other[at] = (other[at] as number) ^ 1;
    return other;
  };
  return { done, frame };
};
const count = async (kernels: readonly KernelApi[], name: string): Promise<number> =>
  (await Promise.all(kernels.map((kernel) => kernel.stats()))).reduce((sum, stats) => sum + (stats[name] ?? 0), 0);
/** What links end with that were handed something else than was said. */
const MISLED = /^(frame|bad|overCredit|handshake: (?!timedOut))/;
const misled = () => [...(fleet?.closings.keys() ?? [])].filter((reason) => MISLED.test(reason));

const throughHostile = async (harm: Harm, crypto: Crypto) => {
  const { done, frame } = bending(harm);
  const three = await threeApart(
    (opened) => {
      fleet = opened;
    },
    { a: { crypto }, b: { crypto }, c: { meddle: { frame } } },
  );
  await three.b.join(three.invite, { timeoutMs: 600_000 });
  await reached(three.a, three.b, 'circuit');
  done.isHostile = true;
  return { ...three, done };
};

test('[T63] [CI2] of what a neighbour in between bends, loses and repeats nothing is taken; another one carries it', async () => {
  const { a, b, pair, channelId, url, done } = await throughHostile(
    { lost: 50, repeated: 10, bent: 1 },
    tracked(webCrypto()),
  );
  await a.run('chat.send', { channelId, text: 'for Boris' });
  await until(async () => (await count([a, b], 'refused.circuitSeal')) > 0, 'it is seen');
  const d = await fleet?.tab('d', { beacon: false });
  await d?.join(url, { timeoutMs: 600_000 });
  await until(async () => (await texts(b, channelId)).includes('for Boris'), 'the message');
  await converged([a, b], pair);
  expect(await texts(b, channelId)).toEqual(['for Boris']);
  const { deviceId } = (await d?.me()) ?? {};
  await until(async () => (await wayTo(a, b))?.via === deviceId, 'through the other neighbour');
  expect(done.lost + done.bent + done.repeated).toBeGreaterThan(0);
  expect(misled()).toEqual([]);
});

test('[T63] [CI2] without the seal between the two ends what a neighbour says is read as if the other had said it', async () => {
  const { seal, open, ...sound } = webCrypto();
  const { a, b, channelId } = await throughHostile(
    { lost: 0, repeated: 0, bent: 50 },
    tracked({
      ...sound,
      // Circuits alone associate nothing.
      seal: async (key, nonce, plain, associated) =>
        associated.length === 0 ? concat(plain, new Uint8Array(16)) : seal(key, nonce, plain, associated),
      open: async (key, nonce, sealed, associated) =>
        associated.length === 0 ? sealed.slice(0, -16) : open(key, nonce, sealed, associated),
    }),
  );
  await until(async () => {
    await a.run('chat.send', { channelId, text: 'for Boris' });
    return misled().length > 0;
  }, 'a link is misled');
  expect(await count([a, b], 'refused.circuitSeal')).toBe(0);
});
