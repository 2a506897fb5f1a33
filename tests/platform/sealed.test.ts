/** What a locked profile hides, and that turning the lock on or off loses nothing, wherever it is cut short. */
import { describe, expect, test } from 'vitest';
import { fromUtf8, toHex, utf8 } from '../../src/base/bytes';
import { seededRandom } from '../../src/base/random';
import { faultyStorage } from '../../src/platform/memory/faulty';
import { seededEntropy } from '../../src/platform/memory/random';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { openProfile, sealProfile } from '../../src/platform/resealing';
import { openSealedStorage, openSealedVault, SealedDamaged } from '../../src/platform/sealed';
import { createSealer } from '../../src/platform/sealer';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import { type Storage, TABLES, type Vault, type Write } from '../../src/ports';

const crypto = webCrypto();
const random = webRandom();
const newSealer = (key = random.bytes(32)) => createSealer(crypto, random, key);
const nothing = (): void => undefined;

/** All that lies in a storage or a vault, keys included, as one text of bytes. */
const rawOf = async (storage: Storage, vault?: Vault): Promise<string> => {
  const parts: string[] = [];
  for (const table of TABLES)
    for (const { key, value } of await storage.list(table, ''))
      parts.push(`${key}=${Buffer.from(value).toString('latin1')}`);
  for (const name of (await vault?.list('')) ?? [])
    parts.push(`${name}=${Buffer.from((await vault?.get(name)) ?? []).toString('latin1')}`);
  return parts.join('\n');
};
const CANARIES = ['canary-key', 'canary-value', 'canary-secret', 'canary-name'];
const ROWS: readonly Write[] = TABLES.flatMap((table) =>
  Array.from({ length: 40 }, (_, i) => ({
    table,
    key: `canary-key/${String(i).padStart(3, '0')}`,
    value: utf8(`canary-value ${table} ${i}`),
  })),
);
const contentOf = async (storage: Storage): Promise<string[]> => {
  const rows: string[] = [];
  for (const table of TABLES)
    for (const { key, value } of await storage.list(table, '')) rows.push(`${table} ${key} ${fromUtf8(value)}`);
  return rows;
};
const filled = async () => {
  const storage = memoryStorage();
  const vault = memoryVault();
  await storage.write(ROWS, 'strict');
  for (let i = 0; i < 20; i++) await vault.put(`canary-name/${i}`, utf8(`canary-secret ${i}`));
  return { storage, vault };
};

/** The random bytes of the only row. */
const drawn = async (storage: Storage): Promise<string> => {
  const [row] = await storage.list('local', '~lock/r/');
  if (!row) throw new Error('There is no row');
  return toHex(row.value.subarray(1, 29));
};

describe('what lies in a locked profile', () => {
  test('[LK3] no key, value, name or secret can be read from its rows; without the lock all can', async () => {
    const { storage, vault } = await filled();
    const before = await rawOf(storage, vault);
    expect(CANARIES.filter((canary) => !before.includes(canary))).toEqual([]);
    const content = await contentOf(storage);
    const sealer = newSealer();
    expect(await sealProfile({ storage, vault }, sealer, nothing)).toMatchObject({ ok: true });
    const sealed = await openSealedStorage(storage, sealer);
    await sealed.write([{ table: 'local', key: 'canary-key/late', value: utf8('canary-value late') }], 'strict');
    await (await openSealedVault(vault, sealer)).put('canary-name/late', utf8('canary-secret late'));
    const after = await rawOf(storage, vault);
    expect(CANARIES.filter((canary) => after.includes(canary))).toEqual([]);
    await sealed.write([{ table: 'local', key: 'canary-key/late' }], 'strict');
    expect(await contentOf(await openSealedStorage(storage, sealer))).toEqual(content);
  });

  test('[LK1] a row that is written again never meets a nonce again, not even from a copy of the profile', async () => {
    const key = random.bytes(32);
    const storage = memoryStorage();
    const seen = new Set<string>();
    for (let copy = 0; copy < 20; copy++) {
      const sealed = await openSealedStorage(storage, newSealer(key));
      for (let i = 0; i < 25; i++) {
        await sealed.write([{ table: 'local', key: 'same', value: utf8('same') }], 'relaxed');
        seen.add(await drawn(storage));
      }
    }
    expect(seen.size).toBe(500);
    // With bytes that repeat from copy to copy they meet: the test sees what it looks for.
    const repeated = new Set<string>();
    for (let copy = 0; copy < 2; copy++) {
      const sealed = await openSealedStorage(storage, createSealer(crypto, seededEntropy(1), key));
      await sealed.write([{ table: 'local', key: 'same', value: utf8(`${copy}`) }], 'relaxed');
      repeated.add(await drawn(storage));
    }
    expect(repeated.size).toBe(1);
  });

  test('[LK2] a value that was moved to another row, cut or changed is empty, and a name that does not open stops the opening', async () => {
    const sealer = newSealer();
    const storage = memoryStorage();
    const sealed = await openSealedStorage(storage, sealer);
    await sealed.write(
      ['a', 'b', 'c', 'd'].map((key) => ({ table: 'journal' as const, key, value: utf8(key) })),
      'strict',
    );
    const rows = await storage.list('journal', '~lock/r/');
    const keyOfRow = new Map<string, string>();
    for (const key of ['a', 'b', 'c', 'd']) keyOfRow.set(`~lock/r/${sealer.tagOf(`row/journal/${key}`)}`, key);
    const rowOf = (key: string) => rows.find((row) => keyOfRow.get(row.key) === key) as (typeof rows)[number];
    const flipped = rowOf('b').value;
    flipped[flipped.length - 1] = (flipped[flipped.length - 1] as number) ^ 1;
    await storage.write(
      [
        { table: 'journal', key: rowOf('a').key, value: rowOf('d').value },
        { table: 'journal', key: rowOf('b').key, value: flipped },
        { table: 'journal', key: rowOf('c').key, value: rowOf('c').value.slice(0, 20) },
      ],
      'strict',
    );
    const found = await (await openSealedStorage(storage, sealer)).list('journal', '');
    expect(found.map(({ key, value }) => `${key}=${fromUtf8(value)}`)).toEqual(['a=', 'b=', 'c=', 'd=d']);
    const [name] = await storage.list('journal', '~lock/n/');
    await storage.write([{ table: 'journal', key: name?.key as string, value: Uint8Array.of(1, 2) }], 'strict');
    await expect(openSealedStorage(storage, sealer)).rejects.toBeInstanceOf(SealedDamaged);
    await expect(openSealedStorage(storage, newSealer())).rejects.toBeInstanceOf(SealedDamaged);
  });

  test('[LK3] a row that is deleted and written again while the first write is under way keeps its name', async () => {
    const sealer = newSealer();
    const disk = faultyStorage(seededRandom(3));
    const sealed = await openSealedStorage(disk.open(), sealer);
    await sealed.write([{ table: 'local', key: 'k', value: utf8('1') }], 'strict');
    disk.failNext('full');
    const results = await Promise.all([
      sealed.write([{ table: 'local', key: 'new', value: utf8('refused') }], 'strict'),
      sealed.write([{ table: 'local', key: 'new', value: utf8('kept') }], 'strict'),
      sealed.write([{ table: 'local', key: 'k' }], 'strict'),
      sealed.write([{ table: 'local', key: 'k', value: utf8('2') }], 'strict'),
    ]);
    expect(results.map(({ ok }) => ok)).toEqual([false, true, true, true]);
    const expected = [
      ['k', '2'],
      ['new', 'kept'],
    ];
    for (const storage of [sealed, await openSealedStorage(disk.open(), sealer)])
      expect((await storage.list('local', '')).map(({ key, value }) => [key, fromUtf8(value)])).toEqual(expected);
  });
});

describe('turning the lock on and off', () => {
  test('[LK4] cut short at any write, by a crash that loses what was not synced, nothing is lost and the next start ends it', async () => {
    let cuts = 0;
    for (const direction of ['on', 'off'] as const) {
      for (let cut = 0; cut < 16; cut++) {
        // The one kind of crash on the way there, the other on the way back.
        const kind = (cut % 2 === 0) === (direction === 'on') ? 'unsynced' : 'torn';
        const disk = faultyStorage(seededRandom(cut + 1));
        const sealer = newSealer();
        const vault = memoryVault();
        const storage = disk.open();
        await storage.write(ROWS, 'strict');
        for (let i = 0; i < 6; i++) await vault.put(`canary-name/${i}`, utf8(`canary-secret ${i}`));
        const content = await contentOf(storage);
        if (direction === 'off') {
          await sealProfile({ storage, vault }, sealer, nothing);
          await storage.write([], 'strict');
        }
        const go = direction === 'on' ? sealProfile : openProfile;
        disk.hold();
        void go({ storage, vault }, sealer, nothing).catch(nothing);
        for (let step = 0; step < cut; step++) {
          for (let turns = 0; disk.inFlight === 0 && turns < 200; turns++) await new Promise(setImmediate);
          disk.step();
        }
        disk.crash(kind);
        disk.release();
        cuts++;
        // What is there now: each row in exactly one form.
        const left = disk.open();
        const plain = (await contentOf(left).catch(() => [])).filter((row) => !row.includes('~lock/'));
        const hidden = await contentOf(await openSealedStorage(left, sealer));
        expect(plain.filter((row) => hidden.includes(row))).toEqual([]);
        const after = disk.open();
        expect(await go({ storage: after, vault }, sealer, nothing)).toMatchObject({ ok: true });
        const whole = direction === 'on' ? await openSealedStorage(after, sealer) : after;
        expect(await contentOf(whole)).toEqual(content);
        const secrets = direction === 'on' ? await openSealedVault(vault, sealer) : vault;
        expect(await secrets.list('')).toHaveLength(6);
        expect(fromUtf8((await secrets.get('canary-name/5')) as Uint8Array)).toBe('canary-secret 5');
        if (direction === 'on') expect(await rawOf(after, vault)).not.toContain('canary');
        else expect(await rawOf(after, vault)).not.toContain('~lock/');
      }
    }
    expect(cuts).toBe(32);
  });

  test('[LK4] a vault that is cut short between a put and a remove ends with each secret once', async () => {
    const { storage, vault } = await filled();
    const sealer = newSealer();
    for (let cut = 1; cut < 12; cut += 2) {
      let left = cut;
      const dying: Vault = {
        ...vault,
        put: async (name, secret) => (left-- > 0 ? vault.put(name, secret) : Promise.reject(new Error('killed'))),
        remove: async (name) => (left-- > 0 ? vault.remove(name) : Promise.reject(new Error('killed'))),
      };
      await expect(sealProfile({ storage, vault: dying }, sealer, nothing)).rejects.toThrow('killed');
    }
    expect(await sealProfile({ storage, vault }, sealer, nothing)).toMatchObject({ ok: true });
    const sealed = await openSealedVault(vault, sealer);
    expect(await sealed.list('')).toHaveLength(20);
    expect(await vault.list('canary')).toEqual([]);
    await openProfile({ storage, vault }, sealer, nothing);
    expect(await vault.list('canary')).toHaveLength(20);
    expect(await vault.list('~lock')).toEqual([]);
  });

  test('[LK4] a full disk stops it where it is, and it goes on when there is room', async () => {
    const disk = faultyStorage(seededRandom(9));
    const storage = disk.open();
    const vault = memoryVault();
    await storage.write(ROWS, 'strict');
    const content = await contentOf(storage);
    const sealer = newSealer();
    let batches = 0;
    const filling: Storage = {
      ...storage,
      write: (writes, durability) => {
        if (++batches === 4) disk.failNext('full');
        return storage.write(writes, durability);
      },
    };
    expect(await sealProfile({ storage: filling, vault }, sealer, nothing)).toMatchObject({ error: { type: 'full' } });
    expect(await sealProfile({ storage, vault }, sealer, nothing)).toMatchObject({ ok: true });
    expect(await contentOf(await openSealedStorage(storage, sealer))).toEqual(content);
  });
});
