/** The adapters of Node: LMDB, the lock of a data directory, secrets in files. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFileImages } from '../../src/platform/node/images';
import { DataInUse, DataUnwritable, openLmdbStorage } from '../../src/platform/node/lmdb';
import { openFileVault } from '../../src/platform/node/vault';
import type { Storage } from '../../src/ports';
import { imagesContract } from './images.suite';
import { storageContract } from './storage.suite';
import { vaultContract } from './vault.suite';

const made: string[] = [];
const freshDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'lgos-'));
  made.push(directory);
  return directory;
};
afterAll(async () => {
  for (const directory of made) await rm(directory, { recursive: true, force: true });
});

let directory = '';
storageContract('LMDB', {
  open: async () => {
    directory = await freshDirectory();
    return openLmdbStorage(directory);
  },
  reopen: async (storage: Storage) => {
    await storage.close();
    return openLmdbStorage(directory);
  },
});
imagesContract('files', async () => {
  const folder = await freshDirectory();
  return () => openFileImages(folder);
});
vaultContract('files', {
  fresh: async () => {
    const folder = await freshDirectory();
    return () => openFileVault(folder);
  },
  outlivesHandle: true,
});

/** A process that stays until it is killed. */
const startProcess = async () => {
  const child = spawn(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1e6)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  return {
    pid: child.pid as number,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
};
const startTimeOf = async (pid: number) => {
  if (!existsSync(`/proc/${pid}/stat`)) return '';
  const text = await readFile(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
};

describe('data directory lock', () => {
  it('refuses a second opening with a sentence that names the process', async () => {
    const folder = await freshDirectory();
    const storage = await openLmdbStorage(folder);
    const second = openLmdbStorage(folder);
    await expect(second).rejects.toBeInstanceOf(DataInUse);
    await expect(second).rejects.toThrow(`in use by process ${process.pid}`);
    await storage.close();
    await (await openLmdbStorage(folder)).close();
    expect(await readdir(folder)).not.toContain('lock');
  });

  it('refuses while another process lives, and takes over when it is dead', async () => {
    const folder = await freshDirectory();
    const other = await startProcess();
    await writeFile(join(folder, 'lock'), `${other.pid} ${await startTimeOf(other.pid)}\n`);
    await expect(openLmdbStorage(folder)).rejects.toMatchObject({ name: 'DataInUse', pid: other.pid });
    await other.kill();
    const storage = await openLmdbStorage(folder);
    expect(await readFile(join(folder, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    await storage.close();
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'takes over when the process id belongs to somebody else by now',
    async () => {
      const folder = await freshDirectory();
      const other = await startProcess();
      await writeFile(join(folder, 'lock'), `${other.pid} 1\n`);
      await (await openLmdbStorage(folder)).close();
      await other.kill();
    },
  );

  it('takes over a lock with the own process id, or none, from an earlier life', async () => {
    const folder = await freshDirectory();
    for (const content of [`${process.pid} 1\n`, `${process.pid}\n`, '', 'nonsense']) {
      await writeFile(join(folder, 'lock'), content);
      await (await openLmdbStorage(folder)).close();
    }
  });

  it('gives one of many openings at once the directory', async () => {
    const folder = await freshDirectory();
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => openLmdbStorage(folder)));
    const opened = results.filter((result) => result.status === 'fulfilled');
    expect(opened).toHaveLength(1);
    for (const { value } of opened) await value.close();
  });

  it('says plainly that a directory cannot be written', async () => {
    const file = join(await freshDirectory(), 'file');
    await writeFile(file, '');
    const opening = openLmdbStorage(join(file, 'data'));
    await expect(opening).rejects.toBeInstanceOf(DataUnwritable);
    await expect(opening).rejects.toThrow(/cannot be written: a file stands where the directory should be/);
    await expect(openFileVault(file)).rejects.toBeInstanceOf(DataUnwritable);
  });
});

describe('file vault', () => {
  it('keeps secrets in files of mode 0600 in a folder of mode 0700', async () => {
    const folder = await freshDirectory();
    await (await openFileVault(folder)).put('epoch/1', Uint8Array.of(1));
    expect((await stat(join(folder, 'identity'))).mode & 0o777).toBe(0o700);
    const files = await readdir(join(folder, 'identity'));
    expect(files).toEqual(['epoch%2F1']);
    expect((await stat(join(folder, 'identity', 'epoch%2F1'))).mode & 0o777).toBe(0o600);
  });

  it('forgets what a crash left half written', async () => {
    const folder = await freshDirectory();
    await (await openFileVault(folder)).put('a', Uint8Array.of(1));
    await writeFile(join(folder, 'identity', '.1-0'), 'half');
    const vault = await openFileVault(folder);
    expect(await vault.list('')).toEqual(['a']);
    expect(await readdir(join(folder, 'identity'))).toEqual(['a']);
  });
});

describe('images in files', () => {
  it('[IM1] one that was not written to its end leaves the former one, and goes', async () => {
    const directory = await freshDirectory();
    const images = await openFileImages(directory);
    await images.save('a', Uint8Array.of(1));
    const folder = join(directory, 'images');
    // Where a crash cut the writing of the next.
    await writeFile(join(folder, 'a.new'), Uint8Array.of(2));
    const again = await openFileImages(directory);
    expect(await again.load('a')).toEqual(Uint8Array.of(1));
    expect(await readdir(folder)).toEqual(['a']);
    expect((await stat(join(folder, 'a'))).mode & 0o077).toBe(0);
  });

  it('says that it could not save, and keeps the former one', async () => {
    const directory = await freshDirectory();
    const images = await openFileImages(directory);
    await images.save('a', Uint8Array.of(1));
    await mkdir(join(directory, 'images', 'a.new'));
    expect(await images.save('a', Uint8Array.of(2))).toMatchObject({ ok: false, error: { type: 'failed' } });
    expect(await images.load('a')).toEqual(Uint8Array.of(1));
  });
});
