/** A document typed in 6,000 single updates: what it takes on the disk and in memory with its bodies, and with a base. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { seededRandom } from '../../src/base/random';
import { type Storage, TABLES } from '../../src/ports';
import { prepareDoc } from '../../src/vm/graph/text';
import type { Entry } from '../../src/vm/op/entry';
import { encodeEntry } from '../../src/vm/op/entry';
import { yjsClientIdOf } from '../../src/vm/op/ids';
import { desk, Node } from '../support/shelf';

const EDITS = 6_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heap = async (): Promise<number> => {
  for (let i = 0; i < 10; i++) {
    collect();
    await new Promise((done) => setTimeout(done, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
const onDisk = async (storage: Storage): Promise<number> => {
  let bytes = 0;
  for (const table of TABLES) for (const { value } of await storage.list(table, '')) bytes += value.length;
  return bytes;
};

test('[CO1] 6,000 single updates, as bodies and as a base', { timeout: 600_000 }, async () => {
  const made = await desk(1);
  const { here, shardOf } = made;
  const [document] = made.documents as [never];
  const { member } = here.authors;
  const doc = prepareDoc(new Y.Doc());
  doc.clientID = yjsClientIdOf(member.me.device, document, 1);
  const updates: Uint8Array[] = [];
  doc.on('updateV2', (update: Uint8Array) => updates.push(update));
  const random = seededRandom(1);
  const text = new Y.XmlText();
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [text]);
  doc.getXmlFragment('default').insert(0, [paragraph]);
  // As somebody types: on from a caret that jumps now and then, with one key in six taken back.
  let caret = 0;
  while (updates.length < EDITS) {
    if (random.below(60) === 0) caret = random.below(text.length + 1);
    if (caret > 0 && random.below(6) === 0) text.delete(--caret, 1);
    else text.insert(caret++, 'etaoin srhldcu'.charAt(random.below(14)));
  }
  const entries: Entry[] = [];
  for (const update of updates)
    entries.push(
      await here.write(member, [{ type: 'textUpdate', document, n: 1, update }], { shard: shardOf(document) }),
    );
  const bodies = entries.reduce((sum, { body }) => sum + body.length, 0);
  const whole = entries.reduce((sum, entry) => sum + encodeEntry(entry).length, 0);
  const history = made.history();

  const built = async (base: boolean) => {
    const node = await Node.of(here, here.people.owner);
    await node.catchUp(history);
    const { storage } = node.held.context.ports;
    const before = await onDisk(storage);
    for (let i = 0; i < entries.length; i += 500) await node.take(...entries.slice(i, i + 500));
    await node.replica.journal.compact();
    if (base) expect(await node.compact(document)).toBeGreaterThan(0);
    const [kept] = node.replica.bases.values();
    const sizes = {
      disk: (await onDisk(storage)) - before,
      base: kept?.bytes ?? 0,
      update: kept?.text.update.length ?? 0,
    };
    return { storage, ...sizes, hash: node.replica.stateHash() };
  };
  const measure = async (base: boolean) => {
    const { storage, hash, ...sizes } = await built(base);
    const node = await Node.of(here, here.people.owner);
    const empty = await heap();
    const began = performance.now();
    await node.restart(storage);
    const start = performance.now() - began;
    expect(node.replica.stateHash()).toBe(hash);
    expect(node.replica.engine.documentText(document)).toBe(text.toString());
    return { ...sizes, hash, start, heap: (await heap()) - empty };
  };
  const [bodied, based] = [await measure(false), await measure(true)];
  expect(based.hash).toBe(bodied.hash);
  console.log(
    JSON.stringify({
      bodies,
      headers: whole - bodies,
      text: { characters: text.length, update: based.update, base: based.base, less: bodies / based.base },
      disk: { bodies: bodied.disk, base: based.disk, less: bodied.disk / based.disk },
      memory: { bodies: bodied.heap, base: based.heap },
      start: { bodies: bodied.start, base: based.start },
    }),
  );
  expect(bodies / based.base).toBeGreaterThan(10);
});
