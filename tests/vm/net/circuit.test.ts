/** The seal of circuits. Golden bytes: tests/vectors/links.json; whole kernels: tests/os/kernel/circuits.test.ts. */
import { expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes';
import { decode } from '../../../src/base/codec';
import { webCrypto, webRandom } from '../../../src/platform/webcrypto';
import { CircuitSeal, circuitBinding, circuitCodec } from '../../../src/vm/net/circuit';
import type { DeviceId } from '../../../src/vm/op/ids';

const crypto = webCrypto();
const random = webRandom();
const ends = { id: '01'.repeat(8), asker: 'aa'.repeat(32) as DeviceId, accepter: 'bb'.repeat(32) as DeviceId };
const newKey = () => crypto.agreementKey(random.bytes(32));
const sealed = async (seal: Awaited<ReturnType<typeof CircuitSeal.agree>>): Promise<CircuitSeal> => {
  if (!seal) throw new Error('No agreement');
  return seal;
};
const pair = async () => {
  const [own, other] = [await newKey(), await newKey()];
  return [
    await sealed(await CircuitSeal.agree(crypto, own, other.publicKey, ends, true)),
    await sealed(await CircuitSeal.agree(crypto, other, own.publicKey, ends, false)),
  ] as const;
};

it('[CI2] what is sealed at one end opens at the other, in its order and direction alone', async () => {
  const opens = async (bend: (messages: Uint8Array[], from: CircuitSeal) => Uint8Array[] | Promise<Uint8Array[]>) => {
    const [a, b] = await pair();
    const messages: Uint8Array[] = [];
    for (const said of ['one', 'two', 'three']) messages.push(await a.seal(utf8(said)));
    const opened: boolean[] = [];
    for (const message of await bend(messages, b)) opened.push((await b.open(message)) !== undefined);
    return opened;
  };
  expect(await opens((all) => all)).toEqual([true, true, true]);
  const bent = ([one, two, three]: Uint8Array[], at: number): Uint8Array[] =>
    [one, two?.map((byte, i) => (i === at ? byte ^ 1 : byte)), three] as Uint8Array[];
  for (const at of [0, 2, 18]) expect(await opens((all) => bent(all, at))).toEqual([true, false, true]);
  expect(await opens(([one, , three]) => [one, three] as Uint8Array[]), 'lost').toEqual([true, false]);
  expect(await opens(([one, two]) => [one, one, two] as Uint8Array[]), 'repeated').toEqual([true, false, false]);
  expect(await opens(([one, two, three]) => [two, one, three] as Uint8Array[]), 'moved').toEqual([false, false, true]);
  expect(await opens(async (_, b) => [await b.seal(utf8('one'))]), 'thrown back').toEqual([false]);
  expect(await opens(() => [new Uint8Array(), random.bytes(15), random.bytes(40)])).toEqual([false, false, false]);
});

it('[CI2] both ends see one binding, which nobody makes who puts another key, device or circuit in between', async () => {
  const [a, b] = await pair();
  expect(a.binding).toEqual(b.binding);
  const [own, other, between] = [await newKey(), await newKey(), await newKey()];
  const mine = await sealed(await CircuitSeal.agree(crypto, own, between.publicKey, ends, true));
  const theirs = await sealed(await CircuitSeal.agree(crypto, other, between.publicKey, ends, false));
  expect(mine.binding).not.toEqual(theirs.binding);
  expect(await theirs.open(await mine.seal(utf8('x')))).toBeUndefined();

  const [askerKey, accepterKey] = [own.publicKey, other.publicKey];
  const all = { ...ends, askerKey, accepterKey };
  const bindings = [
    all,
    { ...all, id: '02'.repeat(8) },
    { ...all, asker: 'ac'.repeat(32) as DeviceId },
    { ...all, accepter: 'bc'.repeat(32) as DeviceId },
    { ...all, asker: ends.accepter, accepter: ends.asker },
    { ...all, askerKey: between.publicKey },
    { ...all, accepterKey: between.publicKey },
  ].map((of) => circuitBinding(of).join());
  expect(new Set(bindings).size).toBe(bindings.length);
});

it('[CI2] a key that agrees with everybody is refused', async () => {
  expect(await CircuitSeal.agree(crypto, await newKey(), new Uint8Array(32), ends, true)).toBeUndefined();
});

it('[CI2] a word that is none, or too long, is malformed', () => {
  const id = new Array(8).fill(1);
  for (const bytes of [[], [5, ...id, 0], [4, ...id, 5], [4, ...id], [2, ...id, 1], [3, ...id, 0x91, 0x80, 0x01]])
    expect(decode(circuitCodec, Uint8Array.from(bytes)).ok).toBe(false);
  expect(decode(circuitCodec, Uint8Array.from([4, ...id, 4])).ok).toBe(true);
});
