/** What neighbours say: its bytes, and what is not understood. */
import { expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes';
import { decode, encode } from '../../../src/base/codec';
import type { LogId } from '../../../src/vm/op/ids';
import { graftCodec, ihaveCodec, LogNames, neighbourCodec, presenceCodec } from '../../../src/vm/overlay/messages';

const logOf = (n: number): LogId => n.toString(16).padStart(64, '0') as LogId;

test('has the bytes of docs/protocol/overlay.md', () => {
  const ihave = [
    { name: 0, log: logOf(7), seq: 300 },
    { name: 5, log: undefined, seq: 1 },
  ];
  expect(toHex(encode(ihaveCodec, ihave))).toBe(`02${'00'}01${logOf(7)}ac02${'05'}0001`);
  expect(toHex(encode(graftCodec, [{ name: 5, from: 2, to: 4 }]))).toBe('01050204');
  expect(toHex(encode(graftCodec, []))).toBe('00');
  expect(toHex(encode(neighbourCodec, { taken: true }))).toBe('01');
  expect(toHex(encode(presenceCodec, [Uint8Array.of(9, 8)]))).toBe('01020908');
  const tooMany = encode(presenceCodec, []).slice();
  tooMany[0] = 9;
  expect(decode(presenceCodec, tooMany).ok).toBe(false);
});

test('[BC9] a log is named once on a link; what was not sent is named anew', () => {
  const [here, there] = [new LogNames(), new LogNames()];
  const first = here.announce([{ log: logOf(1), seq: 4 }]);
  first.undo();
  const sent = here.announce([{ log: logOf(1), seq: 5 }]).announcement;
  expect(sent).toEqual([{ name: 1, log: logOf(1), seq: 5 }]);
  expect(there.understand(sent)).toEqual([{ log: logOf(1), seq: 5 }]);
  const again = here.announce([{ log: logOf(1), seq: 6 }]).announcement;
  expect(again).toEqual([{ name: 1, log: undefined, seq: 6 }]);
  expect(there.understand(again)).toEqual([{ log: logOf(1), seq: 6 }]);
  const asks = there.ask([
    { log: logOf(1), from: 5, to: 6 },
    { log: logOf(2), from: 0, to: 1 },
  ]);
  expect(asks).toEqual([{ name: 1, from: 5, to: 6 }]);
  expect(here.asked(asks)).toEqual([{ log: logOf(1), from: 5, to: 6 }]);
});

test('[BC9] a name twice is not understood, nor one above 4,095; at most 4,096 are given', () => {
  const named = (name: number) => [{ name, log: logOf(name), seq: 0 }];
  const names = new LogNames();
  expect(names.understand(named(3))).toBeDefined();
  expect(names.understand(named(3))).toBeUndefined();
  expect(names.understand(named(4_096))).toBeUndefined();
  const logs = Array.from({ length: 4_100 }, (_, n) => ({ log: logOf(n), seq: 0 }));
  expect(new LogNames().announce(logs).announcement).toHaveLength(4_096);
});
