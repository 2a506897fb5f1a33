/** Beginning from an image against folding everything anew: random histories, damage, crashes, erasures. */
import { describe, expect, it, test } from 'vitest';
import * as Y from 'yjs';
import { type SeededRandom, seededRandom } from '../../../src/base/random';
import { Holdings } from '../../../src/os/kernel/holdings';
import { SpaceImage, tidyImages } from '../../../src/os/kernel/images';
import { stateOf } from '../../../src/os/kernel/queries';
import { SILENT } from '../../../src/os/kernel/space';
import { positionIn } from '../../../src/os/kernel/view';
import { virtualClock } from '../../../src/platform/memory/clock';
import { type MemoryImages, memoryImages } from '../../../src/platform/memory/images';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import { openSealedVault } from '../../../src/platform/sealed';
import { createSealer } from '../../../src/platform/sealer';
import { webRandom } from '../../../src/platform/webcrypto';
import { type Clock, type Storage, TABLES, type Vault } from '../../../src/ports';
import { prepareDoc } from '../../../src/vm/graph/text';
import { decodeSegment, encodeSegment } from '../../../src/vm/journal/segment';
import type { Op } from '../../../src/vm/op/body';
import { type Entry, encodeEntry } from '../../../src/vm/op/entry';
import { contentShardOf, type EntryId, type NodeId, type SpaceId, yjsClientIdOf } from '../../../src/vm/op/ids';
import { until } from '../../support/fleet';
import { type Author, type Held, holdSpace, newPerson } from '../../support/insider';
import { atRest } from '../../support/resting';
import { counted, type Stage, stage } from '../../support/stage';

type Disk = { readonly storage: Storage; readonly vault: Vault; readonly images: MemoryImages };
const newDisk = (): Disk => ({ storage: memoryStorage(), vault: memoryVault(), images: memoryImages() });

/** What lies there, in another place: nodes that report what they find do not write over each other. */
const copyOf = async ({ storage, vault, images }: Disk): Promise<Disk> => {
  const copy = newDisk();
  for (const table of TABLES)
    await copy.storage.write(
      (await storage.list(table, '')).map((row) => ({ table, ...row })),
      'strict',
    );
  for (const name of await vault.list('')) await copy.vault.put(name, (await vault.get(name)) as Uint8Array);
  for (const [name, bytes] of images.files) copy.images.files.set(name, bytes);
  return copy;
};

/** The Owner's node on this disk; without `images`, as if there had never been one. */
const begin = (
  here: Stage,
  { images, ...disk }: Disk,
  options: { images?: boolean; clock?: Clock; shown?: (space: Held['space']) => void } = {},
): Promise<Held> => {
  const all = options.images === false ? disk : { ...disk, images };
  return holdSpace(here.id, here.people.owner, options.clock, all, options.shown);
};
const take = (node: Held, entries: readonly Entry[]) => node.space.receive(entries.map(encodeEntry), undefined);
const sorted = (map: ReadonlyMap<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
/** All that a start must give. */
const factsOf = ({ space: { replica } }: Held, texts: readonly NodeId[] = []) => ({
  state: replica.stateHash(),
  counts: replica.engine.counts(),
  judged: sorted(replica.judged),
  unfolded: sorted(replica.unfolded),
  texts: texts.map((id) => replica.engine.documentText(id)),
});
const used = (node: Held) => ({
  used: counted(node, /^imagesUsed$/),
  stale: counted(node, /^imagesStale$/),
  none: counted(node, /^imagesNone$/),
});
const message = async (here: Stage, author: Author, document: NodeId, text: string) => {
  const { node, op } = author.newNode('Message');
  const ops: Op[] = [op, { type: 'fieldSet', node, key: 'text', value: JSON.stringify(text) }];
  return { node, entry: await here.write(author, ops, { shard: contentShardOf(here.id, document), kind: 'erasable' }) };
};
const erasing = (here: Stage, author: Author, document: NodeId, entries: readonly EntryId[]) =>
  author.erase(
    {
      version: 1,
      shard: contentShardOf(here.id, document),
      object: document,
      within: document,
      entries: [...entries].sort(),
    },
    { aclRef: here.head },
  );

/** Somebody writes, types, moves, erases, contradicts themselves, is removed and adopted; everything is given to `node`. */
class Life {
  readonly documents: NodeId[];
  readonly #docs = new Map<string, Y.Doc>();
  readonly #messages: { readonly author: Author; readonly document: NodeId; readonly entry: Entry }[] = [];
  #acts: EntryId;
  #removed = false;

  constructor(
    readonly here: Stage,
    readonly random: SeededRandom,
  ) {
    this.documents = [here.document];
    this.#acts = here.head;
  }

  async step(): Promise<readonly Entry[]> {
    const { here, random } = this;
    const { authors } = here;
    const author = random.pick([authors.owner, authors.admin, authors.member]);
    const document = random.pick(this.documents);
    switch (random.below(12)) {
      case 0: {
        const { node, op } = author.newNode('Document');
        this.documents.push(node);
        return [await here.write(author, [op, { type: 'fieldSet', node, key: 'title', value: '"new"' }])];
      }
      case 1:
        return [
          await here.write(author, [{ type: 'move', node: document, parent: random.pick(this.documents), order: 'a' }]),
        ];
      case 2:
        return [await here.write(author, [{ type: 'nodeDel', node: document }])];
      case 3:
      case 4:
        return [await this.#typing(author, document)];
      case 5:
      case 6: {
        const { entry } = await message(here, author, document, `message ${random.below(1_000)}`);
        this.#messages.push({ author, document, entry });
        return [entry];
      }
      case 7: {
        const said = this.#messages.pop();
        return said
          ? [await erasing(here, random.pick([said.author, authors.admin]), said.document, [said.entry.id])]
          : [];
      }
      case 8:
        return this.#rights();
      case 9:
        return this.#contradiction(document);
      default:
        return [
          await here.write(author, [
            { type: 'fieldSet', node: document, key: 'title', value: `"t${random.below(99)}"` },
          ]),
        ];
    }
  }

  async #typing(author: Author, document: NodeId): Promise<Entry> {
    const key = `${author.me.device}${document}`;
    const doc = this.#docs.get(key) ?? prepareDoc(new Y.Doc());
    if (!this.#docs.has(key)) doc.clientID = yjsClientIdOf(author.me.device, document, 1);
    this.#docs.set(key, doc);
    const before = Y.encodeStateVector(doc);
    const block = new Y.XmlElement('paragraph');
    block.insert(0, [new Y.XmlText(`typed ${this.random.below(1_000)}`)]);
    doc.getXmlFragment('default').insert(0, [block]);
    const update = Y.encodeStateAsUpdateV2(doc, before);
    const shard = contentShardOf(this.here.id, document);
    return this.here.write(author, [{ type: 'textUpdate', document, n: 1, update }], { shard });
  }
  /** The Member goes, with what they wrote since nobody knows when; and comes to be taken over. */
  async #rights(): Promise<readonly Entry[]> {
    const { here } = this;
    const { member } = here.people;
    const act = this.#removed
      ? ({ type: 'adopt', user: member.user, cut: [] } as const)
      : ({ type: 'revoke', user: member.user, cut: [] } as const);
    this.#removed = true;
    const entry = await here.author.act([this.#acts], [act]);
    this.#acts = entry.id;
    return [entry];
  }
  async removal(): Promise<Entry> {
    const { author, people } = this.here;
    return author.act([this.#acts], [{ type: 'revoke', user: people.admin.user, cut: [] }]);
  }
  /** A second entry for a place that has one. */
  async #contradiction(document: NodeId): Promise<readonly Entry[]> {
    const author = this.here.authors.member;
    const first = await this.here.set(author, 'a', 'one');
    const { seq, prev } = first.header;
    const op: Op = { type: 'fieldSet', node: document, key: 'a', value: '"two"' };
    return [first, await this.here.write(author, [op], { seq, prev })];
  }
}

type Tally = { used: number; stale: number };
type Going = { readonly node: Held; readonly disk: Disk };
/** A start from the image, one without, and the node that ran until now. Gives a start that goes on, on a disk of its own. */
const compare = async ({ node, disk }: Going, life: Life, label: string, tally: Tally): Promise<Going> => {
  const [live, ...disks] = await node.space.inTurn(
    async () => [factsOf(node, life.documents), await copyOf(disk), await copyOf(disk)] as const,
  );
  const anew = factsOf(await begin(life.here, disks[0], { images: false }), life.documents);
  const begun = await begin(life.here, disks[1]);
  tally.used += used(begun).used;
  tally.stale += used(begun).stale;
  expect(factsOf(begun, life.documents), label).toEqual(anew);
  expect(live, label).toEqual(anew);
  return { node: begun, disk: disks[1] };
};

describe('an image and what came after it', () => {
  it('[IM1] is what folding everything anew gives, whatever happened before and after it was made', async () => {
    const tally: Tally = { used: 0, stale: 0 };
    for (let seed = 1; seed <= 3; seed++) {
      const random = seededRandom(seed);
      const here = await stage();
      const disk = newDisk();
      let going: Going = { node: await begin(here, disk), disk };
      await take(going.node, [...here.tab.space.replica.entries.values()]);
      const life = new Life(here, random);
      for (let i = 0; i < 40; i++) {
        await take(going.node, await life.step());
        if (random.below(10) > 0) continue;
        await going.node.space.putAway();
        if (random.below(2) === 0) going = await compare(going, life, `seed ${seed}, step ${i}`, tally);
      }
      going = await compare(going, life, `seed ${seed}`, tally);
      // And once for certain with a person who goes after it was made.
      await take(going.node, [await here.set(here.authors.admin, 'title', 'before they go')]);
      await going.node.space.putAway();
      await take(going.node, [await life.removal()]);
      await compare(going, life, `seed ${seed}, at the end`, tally);
    }
    // Both ways were gone.
    expect([tally.used > 0, tally.stale > 0]).toEqual([true, true]);
  });

  it('[IM1] a start opens and folds what came after it, and nothing else', async () => {
    const here = await stage();
    const disk = newDisk();
    const node = await begin(here, disk);
    await take(node, [...here.tab.space.replica.entries.values()]);
    for (let i = 0; i < 30; i++) await take(node, [await here.set(here.authors.member, `k${i}`, 'before')]);
    await node.space.putAway();
    const figures = async (): Promise<readonly number[]> => {
      const again = await begin(here, disk);
      return [counted(again, /^bodiesOpened$/), counted(again, /^folded$/), counted(again, /^imagesUsed$/)];
    };
    expect(await figures()).toEqual([0, 0, 1]);
    for (let i = 0; i < 7; i++) await take(node, [await here.set(here.authors.admin, `k${i}`, 'after')]);
    expect(await figures()).toEqual([7, 7, 1]);
    expect((await begin(here, disk)).space.replica.engine.node(here.document)?.field('k3')).toBe('after');
    const anew = await begin(here, disk, { images: false });
    expect(counted(anew, /^bodiesOpened$/)).toBeGreaterThan(37);
  });

  it('[IM2] counts only while the rights say what they said', async () => {
    const here = await stage();
    const disk = newDisk();
    const node = await begin(here, disk);
    await take(node, [...here.tab.space.replica.entries.values()]);
    await take(node, [await here.set(here.authors.member, 'title', 'of the Member')]);
    await node.space.putAway();
    const kept = new Map(disk.images.files);
    await take(node, [
      await here.author.act([here.head], [{ type: 'revoke', user: here.people.member.user, cut: [] }]),
    ]);
    const again = await begin(here, disk);
    expect(used(again)).toEqual({ used: 0, stale: 1, none: 0 });
    expect(factsOf(again)).toEqual(factsOf(node));
    // It is left aside for good.
    expect(disk.images.files.size).toBe(0);
    expect(kept.size).toBe(1);
  });

  it('[IM2] of more than the journal has does not count: a crash took the end of it', async () => {
    const here = await stage();
    const disk = newDisk();
    const node = await begin(here, disk);
    await take(node, [...here.tab.space.replica.entries.values()]);
    await take(node, [await here.set(here.authors.member, 'title', 'lost')]);
    await node.space.putAway();
    const rows = await disk.storage.list('journal', `${here.id}/`);
    const { key } = rows.at(-1) as (typeof rows)[number];
    await disk.storage.write([{ table: 'journal', key }], 'strict');
    const again = await begin(here, disk);
    expect(used(again)).toEqual({ used: 0, stale: 1, none: 0 });
    expect(again.space.replica.engine.node(here.document)?.field('title')).toBe('Plan');
  });

  it('[IM2] that is damaged, cut, of another profile or of nothing is left aside and counted', async () => {
    const here = await stage();
    const disk = newDisk();
    const node = await begin(here, disk);
    await take(node, [...here.tab.space.replica.entries.values()]);
    await node.space.putAway();
    const [[name, sound]] = [...disk.images.files] as [[string, Uint8Array<ArrayBuffer>]];
    const random = seededRandom(5);
    const other = newDisk();
    const stranger = await begin(here, other);
    await take(stranger, [...here.tab.space.replica.entries.values()]);
    await stranger.space.putAway();
    const foreign = [...other.images.files.values()][0] as Uint8Array<ArrayBuffer>;
    const strange: Uint8Array<ArrayBuffer>[] = [new Uint8Array(), sound.slice(0, 11), sound.slice(0, -1), foreign];
    for (let i = 0; i < 20; i++) {
      const bytes = sound.slice();
      bytes[random.below(bytes.length)] = random.below(256);
      strange.push(bytes);
    }
    const key = (await disk.vault.get(`image/${here.id}`)) as Uint8Array;
    for (const bytes of strange) {
      const isSound = bytes.length === sound.length && bytes.every((byte, i) => byte === sound[i]);
      disk.images.files.set(name, bytes);
      await disk.vault.put(`image/${here.id}`, key);
      const again = await begin(here, disk);
      expect(factsOf(again)).toEqual(factsOf(node));
      expect([counted(again, /^imagesDamaged$/), used(again).used]).toEqual(isSound ? [0, 1] : [1, 0]);
    }
  });

  it('[IM2] made under other rules of the applications does not count', async () => {
    const here = await stage();
    const disk = newDisk();
    const node = await begin(here, disk);
    await take(node, [...here.tab.space.replica.entries.values()]);
    const { registry } = node.context;
    const types = new Map(registry.applicationTypes());
    const [type, rule] = [...types][0] as [string, NonNullable<ReturnType<typeof registry.typeRule>>];
    types.set(type, { ...rule, class: rule.class === 'annotation' ? 'content' : 'annotation' });
    Object.assign(registry, { applicationTypes: () => types });
    await node.space.putAway();
    const again = await begin(here, disk);
    expect([counted(again, /^imagesOther$/), used(again).used]).toEqual([1, 0]);
    expect(factsOf(again)).toEqual(factsOf(node));
  });
});

/** What somebody finds who has all of this disk: the images, opened with whatever key the vault has. */
/** All its pieces, one after the other. */
const unsealed = async (here: Stage, key: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | undefined> => {
  const view = new DataView(sealed.buffer, sealed.byteOffset);
  const pieces: Uint8Array[] = [];
  let length = view.getUint32(8);
  for (let at = 12; at < sealed.length; at += length, length = 2 * 1024 * 1024 + 16) {
    const number = new Uint8Array([0, 0, 0, pieces.length]);
    const about = Buffer.concat([Buffer.from(here.id), number]);
    const nonce = Buffer.concat([sealed.slice(0, 8), number]);
    const piece = await here.tab.context.ports.crypto.open(
      key,
      new Uint8Array(nonce),
      sealed.slice(at, at + length),
      new Uint8Array(about),
    );
    if (!piece) return undefined;
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
};
const foundBy = async (here: Stage, { images, vault }: Disk, text: string): Promise<boolean> => {
  for (const name of await vault.list('image/')) {
    const key = await vault.get(name);
    for (const sealed of images.files.values()) {
      const plain = key && (await unsealed(here, key, sealed));
      if (plain && Buffer.from(plain).includes(text)) return true;
    }
  }
  return [...images.files.values()].some((sealed) => Buffer.from(sealed).includes(text));
};
const SECRET = 'what nobody is to read again';
const withSecret = async () => {
  const here = await stage();
  const disk = newDisk();
  const node = await begin(here, disk);
  await take(node, [...here.tab.space.replica.entries.values()]);
  const said = await message(here, here.authors.member, here.document, SECRET);
  await take(node, [said.entry]);
  await node.space.putAway();
  expect(disk.images.files.size).toBe(1);
  const mark = await erasing(here, here.authors.member, here.document, [said.entry.id]);
  return { here, disk, node, said, mark };
};

test('[T79] [IM3] once an erasure is stored no image on the disk holds what it erased; one that nobody removes does', async () => {
  const { here, disk, node, mark } = await withSecret();
  // Only with its key: the file alone tells nothing.
  expect(await foundBy(here, disk, SECRET)).toBe(true);
  expect([...disk.images.files.values()].some((sealed) => Buffer.from(sealed).includes(SECRET))).toBe(false);
  const old = new Map(disk.images.files);
  await take(node, [mark]);
  expect(await foundBy(here, disk, SECRET)).toBe(false);
  await node.space.putAway();
  expect(disk.images.files.size).toBe(1);
  // Nor does one that somebody had copied open again, for its key is gone.
  for (const [name, bytes] of old) disk.images.files.set(name, bytes);
  expect(await foundBy(here, disk, SECRET)).toBe(false);
  const again = await begin(here, disk);
  expect(used(again)).toEqual({ used: 1, stale: 0, none: 0 });
  expect(factsOf(again)).toEqual(factsOf(node));

  const careless = await withSecret();
  careless.node.space.replica.image.remove = async () => ({ ok: true, value: undefined });
  await take(careless.node, [careless.mark]);
  expect(await foundBy(careless.here, careless.disk, SECRET)).toBe(true);
});

test('[T79] [IM3] a crash at any step of an erasure shows nothing of it at the next start, and leaves no image of it', async () => {
  const steps: readonly ((disk: Disk) => void)[] = [
    ({ images }) => images.failNext('remove', 'before'),
    ({ images }) => images.failNext('remove', 'after'),
    ({ vault }) => {
      const { remove } = vault;
      (vault as { remove: Vault['remove'] }).remove = async () => {
        (vault as { remove: Vault['remove'] }).remove = remove;
        throw new Error('injected');
      };
    },
    // Everything was told to go, and nothing did: the journal has the erasure and the whole body.
    ({ storage }) => {
      const { write } = storage;
      let writes = 0;
      storage.write = async (rows, durability) =>
        ++writes === 1 ? write(rows, durability) : { ok: false, error: { type: 'failed', message: 'injected' } };
    },
  ];
  for (const [n, fail] of steps.entries()) {
    const { here, disk, node, said, mark } = await withSecret();
    const { write } = disk.storage;
    fail(disk);
    await take(node, [mark]);
    disk.storage.write = write;
    let shown = 0;
    const again = await begin(here, disk, { shown: () => shown++ });
    expect(shown, `step ${n}`).toBe(0);
    expect(again.space.replica.engine.node(said.node), `step ${n}`).toBeUndefined();
    expect(await foundBy(here, disk, SECRET), `step ${n}`).toBe(false);
    expect(factsOf(again).state, `step ${n}`).toBe(factsOf(await begin(here, disk, { images: false })).state);
  }
});

describe('what an image shows before the journal is read', () => {
  /** What a start shows, in the meantime and then; nothing in the meantime where no image is shown. */
  const start = async (here: Stage, disk: Disk): Promise<readonly unknown[]> => {
    const titles: unknown[] = [];
    const look = ({ replica }: Held['space']): void => {
      titles.push(replica.engine.node(here.document)?.field('title'));
    };
    look((await begin(here, disk, { shown: look })).space);
    return titles;
  };
  const withImage = async () => {
    const here = await stage();
    const disk = newDisk();
    const node = await begin(here, disk);
    await take(node, [...here.tab.space.replica.entries.values()]);
    await take(node, [await here.set(here.authors.member, 'title', 'put away')]);
    await node.space.putAway();
    return { here, disk, node };
  };

  it('[IM5] is what was put away, and then what the journal says', async () => {
    const { here, disk, node } = await withImage();
    expect(await start(here, disk)).toEqual(['put away', 'put away']);
    await take(node, [await here.set(here.authors.admin, 'title', 'later')]);
    expect(await start(here, disk)).toEqual(['put away', 'later']);
  });

  it('[IM5] is nothing where rights changed since it was made, whatever they say', async () => {
    const { here, disk, node } = await withImage();
    const { admin } = here.people;
    await take(node, [await here.author.act([here.head], [{ type: 'revoke', user: admin.user, cut: [] }])]);
    expect(await start(here, disk)).toEqual(['put away']);
  });

  it('[IM5] shows in the end what the journal has, also where that lost what was put away', async () => {
    const { here, disk } = await withImage();
    const rows = await disk.storage.list('journal', `${here.id}/`);
    await disk.storage.write([{ table: 'journal', key: (rows.at(-1) as (typeof rows)[number]).key }], 'strict');
    expect(await start(here, disk)).toEqual(['put away', 'Plan']);
  });

  it('[IM5] is nothing where a record that may judge it is damaged', async () => {
    const { here, disk } = await withImage();
    const [first] = await disk.storage.list('journal', `${here.id}/`, undefined, 1);
    const { key, value } = first as { key: string; value: Uint8Array<ArrayBuffer> };
    value[value.length >> 1] = (value[value.length >> 1] as number) ^ 1;
    await disk.storage.write([{ table: 'journal', key, value }], 'strict');
    expect((await start(here, disk)).length).toBe(1);
  });

  it('[IM7] a record that is not the one that the image saw is hashed as if there were none', async () => {
    const here = await stage();
    const disk = newDisk();
    const node = await begin(here, disk);
    await take(node, [...here.tab.space.replica.entries.values()]);
    // A record of its own that no fold touches any more.
    const many: Entry[] = [];
    for (let i = 0; i < 200; i++) many.push(await here.set(here.authors.member, `k${i % 9}`, `value ${i}`));
    await take(node, many);
    await node.space.putAway();
    const records = await disk.storage.list('journal', `${here.id}/0`);
    const { key, value } = records.reduce((a, b) => (a.value.length > b.value.length ? a : b));
    const damagedOf = async (): Promise<number> => counted(await begin(here, await copyOf(disk)), /^journalDamaged$/);
    expect(await damagedOf()).toBe(0);
    const slots = decodeSegment(key, value);
    if (!slots.ok) throw new Error('not sound');
    const [first, ...others] = slots.value as [(typeof slots.value)[number], ...typeof slots.value];
    const bytes = first.bytes.slice();
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
    const forged = encodeSegment(key, [{ ...first, bytes }, ...others]);
    await disk.storage.write([{ table: 'journal', key, value: forged }], 'strict');
    expect(await damagedOf()).toBe(1);
  });

  it('[IM5] knows no single entry, so that nothing is told of any', async () => {
    const { here, disk, node } = await withImage();
    const { createdBy } = node.space.replica.engine.node(here.document) as { createdBy: EntryId };
    const known: unknown[] = [];
    const look = (space: Held['space']): void => {
      known.push([stateOf(space, createdBy).step, positionIn(space, createdBy), space.isWhole]);
    };
    look((await begin(here, disk, { shown: look })).space);
    const place = positionIn(node.space, createdBy);
    expect(place).toBeDefined();
    expect(known).toEqual([
      ['unknown', place, false],
      ['saved', place, true],
    ]);
  });
});

test('[IM3] what is being saved while something is erased is not kept', async () => {
  const { here, disk, node, mark } = await withSecret();
  const seal = node.context.ports.crypto.seal;
  let taking: Promise<unknown> = Promise.resolve();
  // The erasure comes while the image is being sealed.
  Object.assign(node.context.ports, {
    crypto: {
      ...node.context.ports.crypto,
      seal: (...args: Parameters<typeof seal>) => {
        taking = take(node, [mark]);
        return new Promise((done) => setImmediate(done)).then(() => seal(...args));
      },
    },
  });
  await Promise.all([node.space.putAway(), new Promise((done) => setImmediate(done))]);
  await taking;
  expect(await foundBy(here, disk, SECRET)).toBe(false);
});

test('[IM3] a tab that lost the profile to another saves none, and takes back what it was saving', async () => {
  const { here, disk } = await withSecret();
  const fenced = { ok: false, error: { type: 'fenced', message: 'another tab has taken over' } } as const;
  let left = Number.POSITIVE_INFINITY;
  const storage: Storage = {
    ...disk.storage,
    write: async (rows, durability) => (left-- > 0 ? disk.storage.write(rows, durability) : fenced),
  };
  const old = await begin(here, { ...disk, storage });
  await old.space.replica.image.remove();
  // Gone before it began, and while it wrote.
  for (const writes of [0, 1]) {
    left = writes;
    await old.space.putAway();
    expect(disk.images.files.size).toBe(0);
  }
  expect(counted(old, /^imagesNotSaved$/)).toBe(2);
  left = Number.POSITIVE_INFINITY;
  await old.space.putAway();
  expect(disk.images.files.size).toBe(1);
});

test('[IM3] a space that is forgotten leaves no image', async () => {
  const { disk, node } = await withSecret();
  await node.space.forget();
  expect([disk.images.files.size, (await disk.vault.list('image/')).length]).toEqual([0, 0]);
});

describe('when an image is made', () => {
  it('[IM4] enough has come and nothing for a while, not again at once, and never of what is not signed yet', async () => {
    const clock = virtualClock(Date.now());
    const here = await stage();
    const disk = newDisk();
    const node = await begin(here, disk, { clock });
    await take(node, [...here.tab.space.replica.entries.values()]);
    const write = async (count: number): Promise<void> => {
      const entries: Entry[] = [];
      for (let i = 0; i < count; i++) entries.push(await here.set(here.authors.member, `k${i % 9}`, 'x'));
      await take(node, entries);
    };
    const saved = () => counted(node, /^imagesSaved$/);
    const savedAfter = async (ms: number): Promise<number> => {
      await clock.advance(ms);
      for (let i = 0; i < 50; i++) await new Promise((done) => setImmediate(done));
      return saved();
    };
    // Between its pieces it lets others have their turn.
    const kept = async (count: number): Promise<boolean> => (await savedAfter(1)) === count;
    await write(100);
    expect(await savedAfter(100_000)).toBe(0);
    await write(120);
    expect(await savedAfter(2_000)).toBe(0);
    await clock.advance(3_000);
    await until(() => kept(1), 'the first image');
    await write(220);
    expect(await savedAfter(10_000)).toBe(1);
    await clock.advance(60_000);
    await until(() => kept(2), 'the second image');
    // Where nobody looks, nothing is waited for but that: enough, and apart.
    const isDue = () => node.space.replica.image.isDue(node.space.replica.graph.sinceImage);
    await clock.advance(60_000);
    expect(isDue()).toBe(false);
    await write(200);
    expect(isDue()).toBe(true);
    await node.space.putAway();
    await write(200);
    expect([saved(), isDue()]).toEqual([3, false]);
    node.space.replica.provisional.set('f'.repeat(64) as EntryId, {} as never);
    await node.space.putAway();
    expect(saved()).toBe(3);
  });

  it('[IM4] it gives way to whoever is at work, and not for ever', async () => {
    const clock = virtualClock(Date.now());
    const here = await stage();
    const disk = newDisk();
    const node = await begin(here, disk, { clock });
    await take(node, [...here.tab.space.replica.entries.values()]);
    const entries: Entry[] = [];
    for (let i = 0; i < 220; i++) entries.push(await here.set(here.authors.member, `k${i % 9}`, 'x'));
    await take(node, entries);
    const saved = () => counted(node, /^imagesSaved$/);
    const work = async (ms: number): Promise<number> => {
      for (let at = 0; at < ms; at += 1_000) {
        node.context.calm.stirred();
        await clock.advance(1_000);
      }
      for (let i = 0; i < 50; i++) await new Promise((done) => setImmediate(done));
      return saved();
    };
    expect(await work(100_000)).toBe(0);
    await until(async () => (await work(30_000)) === 1, 'an image all the same');
  });

  it('[IM4] a beacon makes none', async () => {
    const here = await stage();
    const disk = newDisk();
    const beacon = await holdSpace(here.id, undefined, undefined, disk);
    await take(beacon, [...here.tab.space.replica.entries.values()]);
    await beacon.space.putAway();
    expect([disk.images.files.size, (await disk.vault.list('image/')).length]).toEqual([0, 0]);
  });

  it('[IM4] one that cannot be saved is counted, and the next start folds the journal', async () => {
    const here = await stage();
    const disk = newDisk();
    const node = await begin(here, disk);
    await take(node, [...here.tab.space.replica.entries.values()]);
    disk.images.failNext('save', 'before');
    await node.space.putAway();
    expect(counted(node, /^imagesNotSaved$/)).toBe(1);
    const again = await begin(here, disk);
    expect(used(again)).toEqual({ used: 0, stale: 0, none: 1 });
    expect(factsOf(again)).toEqual(factsOf(node));
  });
});

test('[IM3] under a lock the image is sealed with the rest: what lies in the browser then has no key to it', async () => {
  const here = await stage();
  const raw = newDisk();
  const sealer = createSealer(here.tab.context.ports.crypto, webRandom(), webRandom().bytes(32));
  const locked: Disk = { ...raw, vault: await openSealedVault(raw.vault, sealer) };
  const node = await begin(here, locked);
  await take(node, [...here.tab.space.replica.entries.values()]);
  await node.space.putAway();
  expect([raw.images.files.size, (await locked.vault.list('image/')).length]).toEqual([1, 1]);
  expect(await foundBy(here, locked, 'Plan')).toBe(true);
  expect(await foundBy(here, raw, 'Plan')).toBe(false);
  const key = Buffer.from((await locked.vault.get(`image/${here.id}`)) as Uint8Array);
  const secrets = await Promise.all((await raw.vault.list('')).map((name) => raw.vault.get(name)));
  expect(secrets.some((secret) => secret && Buffer.from(secret).includes(key))).toBe(false);
  expect(used(await begin(here, { ...raw, vault: await openSealedVault(raw.vault, sealer) })).used).toBe(1);
});

test('[IM2] a key that cannot be read keeps nobody from starting: the image is left aside, and the next one has another', async () => {
  const here = await stage();
  const disk = newDisk();
  const node = await begin(here, disk);
  await take(node, [...here.tab.space.replica.entries.values()]);
  await node.space.putAway();
  const torn: Vault = {
    ...disk.vault,
    get: async (name) => {
      if (name.startsWith('image/')) throw new Error('The secret is damaged');
      return disk.vault.get(name);
    },
  };
  const again = await begin(here, { ...disk, vault: torn });
  expect([counted(again, /^imagesDamaged$/), used(again).used]).toEqual([1, 0]);
  expect(factsOf(again)).toEqual(factsOf(node));
  expect(await disk.vault.list('image/')).toEqual([]);
  const next = await begin(here, disk);
  await next.space.putAway();
  expect(used(await begin(here, disk)).used).toBe(1);
});

test('[IM3] images that no key opens are cleared away, and the others stay', async () => {
  const { disk, node } = await withSecret();
  disk.images.files.set('0'.repeat(64), Uint8Array.of(1));
  await tidyImages(node.context);
  expect([...disk.images.files.keys()].includes('0'.repeat(64))).toBe(false);
  expect(disk.images.files.size).toBe(1);
});

test('[IM1] the shortcut is one: where no image is ever looked at, nothing else changes', async () => {
  const { here, disk, node } = await withSecret();
  const { open } = SpaceImage.prototype;
  SpaceImage.prototype.open = async () => undefined;
  try {
    expect(factsOf(await begin(here, disk))).toEqual(factsOf(node));
  } finally {
    SpaceImage.prototype.open = open;
  }
});

test('[FG3] what would be put away of a space that goes is not, also when it was due before', async () => {
  const clock = virtualClock(0, atRest);
  const { context, space: other } = await holdSpace('3'.repeat(64) as SpaceId, await newPerson(), clock, newDisk());
  const holdings = new Holdings(context, SILENT, () => {});
  const space = await holdings.keep('4'.repeat(64) as SpaceId);
  let saved = 0;
  const save = async () => void saved++;
  for (const { replica } of [space, other]) replica.image.changed(10_000, save);
  await holdings.forget(space);
  await clock.advance(10_000);
  expect(saved).toBe(1);
});
