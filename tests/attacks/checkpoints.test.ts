/** States that nobody came to, snapshots of what was erased, and who may say what a state is; each also without the defence. */
import { expect, test } from 'vitest';
import { Checkpoints } from '../../src/os/kernel/checkpoints';
import { Preview } from '../../src/os/kernel/preview';
import { foldOf, openPart, putParts, reachOf, stateOf } from '../../src/os/kernel/snapshots';
import type { Clock, Deflate } from '../../src/ports';
import { getBlob, putBlob } from '../../src/vm/blob/store';
import type { Op } from '../../src/vm/op/body';
import type { CheckpointBody, Covered } from '../../src/vm/op/checkpoint';
import { hlcOf } from '../../src/vm/op/clock';
import type { Entry } from '../../src/vm/op/entry';
import { checkpointsShardOf, contentShardOf, type EntryId, type NodeId, type ShardId } from '../../src/vm/op/ids';
import { until as untilIn } from '../support/fleet';
import { testClock } from '../support/halves';
import { type Author, foundSpace, type Held, heard, holdSpace, newPerson } from '../support/insider';
import { type Stage, stage } from '../support/stage';
import { roleless, type Weaken } from '../support/weak';

const LIMITS = { entries: 1, bytes: 1, apartMs: 0, quietMs: 1, behind: 1 };
const CHANNEL = '7'.repeat(32) as NodeId;
const root = (byte: number) => new Uint8Array(32).fill(byte);
const until = (what: () => unknown, label: string): Promise<unknown> => untilIn(what, label, 6_000);
const pause = async (): Promise<void> => {};

const message = async (here: Stage, author: Author, text: string) => {
  const { node, op } = author.newNode('Message');
  const set: Op = { type: 'fieldSet', node, key: 'text', value: JSON.stringify(text) };
  const entry = await here.write(author, [op, set], { shard: contentShardOf(here.id, CHANNEL), kind: 'erasable' });
  return { node, entry };
};
const shows = ({ space }: Held, node: NodeId): unknown => space.replica.engine.node(node)?.field('text');

/** A space with three messages; `history` is what a newcomer lacks at first. */
const written = async () => {
  const here = await stage();
  const messages = [];
  for (const text of ['one', 'two', 'three']) messages.push(await message(here, here.authors.member, text));
  const history = messages.map(({ entry }) => entry);
  await here.give(...history);
  return { here, messages, history, shard: contentShardOf(here.id, CHANNEL) };
};
type Written = Awaited<ReturnType<typeof written>>;

/** What the tab would state of the part, or with another root. */
const statement = async ({ here, shard }: Written, wrong?: Partial<Covered>): Promise<CheckpointBody> => {
  const { context, space } = here.tab;
  const { replica } = space;
  const reach = reachOf(replica, shard) ?? [];
  const state = await stateOf(context, replica, shard, reach, { pause, snapshot: true });
  const writing = replica.writingKey(shard);
  if (!state || !writing) throw new Error('nothing to state');
  const put = await putParts(context, state.parts, writing.key, pause);
  if (!put) throw new Error('not put');
  for (const { blob, size } of put.parts) await space.blobs.keep(blob, size);
  const covered = { shard, reach, root: state.root, epoch: writing.epoch, ...put, ...wrong };
  const rights = [...replica.rights.heads()].sort();
  return { type: 'state', rights, erasures: reachOf(replica, replica.erasures) ?? [], shards: [covered] };
};
const confirming = (of: Entry, body: CheckpointBody): CheckpointBody => ({
  type: 'confirm',
  of: of.id,
  shards: body.shards.map(({ shard, root }) => ({ shard, root })),
});

/** Somebody of the space on a new device that has its rights, the checkpoints and the snapshots, and nothing of the content. */
const newcomer = async (
  { here }: Pick<Written, 'here'>,
  checkpoints: readonly Entry[],
  weaken: Weaken = () => {},
  clock?: Clock,
) => {
  const node = await holdSpace(here.id, here.people.owner, clock);
  weaken(node);
  const wanted: string[] = [];
  const working = new Checkpoints(
    node.context,
    { want: (_space, blobs) => void wanted.push(...blobs), leave: () => {}, found: () => {} },
    { ...LIMITS, quietMs: 1e9 },
  );
  await node.receive(...here.entries, ...checkpoints);
  working.heard(node.space, checkpointsShardOf(here.id));
  const give = async (): Promise<void> => {
    for (const id of here.tab.space.blobs.whole.keys()) {
      const blob = await getBlob(here.tab.context.ports.storage, id);
      if (!blob.ok) continue;
      await putBlob(node.context.ports.storage, blob.value, 'relaxed');
      await node.space.blobs.keep(id, 1);
    }
    working.blobCame(node.space);
  };
  const opened = async (): Promise<void> => {
    await until(() => wanted.length > 0, 'a snapshot is wanted');
    await give();
    await until(() => node.space.replica.graph.preview?.isShown, 'the snapshot is shown');
  };
  /** The history comes. */
  const gets = async (...entries: Entry[]): Promise<void> => {
    await node.receive(...entries);
    for (const shard of new Set(entries.map(({ header }) => header.shard))) working.heard(node.space, shard);
  };
  return { ...node, working, wanted, opened, give, gets };
};
test('[CK4] Guests state nothing, nor what is malformed or out of place; a beacon refuses it as well', async () => {
  const made = await written();
  const { here } = made;
  const body = await statement(made);
  const { guest, member } = here.authors;
  const cites = { aclRef: here.head };
  const byGuest = await guest.checkpoint(body, cites);
  expect(await here.give(byGuest)).toEqual({ tab: ['refused notAllowed'], beacon: ['refused notAllowed'] });
  const weak = await stage(roleless);
  expect((await weak.give(await weak.authors.guest.checkpoint(body, { aclRef: weak.head }))).beacon).toEqual([
    'admitted',
  ]);
  const unknown: CheckpointBody = { type: 'confirm', of: byGuest.id, shards: [{ shard: made.shard, root: root(1) }] };
  const wrong = [
    () => member.checkpoint(body, { ...cites, class: 'annotation' }),
    () => member.checkpoint(unknown, cites),
    () => here.write(member, [], { shard: checkpointsShardOf(here.id) }),
  ];
  for (const [i, sign] of wrong.entries()) {
    const entry = await sign();
    member.forget(entry);
    const got = await here.give(entry);
    expect(
      [...got.tab, ...got.beacon].every((each) => each.startsWith('refused')),
      `${i} ${got.tab}`,
    ).toBe(true);
  }
  const sound = await member.checkpoint(body, cites);
  expect(await here.give(sound)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  expect(here.beacon.passedOn.some(({ id }) => id === sound.id)).toBe(true);
  const misplaced = await here.authors.owner.checkpoint(body, { ...cites, shard: made.shard });
  expect((await here.give(misplaced)).beacon).toEqual(['refused badCheckpointHeader']);
});

test('[CK11] a newcomer shows what two stated, and then the history, whose state is the same', async () => {
  const made = await written();
  const { here, messages, history } = made;
  const body = await statement(made);
  const stated = await here.authors.member.checkpoint(body, { aclRef: here.head });
  const confirmed = await here.authors.owner.checkpoint(confirming(stated, body), {
    aclRef: here.head,
    deps: [stated.id],
  });
  const late = await newcomer(made, [stated, confirmed]);
  await late.opened();
  expect(messages.map(({ node }) => shows(late, node))).toEqual(['one', 'two', 'three']);
  expect(late.space.replica.stateHash()).not.toBe(here.tab.space.replica.stateHash());
  // What is not covered is seen at once.
  const fresh = await message(here, here.authors.member, 'four');
  await late.gets(history[0] as Entry, history[1] as Entry);
  expect(late.space.replica.graph.preview?.isShown).toBe(true);
  await late.gets(history[2] as Entry, fresh.entry);
  expect(shows(late, fresh.node)).toBe('four');
  await until(() => !late.space.replica.graph.preview, 'the history is shown');
  await until(() => late.space.blobs.whole.size === 0, 'what was fetched for it is gone');
  await here.give(fresh.entry);
  const [one, other] = [late, here.tab].map(({ space }) => space.replica.engine.stateHash([]).shards.get(made.shard));
  expect(one).toEqual(other);
  expect(messages.map(({ node }) => shows(late, node))).toEqual(['one', 'two', 'three']);
  expect(late.space.replica.checkpointed.falseStates).toEqual([]);
  await late.working.stop();
});

/** One or two people state what is not so. */
const lied = async (signers: readonly ('member' | 'owner')[], weaken?: Weaken, clock?: Clock) => {
  const made = await written();
  const { here, messages, history, shard } = made;
  const lie = await message(here, here.authors.member, 'nobody ever wrote this');
  here.authors.member.forget(lie.entry);
  const { context, space } = here.tab;
  const elsewhere = await holdSpace(here.id, here.people.owner);
  await elsewhere.receive(...here.entries, ...history, lie.entry);
  const { replica } = elsewhere.space;
  const reach = reachOf(replica, shard) ?? [];
  const state = await stateOf(elsewhere.context, replica, shard, reach, { pause, snapshot: true });
  const writing = space.replica.writingKey(shard);
  if (!state || !writing) throw new Error('nothing to state');
  const put = await putParts(context, state.parts, writing.key, pause);
  for (const { blob, size } of put?.parts ?? []) await space.blobs.keep(blob, size);
  // They cover what everybody has, and show one more.
  const honest = await statement(made);
  const covered = {
    ...(honest.shards[0] as Covered),
    root: state.root,
    salt: put?.salt ?? new Uint8Array(16),
    parts: put?.parts ?? [],
  };
  const body = { ...honest, shards: [covered] } as CheckpointBody;
  const [first, second] = signers.map((name) => here.authors[name]);
  const stated = await (first as Author).checkpoint(body, { aclRef: here.head });
  const entries = [stated];
  if (second) entries.push(await second.checkpoint(confirming(stated, body), { aclRef: here.head, deps: [stated.id] }));
  const late = await newcomer(made, entries, weaken, clock);
  return { ...made, late, lie, messages, history, stated };
};
test('[T62] [T27] one Member alone is not believed; nor is an Owner where others write too', async () => {
  for (const signers of [['member'], ['owner'], ['owner', 'owner']] as const) {
    const { late, lie, shard } = await lied(signers);
    expect(late.space.replica.checkpointed.of(shard).length).toBe(1);
    expect(late.space.replica.checkpointed.believed(shard)).toBeUndefined();
    expect([late.wanted, shows(late, lie.node)]).toEqual([[], undefined]);
    await late.working.stop();
  }
  const gullible: Weaken = ({ space }) => {
    const { checkpointed } = space.replica;
    Object.assign(checkpointed, { believed: (shard: ShardId) => checkpointed.of(shard)[0] });
  };
  const { late, lie } = await lied(['member'], gullible);
  await late.opened();
  expect(shows(late, lie.node)).toBe('nobody ever wrote this');
  await late.working.stop();
});

test('[CK10] what two stated falsely goes when the history has come, and both are named', async () => {
  const { late, lie, history, messages, stated } = await lied(['member', 'owner']);
  await late.opened();
  expect(shows(late, lie.node)).toBe('nobody ever wrote this');
  await late.gets(...history);
  await until(() => late.space.replica.checkpointed.falseStates.length > 0, 'found out');
  expect([shows(late, lie.node), shows(late, (messages[0] as { node: NodeId }).node)]).toEqual([undefined, 'one']);
  expect(late.space.replica.checkpointed.falseStates.map(({ entry, signers }) => [entry.id, signers.length])).toEqual([
    [stated.id, 2],
  ]);
  expect(late.space.replica.checkpointed.believed(contentShardOf(late.space.id, CHANNEL))).toBeUndefined();
  await late.working.stop();
});

test('[CK10] who cannot come to a state because rights changed since accuses nobody', async () => {
  const { late, here, history } = await lied(['member', 'owner']);
  await late.opened();
  const policy = await here.authors.owner.act([here.head], [{ type: 'policy', key: 'annotation', value: 'member' }]);
  await late.gets(policy, ...history);
  await until(() => late.context.counts.get('checkpointsOutdated'), 'looked at');
  expect(late.space.replica.checkpointed.falseStates).toEqual([]);
  await late.working.stop();
});

/** A message is erased after a snapshot of it was made. */
const erasedAfter = async (weaken?: Weaken) => {
  const made = await written();
  const { here, messages, shard } = made;
  const body = await statement(made);
  const stated = await here.authors.member.checkpoint(body, { aclRef: here.head });
  const confirmed = await here.authors.owner.checkpoint(confirming(stated, body), {
    aclRef: here.head,
    deps: [stated.id],
  });
  await here.give(stated, confirmed);
  const before = here.tab.space.blobs.whole.size;
  const [gone] = messages as [{ node: NodeId; entry: Entry }];
  const late = await newcomer(made, [stated, confirmed], weaken);
  const mark = await here.authors.member.erase(
    { version: 1, shard, object: gone.node, within: CHANNEL, entries: [gone.entry.id as EntryId] },
    { aclRef: here.head },
  );
  heard(mark);
  return { ...made, late, mark, gone, before };
};
test('[CK6] a snapshot of what was erased is void: its bytes leave every disk, and nobody opens from it', async () => {
  const { here, mark, before, late, gone } = await erasedAfter();
  await late.opened();
  await here.give(mark);
  expect([before, here.tab.space.blobs.whole.size]).toEqual([1, 0]);
  expect(await here.tab.context.ports.storage.list('blob', '')).toEqual([]);
  // Who shows it at that moment shows it no more.
  expect(shows(late, gone.node)).toBe('one');
  await late.gets(mark);
  await until(() => shows(late, gone.node) === undefined, 'gone from sight');
  expect(await late.context.ports.storage.list('blob', '')).toEqual([]);
  await late.working.stop();
  const forgiving: Weaken = ({ space }) => Object.assign(space.replica.erasing, { marksIn: () => [] });
  const weak = await erasedAfter(forgiving);
  await weak.late.opened();
  await weak.late.gets(weak.mark);
  await weak.late.space.inTurn(async () => {});
  expect(shows(weak.late, weak.gone.node)).toBe('one');
  await weak.late.working.stop();
});

test('[CK3] a part that is not what was signed is not taken in', async () => {
  const made = await written();
  const { here, messages } = made;
  const sound = await statement(made);
  const covered = sound.shards[0] as Covered;
  const parts = covered.parts.map((part) => ({ ...part, digest: root(9) }));
  const body = { ...sound, shards: [{ ...covered, parts }] } as CheckpointBody;
  const stated = await here.authors.member.checkpoint(body, { aclRef: here.head });
  const confirmed = await here.authors.owner.checkpoint(confirming(stated, body), {
    aclRef: here.head,
    deps: [stated.id],
  });
  const late = await newcomer(made, [stated, confirmed]);
  await until(() => late.wanted.length > 0, 'wanted');
  await late.give();
  await until(() => late.context.counts.get('snapshotsBad'), 'refused');
  expect([late.space.replica.graph.preview, shows(late, (messages[0] as { node: NodeId }).node)]).toEqual([
    undefined,
    undefined,
  ]);
  await late.working.stop();
});

test('[CK3] a part says how it is packed: one that would grow beyond the bounds is refused before it does, one that is not deflated is as good', async () => {
  const made = await written();
  const { here, shard } = made;
  const { context, space } = here.tab;
  const [covered] = (await statement(made)).shards as [Covered];
  const [part] = covered.parts as [Covered['parts'][number]];
  const open = (on: typeof context, of: Covered, blob = part.blob) => openPart(on, space.replica, of, blob);
  const sound = await open(context, covered);
  expect(sound).toHaveLength(3);
  // Put away by a device that cannot deflate, and opened by one.
  const { deflate, ...without } = context.ports;
  const state = await stateOf(context, space.replica, shard, covered.reach, { pause, snapshot: true });
  const { key } = space.replica.writingKey(shard) as { key: Uint8Array };
  const text = [new Uint8Array(64 * 1024).fill(0x61)];
  for (const [parts, ports] of [
    [state?.parts ?? [], without],
    [text, context.ports],
  ] as const) {
    const put = await putParts({ ...context, ports }, parts, key, pause);
    if (!put) throw new Error('not put');
    const other = { ...covered, ...put };
    // Of what repeats itself so much nothing is deflated.
    expect(await open({ ...context, ports: without }, other, put.parts[0]?.blob)).toEqual(
      parts === text ? 'bad' : sound,
    );
    expect(await open(context, other, put.parts[0]?.blob)).toEqual(parts === text ? 'bad' : sound);
  }
  const asked: number[] = [];
  const greedy = {
    ...context,
    ports: {
      ...context.ports,
      deflate: {
        ...(deflate as Deflate),
        inflate: async (bytes: Uint8Array, limit: number) => {
          asked.push(limit);
          return deflate?.inflate(bytes, limit);
        },
      },
    },
  };
  for (const size of [part.size * 100, 9 * 1024 * 1024, part.size - 1])
    expect(await open(greedy, { ...covered, parts: [{ ...part, size }] })).toBe('bad');
  // Only the last was begun, and no further than it said.
  expect(asked).toEqual([part.size - 1]);
});

test('[CK7] what a tab states of its own is what it stands for, and who came to another state signs nothing', async () => {
  const made = await written();
  const { here, shard } = made;
  const { tab } = here;
  const working = new Checkpoints(tab.context, { want: () => {}, leave: () => {}, found: () => {} }, LIMITS);
  const lie = await here.authors.member.checkpoint(await statement(made, { root: root(3) }), { aclRef: here.head });
  await here.give(lie);
  heard(lie);
  working.heard(tab.space, shard);
  await until(() => tab.context.counts.get('checkpointsFalse'), 'found out');
  await until(() => tab.context.counts.get('checkpointsStated'), 'stated');
  await working.stop();
  const [latest] = tab.space.replica.checkpointed.of(shard);
  const state = await stateOf(tab.context, tab.space.replica, shard, latest?.covered.reach ?? [], {
    pause,
    snapshot: false,
  });
  expect(latest?.covered.root).toEqual(state?.root);
  expect(latest?.signers).toEqual([here.people.owner.user]);
  expect(tab.context.counts.get('checkpointsConfirmed')).toBeUndefined();
  const first = await foldOf(tab.context, tab.space.replica, made.history[0] as Entry);
  expect(first).toMatchObject({ id: made.history[0]?.id, hollow: false });
});

/** A node that has heard of an erasure and is not through with it; `let go` ends that. */
const midway = async (made: Written, mark: Entry, weak: boolean, stated: readonly Entry[] = []) => {
  const { here, history, shard } = made;
  const node = await holdSpace(here.id, here.people.owner);
  await node.receive(...here.entries, ...history, ...stated);
  const { space, context } = node;
  const open = space.replica.open.bind(space.replica);
  let letGo = (): void => {};
  const held = new Promise<void>((done) => {
    letGo = done;
  });
  Object.assign(space.replica, { open: (entry: Entry) => held.then(() => open(entry)) });
  const going = node.receive(mark);
  await until(() => space.replica.erasing.size > 0, 'heard of');
  const inTurn = space.inTurn.bind(space);
  Object.assign(space, {
    inTurn: <T>(work: () => Promise<T>): Promise<T> => {
      if (weak) return work();
      letGo();
      return inTurn(work);
    },
  });
  const working = new Checkpoints(context, { want: () => {}, leave: () => {}, found: () => {} }, LIMITS);
  working.heard(space, shard);
  return { ...node, working, letGo, going };
};
test('[CK10] a state is stated, and judged, when erasures that are known have done what they do; else an honest one is held to be false', async () => {
  const made = await written();
  const { here, messages, shard } = made;
  const [gone] = messages as [{ node: NodeId; entry: Entry }];
  const mark = await here.authors.member.erase(
    { version: 1, shard, object: gone.node, within: CHANNEL, entries: [gone.entry.id as EntryId] },
    { aclRef: here.head },
  );
  heard(mark);
  await here.give(mark);
  const body = await statement(made);
  const { root: sound } = body.shards[0] as Covered;
  const stated = await here.authors.member.checkpoint(body, { aclRef: here.head });
  heard(stated);

  const verifier = await midway(made, mark, false, [stated]);
  await until(() => verifier.context.counts.get('checkpointsConfirmed'), 'confirmed');
  expect(verifier.context.counts.get('checkpointsFalse')).toBeUndefined();
  const stater = await midway(made, mark, false);
  await until(() => stater.context.counts.get('checkpointsStated'), 'stated');
  expect(stater.space.replica.checkpointed.of(shard)[0]?.covered.root).toEqual(sound);

  const hasty = await midway(made, mark, true, [stated]);
  await until(() => hasty.context.counts.get('checkpointsFalse'), 'accused');
  const careless = await midway(made, mark, true);
  await until(() => careless.context.counts.get('checkpointsStated'), 'stated');
  expect(careless.space.replica.checkpointed.of(shard)[0]?.covered.root).not.toEqual(sound);
  for (const node of [verifier, stater, hasty, careless]) {
    node.letGo();
    await node.going;
    await node.working.stop();
  }
});

test('[CK10] what counts by when it came to light makes nobody a liar', async () => {
  const made = await written();
  const { here, shard } = made;
  const { authors, people } = here;
  const until1 = Date.now() + 3_600_000;
  const grant = await authors.owner.act(
    [here.head],
    [{ type: 'grant', user: people.guest.user, role: 'member', notAfter: until1, cut: [], certificate: undefined }],
  );
  await here.give(grant);
  const { node, op } = authors.guest.newNode('Message');
  const set: Op = { type: 'fieldSet', node, key: 'text', value: '"in time"' };
  const timely = await here.write(authors.guest, [op, set], { shard, kind: 'erasable', aclRef: grant.id });
  await here.give(timely);
  const body = await statement(made);
  const stated = await authors.member.checkpoint(body, { aclRef: grant.id });
  heard(stated);
  // Others went on after the end, and nobody had cited it by then.
  const { op: later, node: other } = authors.member.newNode('Message');
  const text: Op = { type: 'fieldSet', node: other, key: 'text', value: '"later"' };
  const on = await here.write(authors.member, [later, text], {
    shard,
    kind: 'erasable',
    aclRef: grant.id,
    hlc: hlcOf(until1 + 1) as never,
  });
  const verifier = await holdSpace(here.id, people.owner);
  verifier.context.time.now = () => until1 + 2;
  await verifier.receive(...here.entries, grant, ...made.history, timely, stated, on);
  expect(verifier.space.replica.unfolded.get(timely.id)).toBe('held');
  const working = new Checkpoints(verifier.context, { want: () => {}, leave: () => {}, found: () => {} }, LIMITS);
  working.heard(verifier.space, shard);
  await until(() => verifier.context.counts.get('checkpointsOutdated'), 'left');
  expect(verifier.context.counts.get('checkpointsFalse')).toBeUndefined();
  await working.stop();
});

test('[CK5] an older state that comes again is passed over; the Owner of a space where nobody else writes needs no second', async () => {
  const made = await written();
  const { here, shard } = made;
  const confirmedBy = async (body: CheckpointBody): Promise<readonly [Entry, Entry]> => {
    const stated = await here.authors.member.checkpoint(body, { aclRef: here.head });
    const deps = [stated.id];
    return [stated, await here.authors.owner.checkpoint(confirming(stated, body), { aclRef: here.head, deps })];
  };
  const before = await confirmedBy(await statement(made));
  const more = await message(here, here.authors.member, 'four');
  await here.give(more.entry);
  const after = await confirmedBy(await statement(made));
  const late = await newcomer(made, [...before, ...after]);
  expect(late.space.replica.checkpointed.believed(shard)?.entry.id).toBe(after[0].id);
  expect(await late.receive(...before)).toEqual(['known', 'known']);
  await late.opened();
  expect(shows(late, more.node)).toBe('four');
  // Its snapshot is not kept.
  await here.give(...before, ...after);
  expect(here.tab.space.blobs.whole.size).toBe(1);
  await late.working.stop();

  const owner = await newPerson();
  const founded = await foundSpace(owner);
  const alone = await holdSpace(founded.id, owner);
  await alone.receive(...founded.entries);
  const { op } = founded.author.newNode('Document');
  const aclRef = (founded.entries.at(-1) as Entry).id;
  await alone.receive(await founded.author.data(founded.outline, 'content', [op], founded.key, { aclRef }));
  const working = new Checkpoints(alone.context, { want: () => {}, leave: () => {}, found: () => {} }, LIMITS);
  working.heard(alone.space, founded.outline);
  await until(() => alone.context.counts.get('checkpointsStated'), 'stated');
  await working.stop();
  expect(alone.space.replica.checkpointed.believed(founded.outline)?.signers).toEqual([owner.user]);
});

test('[CK7] where what was written before somebody came is closed to them, a state has no snapshot', async () => {
  const made = await written();
  const { here, shard } = made;
  const closing = await here.authors.owner.act([here.head], [{ type: 'policy', key: 'history', value: 'fromJoin' }]);
  const opening = await here.authors.owner.act([closing.id], [{ type: 'policy', key: 'history', value: 'full' }]);
  expect(await here.give(closing, opening)).toMatchObject({ tab: ['admitted', 'admitted'] });
  const working = new Checkpoints(here.tab.context, { want: () => {}, leave: () => {}, found: () => {} }, LIMITS);
  working.heard(here.tab.space, shard);
  await until(() => here.tab.context.counts.get('checkpointsStated'), 'stated');
  await working.stop();
  const [latest] = here.tab.space.replica.checkpointed.of(shard);
  expect([latest?.covered.parts, here.tab.space.blobs.whole.size]).toEqual([[], 0]);
});

test('[CK8] what is covered comes into sight from the snapshot alone, what is not as soon as it is here', async () => {
  /** Whether what is shown knows the first message, which the snapshot leaves out, and one that came on top. */
  const shown = async (weaken: () => void) => {
    const made = await written();
    const { here, history, messages } = made;
    const node = await holdSpace(here.id, here.people.owner);
    await node.receive(...here.entries);
    const { replica } = node.space;
    const preview = replica.graph.beginPreview();
    const [first] = history as [Entry];
    preview.cover([{ log: first.log, length: 3, head: history[2]?.id as EntryId }]);
    weaken();
    preview.show();
    const fresh = await message(here, here.authors.admin, 'four');
    const progress = () => preview.progress((log) => replica.logs.get(log)?.length ?? 0);
    expect(progress()).toEqual({ here: 0, total: 3 });
    await node.receive(...history, fresh.entry);
    expect(progress()).toEqual({ here: 3, total: 3 });
    const seen = [messages[0], fresh].map((each) => shows(node, each?.node as NodeId));
    await node.space.show(() => replica.graph.endPreview(true));
    expect([messages[0], fresh].map((each) => shows(node, each?.node as NodeId))).toEqual(['one', 'four']);
    return seen;
  };
  expect(await shown(() => {})).toEqual([undefined, 'four']);
  const { covers } = Preview.prototype;
  expect(
    await shown(() => {
      Preview.prototype.covers = () => false;
    }).finally(() => {
      Preview.prototype.covers = covers;
    }),
  ).toEqual(['one', 'four']);
});

test('[CK9] a preview ends when rights change what counts, and when nothing comes of the history; then the history is shown, and nothing else again', async () => {
  type Lied = Awaited<ReturnType<typeof lied>>;
  /** What ends it. */
  const ends: Readonly<Record<string, (made: Lied, time: ReturnType<typeof testClock>) => Promise<unknown>>> = {
    rights: async ({ late, here }) =>
      late.gets(
        await here.authors.owner.act([here.head], [{ type: 'revoke', user: here.people.member.user, cut: [] }]),
      ),
    silence: async (_made, time) => {
      for (let seconds = 0; seconds <= 130; seconds += 5) await time.advance(5_000);
    },
  };
  for (const [why, end] of Object.entries(ends)) {
    for (const isWeak of [false, true]) {
      const time = testClock();
      const made = await lied(['member', 'owner'], undefined, time);
      const { late, lie, messages, history } = made;
      const opening = late.opened();
      for (let i = 0; i < 40 && !late.space.replica.graph.preview?.isShown; i++) await time.advance(100);
      await opening;
      expect(shows(late, lie.node), why).toBe('nobody ever wrote this');
      await late.gets(history[0] as Entry);
      if (isWeak) Object.assign(late.space.replica.graph, { endPreview: () => {} });
      await end(made, time);
      await late.space.inTurn(async () => {});
      expect(shows(late, lie.node), why).toBe(isWeak ? 'nobody ever wrote this' : undefined);
      if (!isWeak) {
        await late.give();
        await late.space.inTurn(async () => {});
        const [one] = messages.map(({ node }) => shows(late, node));
        expect([one, shows(late, lie.node), late.space.replica.graph.preview], why).toEqual([
          why === 'rights' ? undefined : 'one',
          undefined,
          undefined,
        ]);
      }
      await late.working.stop();
    }
  }
});
