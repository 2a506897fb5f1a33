/**
 * A kernel that can be asked before it has read its journals: what is seen comes out of images (IM5). It decides who may hear
 * of that; it knows no query by name.
 *
 * IM6 while a journal is still read, only live answers that ask of graphs and rights alone are given, and they are put right when it
 *     is here. Everything else waits: no command is carried out, refused or lost for what an image says, and nothing is told
 *     of single entries, of what is held by whom, or of the network.
 */
import type { HostedKernel, Refusal } from '../../bridge/messages';

/** `whole`: settles when all is here; rejects with the refusal of what cannot be read. */
export const untilWhole = (
  kernel: HostedKernel,
  whole: Promise<void>,
  isEarly: (query: string) => boolean,
): HostedKernel => {
  let isWhole = false;
  void whole.then(
    () => {
      isWhole = true;
    },
    () => undefined,
  );
  const waiting = Object.fromEntries(
    Object.entries(kernel).map(([name, call]) => [
      name,
      async (...args: readonly unknown[]) => {
        if (!isWhole) await whole;
        return (call as (...given: readonly unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as HostedKernel;
  return {
    ...waiting,
    ready: () => kernel.ready(),
    commands: () => kernel.commands(),
    queries: () => kernel.queries(),
    watch: (name, args, emit, failed) => {
      if (isWhole || isEarly(name)) return kernel.watch(name, args, emit, failed);
      let stop: (() => void) | undefined;
      let stopped = false;
      void whole.then(
        () => {
          if (!stopped) stop = kernel.watch(name, args, emit, failed);
        },
        (why: Refusal) => {
          if (!stopped) failed?.(why);
        },
      );
      return () => {
        stopped = true;
        stop?.();
      };
    },
    stop: async () => {
      await whole.catch(() => undefined);
      await kernel.stop();
    },
  };
};
