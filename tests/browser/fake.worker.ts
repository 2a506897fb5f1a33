/** A tab's worker with a kernel in a box: what it says tells which tab's kernel spoke. */
import { CALL_NAMES } from '../../src/bridge/calls';
import type { HostedKernel } from '../../src/bridge/messages';
import { serveTab, type TabScope } from '../../workers/serve';

const boots = new BroadcastChannel('test/boots');

serveTab(globalThis as unknown as TabScope, async ({ profile, rtc }) => {
  const leader = crypto.randomUUID();
  boots.postMessage({ profile, leader, rtc: rtc !== undefined });
  const answers: Record<string, (...args: never[]) => unknown> = {
    me: () => ({ userId: profile, deviceId: leader, name: '' }),
    // The first leader takes it and never answers; a later one does.
    run: (_name: string, args: { unless?: string }) =>
      args.unless === leader ? new Promise(() => undefined) : { leader },
  };
  const calls = Object.fromEntries(
    CALL_NAMES.map((name) => [name, async (...args: never[]) => answers[name]?.(...args)]),
  );
  const kernel = {
    ...calls,
    watch: (_name: string, _args: unknown, emit: (answer: unknown) => void) => {
      emit({ leader });
      return () => undefined;
    },
    openDocument: async () => Promise.reject(new Error('no documents')),
    putAway: async () => undefined,
    stop: async () => undefined,
  };
  return { kernel: kernel as unknown as HostedKernel };
});
