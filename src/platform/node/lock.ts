/**
 * One process on one data directory: a file `lock` with the holder's process id and start time. The lock of a process
 * that is gone is taken over. It is put in place by a hard link, so nobody ever sees it half written.
 */
import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Another process works on this data. */
export class DataInUse extends Error {
  constructor(
    readonly directory: string,
    readonly pid: number,
  ) {
    super(`The data in ${directory} is in use by process ${pid}. Stop that process, or choose another directory.`);
    this.name = 'DataInUse';
  }
}
/** The directory cannot be written. */
export class DataUnwritable extends Error {
  constructor(
    readonly directory: string,
    cause: unknown,
  ) {
    super(`The data directory ${directory} cannot be written: ${reasonOf(cause)}.`, { cause });
    this.name = 'DataUnwritable';
  }
}

/** Directories held by this process: its own id on a lock proves nothing, since ids are used again (in a container it is always the same). */
const held = new Set<string>();

/** Makes the directory where it is missing, locks it, gives the function that unlocks it. Throws `DataInUse` or `DataUnwritable`. */
export const lockDirectory = async (directory: string): Promise<() => Promise<void>> => {
  const path = resolve(directory);
  const lock = join(path, 'lock');
  const mine = join(path, `lock.${process.pid}`);
  if (held.has(path)) throw new DataInUse(directory, process.pid);
  held.add(path);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await writeFile(mine, `${process.pid} ${startOf(process.pid) ?? ''}\n`, { mode: 0o600 });
    if (!(await linked(mine, lock))) {
      await removeStale(directory, lock, `${mine}.stale`);
      if (!(await linked(mine, lock))) throw new DataInUse(directory, (await holderOf(lock))?.pid ?? 0);
    }
    await unlink(mine);
  } catch (fault) {
    held.delete(path);
    await unlink(mine).catch(() => {});
    throw fault instanceof DataInUse ? fault : new DataUnwritable(directory, fault);
  }
  return async () => {
    if (!held.delete(path)) return;
    await unlink(lock).catch(ignoreMissing);
  };
};

/** Takes the lock away by a rename and looks again at what was taken: a live one, just made by somebody else, goes back. */
const removeStale = async (directory: string, lock: string, aside: string): Promise<void> => {
  const holder = await holderOf(lock);
  if (holder && isAlive(holder)) throw new DataInUse(directory, holder.pid);
  await rename(lock, aside).catch(ignoreMissing);
  const taken = await holderOf(aside);
  if (taken && isAlive(taken)) {
    await linked(aside, lock);
    await unlink(aside);
    throw new DataInUse(directory, taken.pid);
  }
  await unlink(aside).catch(ignoreMissing);
};

type Holder = { readonly pid: number; readonly start: string | undefined };

const holderOf = async (path: string): Promise<Holder | undefined> => {
  try {
    const [pid, start] = (await readFile(path, 'utf8')).trim().split(' ');
    return /^[1-9]\d{0,9}$/.test(pid ?? '') ? { pid: Number(pid), start: start || undefined } : undefined;
  } catch (fault) {
    ignoreMissing(fault);
    return undefined;
  }
};

const isAlive = ({ pid, start }: Holder): boolean => {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (fault) {
    if (codeOf(fault) === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return start === undefined || now === undefined || start === now;
};

/** When a process began, in ticks since the machine did; unknown where there is no /proc. */
const startOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
};

const linked = async (from: string, to: string): Promise<boolean> => {
  try {
    await link(from, to);
    return true;
  } catch (fault) {
    if (codeOf(fault) === 'EEXIST') return false;
    throw fault;
  }
};

const ignoreMissing = (fault: unknown): void => {
  if (codeOf(fault) !== 'ENOENT') throw fault;
};
const codeOf = (fault: unknown): string | undefined => (fault as NodeJS.ErrnoException | undefined)?.code;
const reasonOf = (fault: unknown): string => {
  const code = codeOf(fault);
  if (code === 'EACCES' || code === 'EPERM') return 'this user has no permission to write there';
  if (code === 'EROFS') return 'the file system is read-only';
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'a file stands where the directory should be';
  if (code === 'ENOSPC') return 'the disk is full';
  return fault instanceof Error ? fault.message : String(fault);
};
