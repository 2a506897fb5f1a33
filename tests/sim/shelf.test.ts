/** Text that lies with others, over random histories: nothing is lost by letting go of it, and nothing is claimed. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random';
import { whyStays } from '../../src/os/kernel/shelf';
import { faultyStorage } from '../../src/platform/memory/faulty';
import type { DeviceId, NodeId } from '../../src/vm/op/ids';
import { desk, Node } from '../support/shelf';

/** PR4: of what a node states to hold, every body is there, or was erased. */
const overclaimed = ({ replica }: Node): readonly string[] => {
  const shards = new Set([...replica.logs.values()].flatMap(({ head }) => head?.header.shard ?? []));
  const found: string[] = [];
  for (const heights of replica.heldHeights(shards).values())
    for (const [log, height] of heights)
      for (const entry of replica.log(log).slice(0, height + 1))
        if (entry.body.length === 0 && entry.erasedBy === undefined) found.push(entry.id);
  return found;
};

test('[PR1] [PR4] [PR5] after any sequence of letting go, fetching, erasing and starting again all that is opened is as everywhere', async () => {
  let went = 0;
  for (let seed = 1; seed <= 2; seed++) {
    const random = seededRandom(seed);
    const { here, documents, history, shardOf, type, comment, erase } = await desk(2);
    const { authors, people } = here;
    const full = await Node.of(here, people.owner);
    const part = await Node.of(here, people.admin);
    const comments: { document: NodeId; entry: Awaited<ReturnType<typeof comment>> }[] = [];
    const deliver = async (): Promise<void> => {
      await full.catchUp(history());
      if (random.below(3) > 0) await part.catchUp(history());
    };
    const erased: string[] = [];
    for (let step = 0; step < 24; step++) {
      const document = random.pick(documents);
      const author = random.pick([authors.member, authors.admin]);
      const kind = random.below(10);
      if (kind < 3) await type(author, document, `${step} `);
      else if (kind === 3) comments.push({ document, entry: await comment(author, document, `note ${step}`) });
      else if (kind === 4 && comments.length > 0) {
        const { document: place, entry } = comments.splice(random.below(comments.length), 1)[0] as (typeof comments)[0];
        await erase(authors.owner, place, entry);
        erased.push(entry.id);
      } else if (kind === 5 || kind === 6) went += await part.letGo(document);
      else if (kind === 7) await part.bringBack(shardOf(document), full);
      else if (kind === 8) await part.restart();
      await deliver();
      expect(overclaimed(part), `seed ${seed}, step ${step}`).toEqual([]);
    }
    await part.catchUp(history());
    for (const document of documents) {
      await part.letGo(document);
      expect(part.replica.engine.documentText(document)).toBe('');
      await part.bringBack(shardOf(document), full);
    }
    expect(part.replica.shelved.size).toBe(0);
    expect(part.replica.stateHash(), `seed ${seed}`).toBe(full.replica.stateHash());
    for (const document of documents)
      expect(part.replica.engine.documentText(document)).toBe(full.replica.engine.documentText(document));
    for (const id of erased) expect(part.holds(id as never)).toBe(false);
    // The same from the disk.
    await part.restart();
    expect(part.replica.stateHash(), `seed ${seed}, again`).toBe(full.replica.stateHash());
  }
  expect(went).toBeGreaterThan(300);
});

/** Four devices let go of one text as soon as they may, while what they state about themselves is late. Gives on how few it was. */
const fewest = async (seeds: number, ordered: boolean): Promise<number> => {
  const { here, documents, history, shardOf, type } = await desk(1);
  const [document] = documents as [NodeId];
  const shard = shardOf(document);
  for (const author of [here.authors.member, here.authors.owner]) await type(author, document, 'words ');
  const nodes: Node[] = [];
  for (const role of ['owner', 'admin', 'member', 'guest'] as const) nodes.push(await Node.of(here, here.people[role]));
  for (const node of nodes) await node.take(...history());
  const texts = (nodes[0] as Node).part(document)?.entries.map(({ id }) => id) ?? [];
  expect(texts).toHaveLength(2);
  let least = nodes.length;
  for (let seed = 1; seed <= seeds; seed++) {
    const random = seededRandom(seed);
    let underway: { to: Node; come: ReturnType<Node['claim']> }[] = [];
    for (let step = 0; step < 60; step++) {
      const node = random.pick(nodes);
      const kind = random.below(4);
      if (kind < 2) for (const to of nodes) if (to !== node) underway.push({ to, come: node.claim(shard) });
      if (kind === 2) {
        const some = random.shuffle(underway);
        for (const { to, come } of some.splice(0, 4)) come(to);
        underway = some;
      }
      const part = kind === 3 ? node.part(document) : undefined;
      if (!part || part.entries.length === 0) continue;
      const all = [...node.replica.receipts.keys()].filter((device): device is DeviceId => device !== node.device);
      const keepers = ordered ? undefined : { beacons: [], devices: all };
      if (whyStays(node.space, part, node.device, Date.now(), { keepers }) === undefined) await node.letGo(document);
      for (const id of texts) least = Math.min(least, nodes.filter((each) => each.holds(id)).length);
    }
    for (const { to, come } of underway) come(to);
    const holder = nodes.find((node) => texts.every((id) => node.holds(id)));
    if (!holder) return least;
    for (const node of nodes) {
      await node.bringBack(shard, holder);
      node.replica.receipts.clear();
    }
  }
  return least;
};
test('[PR2] devices that let go of a text at once, on the word of each other, leave it on two; without the order on none', async () => {
  const [ordered, blind] = [await fewest(12, true), await fewest(60, false)];
  expect([2, 3]).toContain(ordered);
  expect(blind).toBe(0);
});

test('[PR2] what was not stated by enough, or long ago, or by somebody who is out, stays', async () => {
  const { here, documents, history, shardOf, type } = await desk(1);
  const [document] = documents as [NodeId];
  const shard = shardOf(document);
  await type(here.authors.member, document, 'words');
  const nodes: Node[] = [];
  for (const role of ['owner', 'admin', 'member', 'guest'] as const) nodes.push(await Node.of(here, here.people[role]));
  for (const node of nodes) await node.take(...history());
  const now = Date.now();
  const stays = (node: Node, at = now) => whyStays(node.space, node.part(document) as never, node.device, at);
  expect(nodes.map((node) => stays(node))).toEqual(Array(4).fill('onlyHere'));
  for (const node of nodes) for (const to of nodes) if (to !== node) node.claim(shard)(to);
  // In the order of the part the first two keep it.
  expect(nodes.map((node) => stays(node)).filter((why) => why === 'onlyHere')).toHaveLength(2);
  expect(nodes.map((node) => stays(node, now + 25 * 3_600_000))).toEqual(Array(4).fill('onlyHere'));
  // Something new that nobody has stated yet.
  await type(here.authors.member, document, 'more ');
  for (const node of nodes) await node.take(...history().slice(-1));
  expect(nodes.map((node) => stays(node))).toEqual(Array(4).fill('onlyHere'));
});

test('[PR5] a crash while a text is let go of loses nothing: it is on the disk, or known to be away', async () => {
  const { here, documents, history, shardOf, type } = await desk(2);
  const [document, other] = documents as [NodeId, NodeId];
  for (let i = 0; i < 6; i++) await type(here.authors.member, i % 2 === 0 ? document : other, `${i} `);
  const full = await Node.of(here, here.people.owner);
  await full.take(...history());
  const seen = new Set<string>();
  // The write is lost, kept by chance, or had ended.
  const moments = [
    ['unsynced', false],
    ['torn', false],
    ['torn', false],
    ['torn', false],
    ['unsynced', true],
  ] as const;
  for (const [place, [kind, ended]] of moments.entries()) {
    const disk = faultyStorage(seededRandom(place + 1));
    const node = await Node.of(here, here.people.admin);
    await node.restart(disk.open());
    await node.take(...history());
    await disk.open().write([{ table: 'local', key: 'synced', value: new Uint8Array([1]) }], 'strict');
    const text = node.replica.engine.documentText(document);
    disk.hold();
    const going = node.letGo(document);
    for (let turns = 0; turns < 20; turns++) await Promise.resolve();
    await new Promise((done) => setImmediate(done));
    expect(disk.inFlight).toBe(1);
    if (ended) disk.step();
    disk.crash(kind);
    void going;
    disk.release();
    await node.restart(disk.open());
    expect(node.replica.entries.size).toBe(full.replica.entries.size);
    const away = node.replica.shelved.get(shardOf(document))?.size ?? 0;
    seen.add(away === 0 ? 'here' : 'away');
    if (away > 0) await node.bringBack(shardOf(document), full);
    expect(node.replica.engine.documentText(document), `${place}`).toBe(text);
    expect(node.replica.stateHash()).toBe(full.replica.stateHash());
  }
  expect([...seen].sort()).toEqual(['away', 'here']);
});

test('[PR5] a body that nobody asked for, or that is not the one that was signed, is not taken', async () => {
  const { here, documents, history, shardOf, type } = await desk(1);
  const [document] = documents as [NodeId];
  const entry = await type(here.authors.member, document, 'words');
  const node = await Node.of(here, here.people.owner);
  await node.take(...history());
  await node.letGo(document);
  await node.take(entry);
  expect(node.holds(entry.id)).toBe(false);
  node.replica.want(shardOf(document));
  await node.take({ ...entry, body: entry.body.map((byte) => byte ^ 1) });
  expect(node.holds(entry.id)).toBe(false);
  await node.take(entry);
  expect(node.holds(entry.id)).toBe(true);
});
