/**
 * `window.lgos`: what people script LGOS with (docs/users/console.md). Exactly the calls of the kernel and `watch`, frozen:
 * nothing in it bypasses rights, and nothing can be put in its place.
 */
import { CALL_NAMES } from './calls';
import type { KernelApi, KernelCalls, Lgos } from './messages';

/** Takes a page's client or, in Node, the kernel itself. */
export const createLgos = (kernel: KernelApi): Lgos => {
  const calls = Object.fromEntries(
    CALL_NAMES.map((name) => [
      name,
      (...args: unknown[]) => (kernel[name] as (...values: unknown[]) => unknown)(...args),
    ]),
  ) as unknown as KernelCalls;
  return Object.freeze({
    ...calls,
    watch: (name: string, args: unknown, callback: (answer: unknown) => void) =>
      kernel.watch(name, args, (answer) => callback(answer)),
  });
};
