import { vi } from 'vitest';

/** A limit for what hangs, not a measure of speed: a busy machine may take many times as long as an idle one. */
const HANGS_MS = 60_000;

/** What `what` gives, once it neither throws nor is false. */
export const eventually = <T>(what: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(
    async () => {
      const value = await what();
      if (value === false) throw new Error(`Never: ${what}`);
      return value;
    },
    { timeout: HANGS_MS },
  );
