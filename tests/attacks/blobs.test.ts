/** Liars, strangers and floods at the exchange of blobs; what a defence stops does its harm where the test takes it away. */
import { afterEach, expect, test, vi } from 'vitest';
import { equalBytes } from '../../src/base/bytes';
import { decode, encode } from '../../src/base/codec';
import { BlobExchange } from '../../src/os/kernel/blobs';
import { MAX_QUEUED } from '../../src/os/kernel/serving';
import type { Session } from '../../src/os/kernel/session';
import { SILENT, Space } from '../../src/os/kernel/space';
import { virtualClock } from '../../src/platform/memory/clock';
import type { Clock } from '../../src/ports';
import { blobIdOf, type SealedBlob, sealBlob } from '../../src/vm/blob/chunk';
import { getBlob, putBlob } from '../../src/vm/blob/store';
import { IN_FLIGHT } from '../../src/vm/blob/swarm';
import type { FrameType } from '../../src/vm/net/frame';
import type { BlobId, SpaceId } from '../../src/vm/op/ids';
import { blobAskCodec, blobChunkCodec, blobHaveCodec } from '../../src/vm/sync/messages';
import { eventually } from '../support/eventually';
import { crypto, holdSpace, newPerson, random } from '../support/insider';
import { atRest } from '../support/resting';

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
/** A node with its exchange. `takes`: up to which size it takes what is offered. `wait`: entries wait to leave. */
const node = async (facts: { accepts?: boolean; takes?: number; clock?: Clock } = {}) => {
  const { context } = await holdSpace('5'.repeat(64) as SpaceId, await newPerson(), facts.clock);
  const sessions: Session[] = [];
  const state = { wait: false, accepts: facts.accepts ?? true };
  const exchange = new BlobExchange(context, {
    sessions: (of) => sessions.filter((session) => session.space === of),
    entriesWait: () => state.wait,
    takes: (_space, _blob, size) => size <= (facts.takes ?? -1),
    accepts: () => state.accepts,
    changed: () => {},
    whole: async () => {},
  });
  stops.push(() => exchange.stop());
  const hold = async (id: string): Promise<Space> => {
    const made = new Space(context, id.repeat(64) as SpaceId, {
      ...SILENT,
      blobDropped: (of, blob) => exchange.leave(of, [blob]),
    });
    await made.load();
    return made;
  };
  const space = await hold('6');
  const meet = (within = space): Peer => {
    const said: Said[] = [];
    const peer = { said, mayRead: true } as Peer;
    const session = {
      space: within,
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
    await eventually(() => asks(peer).length > 0);
    for (let done = 0; done < asks(peer).length; done++)
      for (const index of asks(peer)[done]?.pieces ?? []) {
        const bytes = piece(index);
        if (bytes) await exchange.piece(peer.session.space, peer.session, { blob: blob.id, index, bytes });
      }
  };
  const offers = ({ session }: Peer, blob: BlobId, size: number) =>
    exchange.had(session.space, session, [{ blob, size, whole: true, pieces: new Set() }]);
  const count = (name: string) => context.counts.get(name) ?? 0;
  const { storage } = context.ports;
  return { space, context, exchange, state, hold, meet, asks, answers, offers, count, storage };
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

const takenAfterLie = async (lieFirst: boolean) => {
  const here = await node({ takes: 1_000_000 });
  const blob = await sealed(100_000);
  const [liar, honest] = [here.meet(), here.meet()];
  for (const isLie of [lieFirst, !lieFirst]) here.offers(isLie ? liar : honest, blob.id, isLie ? 1 : 100_000);
  await eventually(() => here.asks(liar).length + here.asks(honest).length > 0);
  const [asked] = [liar, honest].filter((peer) => here.asks(peer).length > 0) as [Peer];
  await here.exchange.piece(here.space, asked.session, { blob: blob.id, index: 0, bytes: blob.manifest });
  await here.answers(honest, blob, (index) => partOf(blob, index));
  await here.answers(liar, blob, (index) => partOf(blob, index));
  return { whole: here.space.blobs.has(blob.id), larger: here.exchange.isLarger(here.space, blob.id) };
};
test('[BL6] a size that somebody tells falsely keeps nothing from coming', async () => {
  expect(await takenAfterLie(true)).toEqual({ whole: true, larger: false });
  expect(await takenAfterLie(false)).toEqual({ whole: true, larger: false });
  // It was begun under the lie when somebody asked for it.
  const here = await node({ takes: 10 });
  const blob = await sealed(100_000);
  const peer = here.meet();
  here.offers(peer, blob.id, 1);
  await here.exchange.wish(here.space, blob.id, 100_000);
  await here.answers(peer, blob, (index) => partOf(blob, index));
  expect(here.space.blobs.has(blob.id)).toBe(true);
});
test('[BL6] what would not be taken at its size does not come under a lesser one, and comes when somebody asks', async () => {
  const here = await node({ takes: 10 });
  const blob = await sealed(100_000);
  const peer = here.meet();
  here.offers(peer, blob.id, 1);
  await here.answers(peer, blob, (index) => partOf(blob, index));
  expect(await here.storage.keys('blob', '')).toEqual([]);
  expect([here.count('refused.blobLarger'), here.exchange.isLarger(here.space, blob.id)]).toEqual([1, false]);
  await here.exchange.wish(here.space, blob.id, 100_000);
  await here.answers(peer, blob, (index) => partOf(blob, index));
  expect(here.space.blobs.has(blob.id)).toBe(true);
});

test('[ER4] what is erased while it comes does not come, and nothing of it stays', async () => {
  const here = await node();
  const [blob, other] = [await sealed(150_000), await sealed(50_000)];
  const peer = here.meet();
  for (const { id } of [blob, other]) {
    here.offers(peer, id, 150_000);
    await here.exchange.wish(here.space, id, 150_000);
  }
  await eventually(() => here.asks(peer).length === 2);
  const give = ({ id }: SealedBlob, index: number, bytes: Uint8Array | undefined) =>
    here.exchange.piece(here.space, peer.session, { blob: id, index, bytes: bytes as Uint8Array });
  for (const index of [0, 1]) await give(blob, index, partOf(blob, index));
  await Promise.all([give(blob, 2, blob.chunks[1]), here.space.blobs.drop(blob.id)]);
  await give(blob, 3, blob.chunks[2]);
  expect(here.exchange.progress(here.space, blob.id)).toBeUndefined();
  await give(other, 0, other.manifest);
  vi.spyOn(here.space.blobs, 'isErased').mockReturnValue(true);
  await give(other, 1, other.chunks[0]);
  expect([here.space.blobs.whole.size, await here.storage.keys('blob', ''), here.space.bytes]).toEqual([0, [], 0]);
});

test('a blob that two spaces name comes to each of them', async () => {
  const here = await node({ takes: 1_000_000 });
  const [blob, other] = [await sealed(100_000), await here.hold('7')];
  const peers = [here.meet(), here.meet(other)];
  for (const peer of peers) here.offers(peer, blob.id, 100_000);
  for (const peer of peers) await here.answers(peer, blob, (index) => partOf(blob, index));
  expect([here.space, other].map(({ blobs }) => blobs.has(blob.id))).toEqual([true, true]);
});

const keeps = async (here: Awaited<ReturnType<typeof node>>, size: number) => {
  const blob = await sealed(size);
  await putBlob(here.storage, blob, 'strict');
  await here.space.blobs.keep(blob.id, size);
  return blob;
};
const chunksTo = ({ said }: Peer) =>
  said.flatMap(({ type, payload }) => {
    const chunk = type === 'blobChunk' ? decode(blobChunkCodec, payload) : undefined;
    return chunk?.ok ? [chunk.value] : [];
  });

test('[BL3] strangers are served nothing, nor is anything that is not of the space', async () => {
  const here = await node();
  const blob = await keeps(here, 50_000);
  const peer = here.meet();
  const ask = { blob: blob.id, urgent: false, pieces: new Set([0, 1]) };
  peer.mayRead = false;
  here.exchange.asked(here.space, peer.session, ask);
  await atRest();
  expect([chunksTo(peer).length, here.count('refused.blobForStranger')]).toEqual([0, 1]);
  peer.mayRead = true;
  here.exchange.asked(here.space, peer.session, ask);
  await eventually(() => chunksTo(peer).length === 2);
  // It lies on the same disk, and is of another space.
  const other = await sealed(50_000);
  await putBlob(here.storage, other, 'strict');
  here.exchange.asked(here.space, peer.session, { ...ask, blob: other.id });
  await atRest();
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
  await eventually(() => chunksTo(peer).length > 0 || here.count('blobsDamaged') > 0);
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
  await here.space.blobs.keep(blob.id, 150_000, true);
  await here.storage.write([{ table: 'blob', key: `${blob.id}/1`, value: new Uint8Array(9) }], 'strict');
  const [peer, holder] = [here.meet(), here.meet()];
  const ask = (piece: number) =>
    here.exchange.asked(here.space, peer.session, { blob: blob.id, urgent: false, pieces: new Set([piece]) });
  ask(2);
  await eventually(() => here.count('blobsDamaged') === 1);
  expect(here.space.blobs.has(blob.id)).toBe(false);
  expect(here.space.bytes).toBe(150_000);
  await eventually(() => (here.exchange.progress(here.space, blob.id) ?? 0) > 0.5);
  ask(1);
  await eventually(() => chunksTo(peer).length === 1);
  here.offers(holder, blob.id, 150_000);
  await eventually(() => here.asks(holder).some(({ pieces }) => pieces.size > 0));
  expect(here.asks(holder).flatMap(({ pieces }) => [...pieces])).toEqual([2]);
  await here.exchange.piece(here.space, holder.session, {
    blob: blob.id,
    index: 2,
    bytes: blob.chunks[1] as Uint8Array,
  });
  expect(here.space.blobs.whole.get(blob.id)).toEqual({ size: 150_000, own: true });
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
  await atRest();
  expect(chunksTo(peer)).toEqual([]);
  here.exchange.asked(here.space, here.meet().session, { blob: blob.id, urgent: false, pieces: new Set([1]) });
  const urgent = here.meet();
  here.exchange.asked(here.space, urgent.session, { blob: blob.id, urgent: true, pieces: new Set([3]) });
  await eventually(() => chunksTo(urgent).length === 1);
  expect(chunksTo(peer)).toEqual([]);
  here.state.wait = false;
  await eventually(() => chunksTo(peer).length >= MAX_QUEUED);
  // One was taken off the queue before it was full.
  expect(chunksTo(peer).length).toBeLessThanOrEqual(MAX_QUEUED + 1);
});

const empty = (): SealedBlob => {
  const manifest = new Uint8Array(42);
  manifest.set([2, ...random.bytes(32)]);
  return { id: blobIdOf(manifest), manifest, chunks: [] };
};
const invented = (count: number) => Array.from({ length: count }, (_, i) => i.toString(16).padStart(64, '0') as BlobId);
test('[BL7] [BL9] invented files keep none from coming: not what is wished for, not what is needed, not those of others', async () => {
  const clock = virtualClock(0, atRest);
  const here = await node({ takes: 1_000, clock });
  const [liar, honest] = [here.meet(), here.meet()];
  for (const blob of invented(3_000)) here.offers(liar, blob, 1);
  const files = Array.from({ length: 60 }, empty);
  for (const { id } of files) here.offers(honest, id, 0);
  const [wished, needed, ...offered] = files as [SealedBlob, SealedBlob, ...SealedBlob[]];
  await here.exchange.wish(here.space, wished.id, 1_000);
  here.exchange.need(here.space, [needed.id]);
  const manifests = new Map(files.map(({ id, manifest }) => [id, manifest]));
  /** All that is asked of the one who has it, until nothing more is. */
  const come = async () => {
    for (let still = 0; still < 5; still++) {
      const asked = here.asks(honest);
      honest.said.splice(0);
      for (const { blob } of asked) {
        const bytes = manifests.get(blob);
        if (!bytes || here.space.blobs.has(blob)) continue;
        await here.exchange.piece(here.space, honest.session, { blob, index: 0, bytes });
        still = 0;
      }
      await atRest();
    }
  };
  await come();
  expect([wished, needed].map(({ id }) => here.space.blobs.has(id))).toEqual([true, true]);
  // Once it is seen that nothing comes of the inventor.
  await clock.advance(20_000);
  await come();
  expect(offered.every(({ id }) => here.space.blobs.has(id))).toBe(true);
});

const dripped = async (again: number) => {
  const clock = virtualClock(0, atRest);
  const here = await node({ clock });
  const blob = await sealed(150_000);
  const [liar, honest] = [here.meet(), here.meet()];
  here.offers(liar, blob.id, 150_000);
  await here.exchange.wish(here.space, blob.id, 150_000);
  await eventually(() => here.asks(liar).length > 0);
  const give = (index: number) =>
    here.exchange.piece(here.space, liar.session, { blob: blob.id, index, bytes: partOf(blob, index) as Uint8Array });
  await give(0);
  await give(1);
  here.offers(honest, blob.id, 150_000);
  for (let second = 0; second < 25; second += 5) {
    await clock.advance(5_000);
    await give(again);
  }
  return here.asks(honest).flatMap(({ pieces }) => [...pieces]);
};
test('[BL2] who sends the same piece over and over, and not those it was asked for, is not waited for', async () => {
  expect(await dripped(1)).toEqual([2, 3]);
  expect(await dripped(0)).toEqual([2, 3]);
});

test('[BL7] invented blobs are noted up to a bound, and asked for in portions', async () => {
  const here = await node();
  const peer = here.meet();
  const names = invented(5_120);
  for (let i = 0; i < names.length; i += 256) {
    const part = names.slice(i, i + 256).map((blob) => ({ blob, size: 1, whole: true, pieces: new Set<number>() }));
    here.exchange.had(here.space, peer.session, part);
  }
  expect(here.count('ignored.blobs')).toBe(names.length - 4_096);
  here.exchange.need(here.space, names);
  expect(here.count('ignored.tooManyBlobs')).toBe(names.length - 2_048);
  await eventually(() => here.asks(peer).length > 0);
  await atRest();
  const flying = here.asks(peer).reduce((sum, { pieces }) => sum + pieces.size, 0);
  expect(flying).toBeLessThanOrEqual(IN_FLIGHT.urgentSource);
});
