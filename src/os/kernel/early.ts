/**
 * A kernel that can be asked before it has read its journals: what is seen comes out of images (IM5). It decides who may hear
 * of that; it knows no query by name.
 *
 * IM6 while a journal is still read, only live answers that ask of graphs and rights alone are given, and they are put right when it
 *     is here. Everything else waits: no command is carried out, refused or lost for what an image says, and nothing is told
 *     of single entries, of what is held by whom, or of the network.
 * IM8 a command, or a deed of the system, that names what lies in some spaces waits for the journals of these and of the person's own
 *     space, which are read first; one that names nothing, or what no space here holds, waits for all, and so does a deed that
 *     looks at other spaces too.
 */
import { isHex } from '../../base/bytes';
import type { HostedKernel, Refusal } from '../../bridge/messages';
import type { NodeId, SpaceId } from '../../vm/op/ids';
import type { View } from '../schema/define';

/** Arguments that name somebody or something, and no place. */
const NO_PLACE = new Set(['userId', 'deviceId', 'blob', 'requestId', 'inviteId']);

/** Pure: the spaces that the arguments of a command name; `undefined` where they name none, or something that is in none. */
export const spacesNamed = (
  args: unknown,
  view: Pick<View, 'spaces' | 'spaceOf'>,
): ReadonlySet<SpaceId> | undefined => {
  const named = new Set<SpaceId>();
  const given = typeof args === 'object' && args !== null ? Object.entries(args) : [];
  for (const [key, text] of given) {
    if (NO_PLACE.has(key)) continue;
    const isSpace = isHex(text, 32);
    if (!isSpace && !isHex(text, 16)) continue;
    const space = isSpace ? view.spaces.find((id) => id === text) : view.spaceOf(text as NodeId);
    if (space === undefined) return undefined;
    named.add(space);
  }
  return named.size > 0 ? named : undefined;
};

/** `whole`: settles when all is here; rejects with the refusal of what cannot be read. */
export const untilWhole = (
  kernel: HostedKernel,
  whole: Promise<void>,
  isEarly: (query: string) => boolean,
  /** IM8: settles when all that a command needs is here; `undefined` where that is everything. */
  needed: (command: string, args: unknown) => Promise<unknown> | undefined,
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
    run: async (name, args, session) => {
      if (!isWhole) await (needed(name, args) ?? whole);
      return kernel.run(name, args, session);
    },
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
