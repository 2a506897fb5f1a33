/**
 * A space with far more of everything than anybody planned for: 300 people, 500 channels, titles of 200 letters, from right to
 * left, of signs alone. Made as a bundle by insiders who never ran a kernel, with an open link that lets whoever imports it in.
 */
import { toBase64Url } from '../../src/base/bytes';
import { seededRandom } from '../../src/base/random';
import { packKeys } from '../../src/os/rights/bundle-keys';
import type { Identity } from '../../src/os/rights/identity';
import { writeLink } from '../../src/os/rights/invite';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import { BundleWriter } from '../../src/vm/journal/bundle';
import type { Op } from '../../src/vm/op/body';
import { type Entry, encodeEntry } from '../../src/vm/op/entry';
import { contentShardOf, type NodeId, type ShardId } from '../../src/vm/op/ids';
import { type Author, foundSpace, makeInvite, newPerson } from './insider';

export type Crowd = {
  /** Base64url. */
  readonly bundle: string;
  readonly url: string;
  readonly space: string;
  readonly channel: string;
  readonly document: string;
};

/** By one link. */
const LET_IN = 100;
const TITLE = 'Ladoga field station, the whole of it';
const LONG = 'A title that nobody meant to be so long '.repeat(5).slice(0, 200);
const ODD = [
  LONG,
  'Длинноеназваниебезпробелов'.repeat(8).slice(0, 200),
  'פגישת צוות: סיכום שבועי של הפרויקט',
  'اجتماع الفريق الأسبوعي',
  '👩‍👩‍👧‍👦🚤🌊⚓️🧭',
  '漢字仮名交じり文の非常に長い題名',
  '<script>alert(1)</script>',
  '\u202etxt.exe',
  '',
];
const NAMES = [
  'Anna',
  'Борис Иванович Длиннофамильный-Заозёрский',
  'דוד',
  'Ibrahim',
  'Chloé',
  '王小明',
  '🦊',
  LONG.slice(0, 80),
];
const WORDS = 'buoy shore harbour light tide chart rope anchor берег маяк ветер лодка карта вопрос ответ список'.split(
  ' ',
);

/** What entries of a kind that nobody knows yet would put in place of each message. */
export const LATER = 'said by a later version';

/** `futures`: with an op that nobody knows yet in each message; `later`: and after each an entry of a kind that nobody knows; `owner`: whose space it is. */
export const crowd = async (
  people = 300,
  channels = 500,
  messages = 400,
  { futures = false, later = false, owner }: { futures?: boolean; later?: boolean; owner?: Identity } = {},
): Promise<Crowd> => {
  const random = seededRandom(11);
  const text = (words: number): string => Array.from({ length: words }, () => random.pick(WORDS)).join(' ');
  const { id, author, entries, key, outline } = await foundSpace(owner ?? (await newPerson()));
  const rights: Entry[] = [...entries];
  const last = (): Entry => rights.at(-1) as Entry;
  const authors: Author[] = [author];
  const invite = async (): Promise<Awaited<ReturnType<typeof makeInvite>>> => {
    const made = await makeInvite(author, [last().id], key, { role: 'member', uses: LET_IN });
    rights.push(made.entry);
    return made;
  };
  let invited = await invite();
  for (let i = 1; i < people; i++) {
    if (i % LET_IN === 0) invited = await invite();
    const joined = await invited.join(await newPerson(), [last().id]);
    rights.push(joined.entry);
    authors.push(joined.author);
  }
  invited = await invite();
  const keys = { epochs: new Map([[key.epoch, key.key]]), parts: new Map() };
  const writer = new BundleWriter(id, await packKeys(webCrypto(), webRandom(), id, keys, 'open'));
  const put = (entry: Entry): void => writer.entry(encodeEntry(entry));
  rights.forEach(put);
  const aclRef = last().id;
  const write = async (by: Author, shard: ShardId, ops: readonly Op[], annotation = false): Promise<void> =>
    put(await by.data(shard, annotation ? 'annotation' : 'content', ops, key, { aclRef }));
  const set = (node: NodeId, name: string, value: unknown): Op => ({
    type: 'fieldSet',
    node,
    key: name,
    value: JSON.stringify(value),
  });
  const named = author.newNode('Space');
  await write(author, outline, [named.op, set(named.node, 'title', TITLE)]);
  for (const [i, by] of authors.entries()) {
    const { node, op } = by.newNode('Profile');
    await write(by, outline, [op, set(node, 'name', `${NAMES[i % NAMES.length]} ${i}`)], true);
  }
  const place = async (type: string, title: string, at: number, parent: NodeId | '' = ''): Promise<NodeId> => {
    const { node, op } = author.newNode(type);
    const order = `m${at.toString(36).padStart(6, '0')}V`;
    await write(author, outline, [op, set(node, 'title', title), { type: 'move', node, parent, order }]);
    return node;
  };
  const all: NodeId[] = [];
  for (let i = 0; i < channels; i++) all.push(await place('Channel', ODD[i] || `${text(2)} ${i}`, i));
  const folder = await place('Folder', LONG, channels);
  const documents: NodeId[] = [];
  for (let i = 0; i < 60; i++)
    documents.push(await place('Document', ODD[i] ?? text(3), channels + i, i % 3 === 0 ? folder : ''));
  const channel = all[0] as NodeId;
  for (let i = 0; i < messages; i++) {
    const by = random.pick(authors);
    const { node, op } = by.newNode('Message');
    const said = ODD[i % 40] || (i % 50 === 7 ? 'слово'.repeat(400) : text(3 + random.below(40)));
    const future: Op[] = futures ? [{ type: 'unknown', kind: 90, bytes: random.bytes(40) }] : [];
    await write(by, contentShardOf(id, channel), [op, set(node, 'text', said), ...future]);
    if (later)
      put(
        await by.data(contentShardOf(id, channel), 'content', [set(node, 'text', LATER)], key, {
          aclRef,
          kind: 'later-9',
        }),
      );
  }
  const url = writeLink('http://localhost', {
    space: id,
    secret: invited.secret,
    title: TITLE,
    kind: 'team',
    confirm: false,
    expires: Date.now() + 3_000_000,
    beacons: [],
    signaling: [],
    from: '',
    object: undefined,
  });
  return { bundle: toBase64Url(writer.finish()), url, space: id, channel, document: documents[0] as NodeId };
};
