/**
 * Images in memory, that can fail: any step of a save or a removal may be the last one before a crash. What tests and
 * simulations run on.
 */
import { err, ok, type Result } from '../../base/result';
import type { Images, StorageError } from '../../ports';

export type MemoryImages = Images & {
  /** What lies there, as a thief would find it. */
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  /** The next call of this kind fails, before or after it did what it does. */
  failNext(call: 'save' | 'remove', when: 'before' | 'after'): void;
};

export const memoryImages = (): MemoryImages => {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const failures = new Map<'save' | 'remove', 'before' | 'after'>();
  const failed = err<StorageError>({ type: 'failed', message: 'injected' });
  const doing = async (call: 'save' | 'remove', work: () => void): Promise<Result<void, StorageError>> => {
    const when = failures.get(call);
    failures.delete(call);
    if (when !== 'before') work();
    return when ? failed : ok(undefined);
  };
  return {
    files,
    failNext: (call, when) => void failures.set(call, when),
    load: async (name) => {
      const bytes = files.get(name);
      return bytes && new Uint8Array(bytes);
    },
    save: (name, bytes) => {
      const copy = new Uint8Array(bytes);
      return doing('save', () => void files.set(name, copy));
    },
    remove: (name) => doing('remove', () => void files.delete(name)),
    list: async () => [...files.keys()].sort(),
  };
};
