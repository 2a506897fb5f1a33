/**
 * A page's way to the kernel of its profile: starts this tab's worker, opens RTC for it while it leads, and says again that it
 * is here when the browser wakes it. The page does not notice which tab leads.
 */
import type { PortLike } from './leader';
import { type RtcOptions, serveRtc } from './rtc';

export type Links = 'any' | 'relay';
/** First words of a new profile, in the language of the page. */
export type Welcome = { readonly space: string; readonly title: string; readonly markdown: string };
/** From the page to its worker. */
export type ToTabWorker =
  | {
      readonly type: 'start';
      readonly profile: string;
      readonly tab: string;
      readonly links: Links;
      readonly origin: string;
      /** Whether this page can open RTC connections. */
      readonly rtc: boolean;
      readonly welcome?: Welcome;
      readonly port: MessagePort;
    }
  | { readonly type: 'announce' }
  /** Nobody sees this page any more. */
  | { readonly type: 'hidden' }
  | { readonly type: 'leave' };
/** From a worker to its page. */
export type FromTabWorker =
  /** Before the kernel boots: serve RTC on this port, in place of any earlier one. */
  | { readonly type: 'openRtc'; readonly port: MessagePort }
  | { readonly type: 'leading' }
  | { readonly type: 'following' }
  | { readonly type: 'left' }
  | { readonly type: 'failed'; readonly reason: string };

export type OpenTabOptions<Client> = RtcOptions & {
  readonly profile: string;
  readonly links: Links;
  /** Makes the client on the port to the kernel: `connectClient`. */
  connect(port: MessagePort & PortLike): Client;
  readonly welcome?: Welcome;
  /** The worker of this tab: `workers/kernel.worker`, or one with another kernel. */
  startWorker(): Worker;
  /** Hears who leads, for display and tests. */
  told?(role: 'leading' | 'following'): void;
};

/** What `openTab` rejects with; the same shape as every refusal. */
export type TabRefusal = {
  readonly type: 'noKernel';
  readonly message: string;
  readonly safe: string;
  readonly next: string;
};
const noKernel = (reason: string): TabRefusal => ({
  type: 'noKernel',
  message: `LGOS could not start: ${reason}`,
  safe: 'What is stored in this browser is untouched.',
  next: 'Reload the page; if it happens again, close the other tabs of this site first.',
});

const PROFILE = /^[\p{L}\p{N}_.-]{1,64}$/u;
const newTabId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Resolves when a kernel answers, here or in another tab; rejects with a `TabRefusal`. */
export const openTab = <Client>(options: OpenTabOptions<Client>): Promise<Client> =>
  new Promise((resolve, reject) => {
    if (!PROFILE.test(options.profile))
      return reject(noKernel('the name of the profile has characters that are not allowed.'));
    const worker = options.startWorker();
    const { port1, port2 } = new MessageChannel();
    const client = options.connect(port1);
    let stopRtc = (): void => undefined;
    const post = (message: ToTabWorker, transfer: Transferable[] = []): void => worker.postMessage(message, transfer);

    worker.addEventListener('message', ({ data: message }: MessageEvent<FromTabWorker>) => {
      switch (message.type) {
        case 'openRtc':
          stopRtc();
          stopRtc = serveRtc(message.port, options);
          return;
        case 'leading':
        case 'following':
          options.told?.(message.type);
          return resolve(client);
        case 'failed':
          return reject(noKernel(message.reason));
      }
    });
    worker.addEventListener('error', (event) => reject(noKernel(event.message || 'its program did not load.')));
    // The worker of a page in the back-forward cache slept with it: its leader may have changed.
    addEventListener('pageshow', (event) => {
      if ((event as PageTransitionEvent).persisted) post({ type: 'announce' });
    });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') post({ type: 'hidden' });
    });
    document.addEventListener('resume', () => post({ type: 'announce' }));

    post(
      {
        type: 'start',
        profile: options.profile,
        tab: newTabId(),
        links: options.links,
        origin: location.origin,
        rtc: typeof RTCPeerConnection !== 'undefined',
        ...(options.welcome ? { welcome: options.welcome } : {}),
        port: port2,
      },
      [port2],
    );
  });
