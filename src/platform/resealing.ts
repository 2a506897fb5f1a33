/**
 * Turning a lock on and off: every row and every secret goes over, none is ever in neither form.
 *
 * [LK4] A row goes over in one batch, which puts it in one form and takes it out of the other; a secret is put before it is removed. So
 *       both may be stopped anywhere and begun again: what has gone over stays, the rest follows.
 * It must not know how the lock is opened, nor run beside anybody who writes.
 */
import { ok, type Result } from '../base/result';
import { type Storage, type StorageError, TABLES, type Vault, type Write } from '../ports';
import { readSealed, removeRow, removeSecret, SEALED, sealedKeys, sealedSecrets, sealRow, sealSecret } from './sealed';
import type { Sealer } from './sealer';

/** Rows of one batch. A row may have a megabyte. */
const PAGE = 16;
/** Hears how many rows and secrets went over so far. */
export type Told = (done: number) => void;
type Done = Promise<Result<void, StorageError>>;
type Profile = { readonly storage: Storage; readonly vault: Vault };

export const sealProfile = async ({ storage, vault }: Profile, sealer: Sealer, told: Told): Done => {
  let done = 0;
  for (const table of TABLES) {
    for (let after: string | undefined; ; ) {
      const page = await storage.list(table, '', after, PAGE);
      const rows = page.filter(({ key }) => !key.startsWith(SEALED));
      const writes: Write[] = [];
      for (const { key, value } of rows)
        writes.push(...(await sealRow(sealer, table, key, value, false)), { table, key });
      if (writes.length > 0) {
        const written = await storage.write(writes, 'relaxed');
        if (!written.ok) return written;
      }
      done += rows.length;
      told(done);
      after = page.at(-1)?.key;
      if (page.length < PAGE) break;
    }
  }
  for (const name of await vault.list('')) {
    const secret = name.startsWith(SEALED) ? undefined : await vault.get(name);
    if (!secret) continue;
    await sealSecret(vault, sealer, name, secret);
    await vault.remove(name);
    told(++done);
  }
  return ok(undefined);
};

export const openProfile = async ({ storage, vault }: Profile, sealer: Sealer, told: Told): Done => {
  let done = 0;
  for (const table of TABLES) {
    const keys = await sealedKeys(storage, sealer, table);
    for (let i = 0; i < keys.length; i += PAGE) {
      const page = keys.slice(i, i + PAGE);
      const writes: Write[] = [];
      for (const key of page) {
        const value = await readSealed(storage, sealer, table, key);
        if (value) writes.push({ table, key, value });
        writes.push(...removeRow(sealer, table, key));
      }
      const written = await storage.write(writes, 'relaxed');
      if (!written.ok) return written;
      done += page.length;
      told(done);
    }
  }
  for (const { name, secret } of await sealedSecrets(vault, sealer)) {
    await vault.put(name, secret);
    await removeSecret(vault, sealer, name);
    told(++done);
  }
  return ok(undefined);
};
