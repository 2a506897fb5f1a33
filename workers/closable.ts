/** Storage and vault of one kernel, so that nothing of it writes any more once it is to be stopped. */
import type { Storage, Vault } from '../src/ports';

/** Writes pass until it is closed; then they fail, and `closed` resolves when the last one is on the disk. */
export const closable = (storage: Storage, vault: Vault) => {
  let isClosed = false;
  const underWay = new Set<Promise<unknown>>();
  const tracked = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    const forget = (): void => void underWay.delete(work);
    work.then(forget, forget);
    return work;
  };
  const fault = { type: 'failed', message: 'the profile is being locked' } as const;
  const refuse = async (): Promise<never> => {
    throw new Error(fault.message);
  };
  return {
    storage: {
      ...storage,
      write: async (writes, durability) =>
        isClosed ? { ok: false, error: fault } : tracked(storage.write(writes, durability)),
    } satisfies Storage as Storage,
    vault: {
      ...vault,
      put: (name, secret) => (isClosed ? refuse() : tracked(vault.put(name, secret))),
      remove: (name) => (isClosed ? refuse() : tracked(vault.remove(name))),
    } satisfies Vault as Vault,
    close: async (): Promise<void> => {
      isClosed = true;
      await Promise.allSettled([...underWay]);
    },
  };
};
