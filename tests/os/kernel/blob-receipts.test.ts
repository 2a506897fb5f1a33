/** What devices state of files: whose word it is, and how often all of it is told. */
import { expect, test } from 'vitest';
import { decode } from '../../../src/base/codec';
import { BlobReceipts } from '../../../src/os/kernel/blob-receipts';
import type { Session } from '../../../src/os/kernel/session';
import { hlcOf } from '../../../src/vm/op/clock';
import type { BlobId } from '../../../src/vm/op/ids';
import { digestOf, signBlobReceipt } from '../../../src/vm/replica/blob-receipt';
import { blobReceiptCodec } from '../../../src/vm/sync/messages';
import { nodeOf, testClock } from '../../support/halves';
import { crypto } from '../../support/insider';
import { stage } from '../../support/stage';

const blobs = (...names: string[]) => names.map((name) => name.repeat(64) as BlobId);

const linked = async () => {
  const here = await stage();
  const clock = testClock();
  const node = await nodeOf(here, 'owner', clock);
  const { member } = here.people;
  const sent: { type: string; payload: Uint8Array }[] = [];
  const session = {
    ...{ space: node.space, device: member.device, mayRead: true, theirIndex: 1, link: { closed: false } },
    send: (type: string, payload: Uint8Array) => sent.push({ type, payload }) > 0,
  } as unknown as Session;
  const receipts = new BlobReceipts(node.context, { sessions: () => [session], changed: () => {} });
  let stated = 0;
  /** The Member says that these are all, and names some of them. */
  const says = async (all: readonly BlobId[], named: readonly BlobId[], device = member) => {
    const place = { space: node.space.id, device: device.device, hlc: hlcOf(++stated), anew: false, more: false };
    const body = { ...place, digest: digestOf(new Set(all)), blobs: named };
    await receipts.received(node.space, session, await signBlobReceipt(crypto, device.key.handle, body));
    return [...(node.space.blobs.heldBy.get(device.device)?.blobs ?? [])];
  };
  const asks = () => sent.splice(0).filter(({ type }) => type === 'blobReceiptAsk').length;
  return { here, node, clock, session, receipts, says, asks, sent };
};

test('[RB2] a word about files counts for who gave it, and where more is held than was named for what was named', async () => {
  const { here, says, asks } = await linked();
  const [a, b, c] = blobs('a', 'b', 'c') as [BlobId, BlobId, BlobId];
  expect(await says([a], [a])).toEqual([a]);
  expect(await says([a, b], [b])).toEqual([a, b]);
  expect(asks()).toBe(0);
  // One of those it named before went: which is not known.
  expect(await says([a, c], [c])).toEqual([c]);
  expect(asks()).toBe(1);
  // In the name of another over this link.
  expect(await says([a], [a], here.people.admin)).toEqual([]);
});

test('[RB3] all is told to one session at most every ten seconds', async () => {
  const { node, clock, session, receipts, sent } = await linked();
  const [a] = blobs('a') as [BlobId];
  node.space.blobs.whole.set(a, { size: 1, own: true });
  for (let i = 0; i < 30; i++) {
    receipts.asked(session);
    await clock.advance(1_000);
  }
  const told = sent.flatMap(({ type, payload }) => {
    const receipt = type === 'blobReceipt' ? decode(blobReceiptCodec, payload) : undefined;
    return receipt?.ok ? [receipt.value.blobs] : [];
  });
  expect(told).toEqual([[a], [a], [a]]);
  expect(node.context.counts.get('refused.blobReceiptAsk')).toBe(27);
});
