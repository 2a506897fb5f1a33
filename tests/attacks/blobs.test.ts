/** Liars, strangers and floods at the exchange of blobs; what a defence stops does its harm where the test takes it away. */
import { afterEach, expect, test, vi } from 'vitest';
import { equalBytes } from '../../src/base/bytes';
import { decode, encode } from '../../src/base/codec';
import { BlobExchange } from '../../src/os/kernel/blobs';
import { MAX_QUEUED } from '../../src/os/kernel/serving';
import type { Session } from '../../src/os/kernel/session';
import { type SealedBlob, sealBlob } from '../../src/vm/blob/chunk';
import { getBlob, putBlob } from '../../src/vm/blob/store';
import { IN_FLIGHT } from '../../src/vm/blob/swarm';
import type { FrameType } from '../../src/vm/net/frame';
import type { BlobId, SpaceId } from '../../src/vm/op/ids';
import { blobAskCodec, blobChunkCodec, blobHaveCodec } from '../../src/vm/sync/messages';
import { crypto, type Held, holdSpace, newPerson, random } from '../support/insider';

const weak = vi.hoisted(() => ({ anyChunk: false }));
vi.mock('../../src/vm/blob/chunk', async (original) => {
  const sound = await original<typeof import('../../src/vm/blob/chunk')>();
  return {
    ...sound,
    isChunk: (...args: Parameters<typeof sound.isChunk>) => weak.anyChunk || sound.isChunk(...args),
  };
});

const stops: (() => void)[] = [];
afterEach(() => {
  weak.anyChunk = false;
  for (const stop of stops.splice(0)) stop();
});

const sealed = async (size: number): Promise<SealedBlob> => {
  const blob = await sealBlob(crypto, random.bytes(size), random.bytes(32), random.bytes(16));
  if (!blob.ok) throw new Error('too large');
  return blob.value;
};
/** What is said to somebody, as messages. */
type Said = { readonly type: FrameType; readonly payload: Uint8Array };
type Peer = { readonly session: Session; readonly said: Said[]; mayRead: boolean };
/** A node with its exchange. `wait`: entries wait to leave. */
const node = async (facts: { accepts?: boolean } = {}) => {
  const held: Held = await holdSpace('5'.repeat(64) as SpaceId, await newPerson());
  const sessions: Session[] = [];
  const state = { wait: false, accepts: facts.accepts ?? true };
  const exchange = new BlobExchange(held.context, {
    sessions: () => sessions,
    entriesWait: () => state.wait,
    takes: () => false,
    accepts: () => state.accepts,
    changed: () => {},
    whole: async () => {},
  });
  stops.push(() => exchange.stop());
  const { space, context } = held;
  const meet = (): Peer => {
    const said: Said[] = [];
    const peer = { said, mayRead: true } as Peer;
    const session = {
      space,
      theirIndex: 1,
      link: { roomForBulk: true, closed: false },
      isAside: false,
      aside: (work: () => Promise<void>) => work(),
      send: (type: FrameType, payload: Uint8Array) => said.push({ type, payload }) > 0,
      get mayRead() {
        return peer.mayRead;
      },
    };
    Object.assign(peer, { session: session as unknown as Session });
    sessions.push(peer.session);
    return peer;
  };
  const asks = ({ said }: Peer) =>
    said.flatMap(({ type, payload }) => {
      const ask = type === 'blobAsk' ? decode(blobAskCodec, payload) : undefined;
      return ask?.ok ? [ask.value] : [];
    });
  /** Answers what was asked of it, until nothing more is: `piece` gives what is sent. */
  const answers = async (peer: Peer, blob: SealedBlob, piece: (index: number) => Uint8Array | undefined) => {
    await vi.waitUntil(() => asks(peer).length > 0);
    for (let done = 0; done < asks(peer).length; done++)
      for (const index of asks(peer)[done]?.pieces ?? []) {
        const bytes = piece(index);
        if (bytes) await exchange.piece(space, peer.session, { blob: blob.id, index, bytes });
      }
  };
  const offers = ({ session }: Peer, blob: BlobId, size: number) =>
    exchange.had(space, session, [{ blob, size, whole: true, pieces: new Set() }]);
  const count = (name: string) => context.counts.get(name) ?? 0;
  return { space, context, exchange, state, meet, asks, answers, offers, count, storage: context.ports.storage };
};
const partOf = ({ manifest, chunks }: SealedBlob, index: number) => (index === 0 ? manifest : chunks[index - 1]);

const lied = async () => {
  const here = await node();
  const blob = await sealed(200_000);
  const [liar, honest] = [here.meet(), here.meet()];
  const wrong = random.bytes(1_000);
  here.offers(liar, blob.id, 200_000);
  await here.exchange.wish(here.space, blob.id, 200_000);
  await here.answers(liar, blob, (index) => (index === 0 ? blob.manifest : wrong));
  const again = here.asks(liar).length;
  here.offers(honest, blob.id, 200_000);
  if (!here.space.blobs.has(blob.id)) await here.answers(honest, blob, (index) => partOf(blob, index));
  here.offers(liar, blob.id, 200_000);
  const rows = await here.storage.list('blob', '');
  return {
    kept: rows.some(({ value }) => equalBytes(value, wrong)),
    whole: (await getBlob(here.storage, blob.id)).ok,
    refused: here.count('refused.badPiece') > 0,
    askedAgain: here.asks(liar).length > again,
  };
};
test('[BL5] a wrong piece is not kept, its sender is not asked again, and the rest comes from others', async () => {
  expect(await lied()).toEqual({ kept: false, whole: true, refused: true, askedAgain: false });
  weak.anyChunk = true;
  expect((await lied()).kept).toBe(true);
});

test('[BL5] pieces that nobody asked for, and of blobs that do not come, are not kept', async () => {
  const here = await node();
  const blob = await sealed(100_000);
  const peer = here.meet();
  await here.exchange.piece(here.space, peer.session, { blob: blob.id, index: 0, bytes: blob.manifest });
  expect(here.count('refused.unwantedBlob')).toBe(1);
  expect(await here.storage.keys('blob', '')).toEqual([]);
});

const larger = async (stated: number, accepts: boolean) => {
  const here = await node({ accepts });
  const blob = await sealed(100_000);
  const peer = here.meet();
  here.offers(peer, blob.id, 1_000);
  await here.exchange.wish(here.space, blob.id, stated);
  await here.answers(peer, blob, (index) => partOf(blob, index));
  return {
    pieces: (await here.storage.keys('blob', '')).length,
    bytes: here.space.bytes,
    larger: here.count('refused.blobLarger'),
    quota: here.count('refused.quota'),
  };
};
test('[BL6] what is larger than was stated, or than there is room for, does not come, and leaves nothing', async () => {
  expect(await larger(1_000, true)).toEqual({ pieces: 0, bytes: 0, larger: 1, quota: 0 });
  expect(await larger(100_000, false)).toEqual({ pieces: 0, bytes: 0, larger: 0, quota: 1 });
  // Where nobody had stated a size that binds it, it is here.
  expect(await larger(100_000, true)).toEqual({ pieces: 3, bytes: 100_000, larger: 0, quota: 0 });
});

const keeps = async (here: Awaited<ReturnType<typeof node>>, size: number) => {
  const blob = await sealed(size);
  await putBlob(here.storage, blob, 'strict');
  await here.space.keepBlob(blob.id, size);
  return blob;
};
const chunksTo = ({ said }: Peer) =>
  said.flatMap(({ type, payload }) => {
    const chunk = type === 'blobChunk' ? decode(blobChunkCodec, payload) : undefined;
    return chunk?.ok ? [chunk.value] : [];
  });
const settled = () => new Promise((done) => setTimeout(done, 0));

test('[BL3] strangers are served nothing, nor is anything that is not of the space', async () => {
  const here = await node();
  const blob = await keeps(here, 50_000);
  const peer = here.meet();
  const ask = { blob: blob.id, urgent: false, pieces: new Set([0, 1]) };
  peer.mayRead = false;
  here.exchange.asked(here.space, peer.session, ask);
  await settled();
  expect([chunksTo(peer).length, here.count('refused.blobForStranger')]).toEqual([0, 1]);
  peer.mayRead = true;
  here.exchange.asked(here.space, peer.session, ask);
  await vi.waitUntil(() => chunksTo(peer).length === 2);
  // It lies on the same disk, and is of another space.
  const other = await sealed(50_000);
  await putBlob(here.storage, other, 'strict');
  here.exchange.asked(here.space, peer.session, { ...ask, blob: other.id });
  await settled();
  expect(chunksTo(peer).length).toBe(2);
  const last = peer.said.at(-1) as Said;
  const none = [{ blob: other.id, size: 0, whole: false, pieces: new Set<number>() }];
  expect([last.type, equalBytes(last.payload, encode(blobHaveCodec, none))]).toEqual(['blobHave', true]);
});

const askedBeyond = async (index: number) => {
  const here = await node();
  const blob = await keeps(here, 100_000);
  const peer = here.meet();
  here.exchange.asked(here.space, peer.session, { blob: blob.id, urgent: false, pieces: new Set([index]) });
  here.exchange.asked(here.space, peer.session, { blob: blob.id, urgent: false, pieces: new Set([1]) });
  await vi.waitUntil(() => chunksTo(peer).length > 0 || here.count('blobsDamaged') > 0);
  const { blobs, bytes } = here.space;
  return { whole: blobs.has(blob.id), bytes, none: here.count('refused.noSuchPiece') };
};
test('[BL8] whoever asks for a piece that a file does not have makes nobody lose the file', async () => {
  expect(await askedBeyond(500)).toEqual({ whole: true, bytes: 100_000, none: 1 });
  expect(await askedBeyond(3)).toEqual({ whole: true, bytes: 100_000, none: 1 });
});
test('[BL8] a file that is damaged takes no more room than before, hands on what is left, and comes again as our own', async () => {
  const here = await node();
  const blob = await sealed(150_000);
  await putBlob(here.storage, blob, 'strict');
  await here.space.keepBlob(blob.id, 150_000, true);
  await here.storage.write([{ table: 'blob', key: `${blob.id}/1`, value: new Uint8Array(9) }], 'strict');
  const [peer, holder] = [here.meet(), here.meet()];
  const ask = (piece: number) =>
    here.exchange.asked(here.space, peer.session, { blob: blob.id, urgent: false, pieces: new Set([piece]) });
  ask(2);
  await vi.waitUntil(() => here.count('blobsDamaged') === 1);
  expect(here.space.blobs.has(blob.id)).toBe(false);
  expect(here.space.bytes).toBe(150_000);
  await vi.waitUntil(() => (here.exchange.progress(blob.id) ?? 0) > 0.5);
  ask(1);
  await vi.waitUntil(() => chunksTo(peer).length === 1);
  here.offers(holder, blob.id, 150_000);
  await vi.waitUntil(() => here.asks(holder).some(({ pieces }) => pieces.size > 0));
  expect(here.asks(holder).flatMap(({ pieces }) => [...pieces])).toEqual([2]);
  await here.exchange.piece(here.space, holder.session, {
    blob: blob.id,
    index: 2,
    bytes: blob.chunks[1] as Uint8Array,
  });
  expect(here.space.blobs.get(blob.id)).toEqual({ size: 150_000, own: true });
});

test('[BL4] a flood of asks fills no queue, and no piece leaves while entries wait, but for urgent ones', async () => {
  const here = await node();
  const blob = await keeps(here, 6_600_000);
  const peer = here.meet();
  here.state.wait = true;
  const all = new Set(blob.chunks.map((_, i) => i + 1));
  expect(all.size).toBeGreaterThan(MAX_QUEUED);
  for (let i = 0; i < 5; i++)
    here.exchange.asked(here.space, peer.session, { blob: blob.id, urgent: false, pieces: all });
  expect(here.count('refused.tooManyPieces')).toBe(5);
  await settled();
  expect(chunksTo(peer)).toEqual([]);
  here.exchange.asked(here.space, here.meet().session, { blob: blob.id, urgent: false, pieces: new Set([1]) });
  const urgent = here.meet();
  here.exchange.asked(here.space, urgent.session, { blob: blob.id, urgent: true, pieces: new Set([3]) });
  await vi.waitUntil(() => chunksTo(urgent).length === 1);
  expect(chunksTo(peer)).toEqual([]);
  here.state.wait = false;
  await vi.waitUntil(() => chunksTo(peer).length >= MAX_QUEUED);
  // One was taken off the queue before it was full.
  expect(chunksTo(peer).length).toBeLessThanOrEqual(MAX_QUEUED + 1);
});

test('[BL7] invented blobs are noted up to a bound, and asked for in portions', async () => {
  const here = await node();
  const peer = here.meet();
  const names = Array.from({ length: 5_120 }, (_, i) => i.toString(16).padStart(64, '0') as BlobId);
  for (let i = 0; i < names.length; i += 256) {
    const part = names.slice(i, i + 256).map((blob) => ({ blob, size: 1, whole: true, pieces: new Set<number>() }));
    here.exchange.had(here.space, peer.session, part);
  }
  expect(here.count('ignored.blobs')).toBe(names.length - 4_096);
  here.exchange.want(here.space, names, 'need');
  expect(here.count('ignored.tooManyBlobs')).toBe(names.length - 2_048);
  await vi.waitUntil(() => here.asks(peer).length > 0);
  await settled();
  const flying = here.asks(peer).reduce((sum, { pieces }) => sum + pieces.size, 0);
  expect(flying).toBeLessThanOrEqual(IN_FLIGHT.urgentSource);
});
