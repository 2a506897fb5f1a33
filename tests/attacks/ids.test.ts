/**
 * Ids commit to what they are made of: a node's to its device, an epoch's to its key. Each attack is also run with ids
 * that leave that out, on all nodes alike.
 */
import { afterEach, expect, test, vi } from 'vitest';
import { learnKeys, makeEpoch, wrapKey } from '../../src/os/rights/keyring';
import type { ChangeSet, FoldEntry } from '../../src/vm/graph/engine';
import type { FoldItem } from '../../src/vm/graph/store/store';
import type { DeviceId } from '../../src/vm/op/ids';
import { decodeBody } from '../../src/vm/op/tables';
import { crypto, holdSpace, random } from '../support/insider';
import { counted, stage } from '../support/stage';

const without = vi.hoisted(() => ({ device: false, key: false }));
vi.mock('../../src/vm/op/ids', async (load) => {
  const sound = await load<typeof import('../../src/vm/op/ids')>();
  const nodeIdOf: typeof sound.nodeIdOf = (space, device, ...rest) =>
    sound.nodeIdOf(space, without.device ? ('0'.repeat(64) as DeviceId) : device, ...rest);
  const epochIdOf: typeof sound.epochIdOf = (space, key, nonce) =>
    sound.epochIdOf(space, without.key ? new Uint8Array(32) : key, nonce);
  return { ...sound, nodeIdOf, epochIdOf };
});
// The engine of the product checks ids inside its module; the one in TypeScript takes them from the rule above.
vi.mock('../../src/vm/graph/store/store', async (load) => {
  const sound = await load<typeof import('../../src/vm/graph/store/store')>();
  const { createFold } = await import('../support/fold/fold');
  const weak = (...args: Parameters<typeof createFold>) => {
    const fold = createFold(...args);
    const ingest = (items: readonly FoldItem[]): ChangeSet => fold.apply(items.map(decoded));
    return Object.assign(fold, { ingest, takeLostBases: () => [] });
  };
  const createStore = (...args: Parameters<typeof sound.createStore>) =>
    without.device ? weak(args[1]) : sound.createStore(...args);
  return { ...sound, createStore };
});
const decoded = (item: FoldItem): FoldEntry => {
  if ('ops' in item) return item;
  const ops = decodeBody(item.body, item);
  if (!ops.ok) throw new Error(ops.error.message);
  return { ...item, ops: ops.value };
};
afterEach(() => {
  Object.assign(without, { device: false, key: false });
});

const squat = async (leaveOut: boolean) => {
  without.device = leaveOut;
  const { authors, people, write, tab } = await stage();
  // Where the id leaves the device out, the first of each would be one node already.
  authors.admin.newNode('Document');
  const target = authors.admin.newNode('Document');
  const claim = { ...target.op, nodeType: 'Channel' } as typeof target.op;
  expect(await tab.receive(await write(authors.member, [claim]))).toEqual(['admitted']);
  const { engine } = tab.space.replica;
  const taken = engine.node(target.node) !== undefined;
  expect(await tab.receive(await write(authors.admin, [target.op]))).toEqual(['admitted']);
  const made = engine.node(target.node);
  const author = Object.entries(people).find(([, { user }]) => user === made?.author)?.[0];
  return { taken, author, type: made?.type };
};

test('[T8] nobody makes a node under an id that is not theirs', async () => {
  expect(await squat(false)).toEqual({ taken: false, author: 'admin', type: 'Document' });
  expect(await squat(true)).toEqual({ taken: true, author: 'member', type: 'Channel' });
});

/** An Admin makes an epoch and gives the Guest another key for it; the Owner gives them the true one later. */
const twoKeys = async () => {
  const { id, head, authors, people, entries, give } = await stage();
  const { guest, owner } = people;
  const made = await makeEpoch(crypto, random, id, [{ user: owner.user, keyring: owner.keyring.publicKey }], []);
  const { epoch } = made.act;
  const wrapFor = async (key: Uint8Array) => {
    const wrap = await wrapKey(crypto, id, key, { user: guest.user, keyring: guest.keyring.publicKey });
    if (!wrap) throw new Error('The key could not be wrapped');
    return wrap;
  };
  const wrong = random.bytes(32);
  const begun = await authors.admin.act([head], [{ ...made.act, wraps: [...made.act.wraps, await wrapFor(wrong)] }]);
  expect(await give(begun)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  const theirs = await holdSpace(id, guest);
  await theirs.receive(...entries, begun);
  const learned = await learnKeys(crypto, id, theirs.space.replica.rights, guest, new Map());
  const { node, op } = authors.owner.newNode('Document');
  const written = await authors.owner.data(
    theirs.space.replica.outline,
    'content',
    [op],
    { epoch, key: made.key },
    { aclRef: begun.id },
  );
  await theirs.receive(written);
  const mended = await authors.owner.act([begun.id], [{ type: 'wrap', epoch, wrap: await wrapFor(made.key) }]);
  expect(await theirs.receive(mended)).toEqual(['admitted']);
  return {
    learnedFalse: Buffer.from(learned.get(epoch) ?? []).equals(wrong),
    void: counted(theirs, /^bodyVoid$/),
    read: theirs.space.replica.engine.node(node) !== undefined,
  };
};

test('[T38] a second key for an epoch is refused by the commitment, and the true one is taken later', async () => {
  expect(await twoKeys()).toEqual({ learnedFalse: false, void: 0, read: true });
  // Kept, the false key stays for good: what all others read is void for the Guest.
  without.key = true;
  expect(await twoKeys()).toEqual({ learnedFalse: true, void: 1, read: false });
});
