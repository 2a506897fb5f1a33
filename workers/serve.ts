/** What a tab's worker does, whatever kernel it runs: joins the tabs of its profile, boots when it leads, serves its page. */
import type { Seen } from '../src/bridge/calls';
import type { HostedKernel } from '../src/bridge/messages';
import { serveKernel } from '../src/bridge/server';
import { joinTabs, type Membership, type PortLike } from '../src/platform/browser/leader';
import type { FromTabWorker, Links, ToTabWorker, Welcome } from '../src/platform/browser/tab';
import { systemClock } from '../src/platform/clock';

export type BootOptions = {
  readonly profile: string;
  readonly links: Links;
  /** Where the page came from: `https://host`. */
  readonly origin: string;
  readonly welcome?: Welcome;
  /** Makes a control port of the page's RTC, in place of an earlier one, where the page has any. */
  readonly rtc?: () => MessagePort;
};
export type BootedKernel = { readonly kernel: HostedKernel; readonly seen?: Seen };
/** `replace` serves every page from another kernel, as if another tab had taken over. Whoever calls it stops the one before. */
export type Boot = (options: BootOptions, replace: (next: BootedKernel) => void) => Promise<BootedKernel>;

export type TabScope = {
  postMessage(message: FromTabWorker, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ToTabWorker>) => void): void;
};

export const serveTab = (scope: TabScope, boot: Boot): void => {
  let membership: Membership | undefined;
  let hidden = (): void => undefined;
  const tell = (message: FromTabWorker, transfer: Transferable[] = []): void => scope.postMessage(message, transfer);

  const start = ({
    profile,
    tab,
    links,
    origin,
    rtc,
    welcome,
    port,
  }: Extract<ToTabWorker, { type: 'start' }>): void => {
    const bootHere = async () => {
      let control: MessagePort | undefined;
      const openRtc = (): MessagePort => {
        control?.close();
        const channel = new MessageChannel();
        control = channel.port1;
        tell({ type: 'openRtc', port: channel.port2 }, [channel.port2]);
        return control;
      };
      const served = new Map<PortLike, () => void>();
      const serverOf = ({ kernel, seen }: BootedKernel) => serveKernel(kernel, seen ? { seen } : {});
      const replace = (next: BootedKernel): void => {
        booted = next;
        server = serverOf(next);
        for (const [page, stop] of served) {
          stop();
          served.set(page, server.serve(page));
        }
      };
      let booted = await boot(
        {
          profile,
          links,
          origin,
          ...(welcome ? { welcome } : {}),
          ...(rtc && links === 'any' ? { rtc: openRtc } : {}),
        },
        replace,
      );
      let server = serverOf(booted);
      // Where it cannot be put away, the next start reads the journal.
      hidden = () => void booted.kernel.putAway().catch(() => undefined);
      return {
        serve: (page: PortLike) => {
          served.set(page, server.serve(page));
          return () => {
            served.get(page)?.();
            served.delete(page);
          };
        },
        stop: async () => {
          hidden = () => undefined;
          await booted.kernel.stop();
          control?.close();
        },
      };
    };
    membership = joinTabs({
      profile,
      tab,
      page: port,
      locks: { request: (name, options, run) => navigator.locks.request(name, options, run) },
      openChannel: (name) => new BroadcastChannel(name),
      after: systemClock().after,
      boot: bootHere,
      told: (event) => tell(event),
    });
  };

  scope.addEventListener('message', ({ data: message }) => {
    if (message.type === 'start' && !membership) start(message);
    if (message.type === 'announce') membership?.announce();
    if (message.type === 'hidden') hidden();
    if (message.type === 'leave') membership?.leave().then(() => tell({ type: 'left' }));
  });
};
