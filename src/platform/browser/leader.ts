/**
 * One kernel for all tabs of a profile. Each tab's worker joins here; whoever holds the lock `lgos/PROFILE` leads and runs the
 * kernel, the others pass messages between their page and the leader's worker over `lgos/PROFILE/TAB`.
 *
 * It must not know what the messages say, nor what a kernel is. Rules kept here:
 * [LE1] At most one tab serves at a time: only inside the lock. A leader whose lock was stolen stops serving.
 * [LE2] When the leader goes, the next one boots and every page is served again (a new `hello` on its port).
 * [LE3] A tab that died is forgotten: it held a lock of its own, which its leader waits for.
 * [LE4] A leader that answers nothing for eight beats (a frozen tab) loses the lock. Storage fences off what it still writes.
 */

export type PortLike = {
  postMessage(data: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  removeEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  start?(): void;
};
export type TabChannel = PortLike & { close(): void };
/** The part of `navigator.locks` used here. */
export type TabLocks = {
  request(
    name: string,
    options: { readonly signal?: AbortSignal; readonly steal?: boolean },
    run: () => Promise<unknown>,
  ): Promise<unknown>;
};
export type Booted = { serve(port: PortLike): () => void; stop(): Promise<void> };
export type TabEvent =
  | { readonly type: 'leading' }
  | { readonly type: 'following' }
  /** This tab could not boot. It still follows, should another one lead. */
  | { readonly type: 'failed'; readonly reason: string };
export type JoinOptions = {
  readonly profile: string;
  /** Unique to this tab and to this load of it. */
  readonly tab: string;
  readonly page: PortLike;
  readonly locks: TabLocks;
  openChannel(name: string): TabChannel;
  /** Runs once after `ms`; gives the function that cancels it. */
  after(ms: number, run: () => void): () => void;
  boot(): Promise<Booted>;
  told(event: TabEvent): void;
};
export type Membership = {
  /** Says again that this tab is here: after it had been frozen. */
  announce(): void;
  leave(): Promise<void>;
};

export const BEAT_MS = 2_000;
const MISSED_BEATS = 8;

type HallMessage =
  | { readonly type: 'here'; readonly tab: string }
  | { readonly type: 'booting' }
  | { readonly type: 'leading'; readonly leader: string };
type TabMessage =
  | { readonly type: 'welcome'; readonly leader: string }
  | { readonly type: 'down'; readonly leader: string; readonly data: unknown }
  | { readonly type: 'up'; readonly leader: string; readonly data: unknown }
  | { readonly type: 'ping'; readonly leader: string }
  | { readonly type: 'pong'; readonly leader: string };

const deferred = (): { readonly promise: Promise<void>; readonly resolve: () => void } => {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};

/** A leader's end of a follower's channel, as the port that the kernel is served on. */
const followerPort = (channel: TabChannel, leader: string): PortLike => {
  const wrappers = new Map<(event: { readonly data: unknown }) => void, (event: { readonly data: unknown }) => void>();
  return {
    postMessage: (data) => channel.postMessage({ type: 'down', leader, data } satisfies TabMessage),
    addEventListener: (type, listener) => {
      const wrapper = ({ data }: { readonly data: unknown }): void => {
        const message = data as TabMessage;
        if (message.type === 'up' && message.leader === leader) listener({ data: message.data });
      };
      wrappers.set(listener, wrapper);
      channel.addEventListener(type, wrapper);
    },
    removeEventListener: (type, listener) => {
      const wrapper = wrappers.get(listener);
      if (wrapper) channel.removeEventListener(type, wrapper);
      wrappers.delete(listener);
    },
  };
};

export const joinTabs = (options: JoinOptions): Membership => {
  const { profile, tab, page, locks, openChannel, after, told } = options;
  const lockName = `lgos/${profile}`;
  const tabName = (name: string): string => `lgos/${profile}/${name}`;
  const hall = openChannel(lockName);
  const own = openChannel(tabName(tab));
  const left = deferred();
  let gone = false;
  let terms = 0;
  let leaderId: string | undefined;
  let leading = false;
  let missed = 0;
  let failed = false;
  let stealNext = false;
  let withdraw = new AbortController();
  let competing: Promise<void> = Promise.resolve();
  let endTerm = (): void => undefined;

  const inHall = (message: HallMessage): void => hall.postMessage(message);

  // --- Leading

  /** Serves followers until stopped. */
  const openDoor = (leader: string, booted: Booted): (() => void) => {
    const followers = new Map<string, () => void>();
    const admit = (name: string): void => {
      followers.get(name)?.();
      const channel = openChannel(tabName(name));
      const watching = new AbortController();
      const pong = ({ data }: { readonly data: unknown }): void => {
        const message = data as TabMessage;
        if (message.type === 'ping' && message.leader === leader)
          channel.postMessage({ type: 'pong', leader } satisfies TabMessage);
      };
      channel.addEventListener('message', pong);
      channel.postMessage({ type: 'welcome', leader } satisfies TabMessage);
      const stop = booted.serve(followerPort(channel, leader));
      const dismiss = (): void => {
        if (followers.get(name) === dismiss) followers.delete(name);
        watching.abort();
        stop();
        channel.close();
      };
      followers.set(name, dismiss);
      // Granted when that tab has died; rejected when we dismiss it ourselves.
      locks.request(tabName(name), { signal: watching.signal }, async () => dismiss()).catch(() => undefined);
    };
    const receive = ({ data }: { readonly data: unknown }): void => {
      const message = data as HallMessage;
      if (message.type === 'here' && message.tab !== tab) admit(message.tab);
    };
    hall.addEventListener('message', receive);
    inHall({ type: 'leading', leader });
    return () => {
      hall.removeEventListener('message', receive);
      for (const dismiss of [...followers.values()]) dismiss();
    };
  };

  const lead = async (ended: Promise<void>): Promise<void> => {
    leading = true;
    leaderId = undefined;
    const leader = `${tab}.${++terms}`;
    const wait = ({ data }: { readonly data: unknown }): void => {
      if ((data as HallMessage).type === 'here') inHall({ type: 'booting' });
    };
    hall.addEventListener('message', wait);
    inHall({ type: 'booting' });
    let booted: Booted;
    try {
      booted = await options.boot();
    } catch (fault) {
      failed = true;
      told({ type: 'failed', reason: fault instanceof Error ? fault.message : String(fault) });
      return;
    } finally {
      hall.removeEventListener('message', wait);
    }
    const stopOwn = booted.serve(page);
    const closeDoor = openDoor(leader, booted);
    told({ type: 'leading' });
    await ended;
    closeDoor();
    stopOwn();
    await booted.stop();
  };

  /** Waits for the lock, leads, and gives it up when the term ends: stolen, or this tab leaves. */
  const compete = async (steal: boolean): Promise<void> => {
    const term = deferred();
    let led: Promise<void> | undefined;
    withdraw = new AbortController();
    endTerm = term.resolve;
    try {
      await locks.request(lockName, steal ? { steal } : { signal: withdraw.signal }, () => {
        led = lead(term.promise);
        return led;
      });
    } catch {
      // Withdrawn before it was granted, or stolen while we led: then the term has to end as well.
    }
    term.resolve();
    // A kernel that stops badly has stopped all the same.
    await led?.catch(() => undefined);
    leading = false;
    missed = 0;
  };
  const keepCompeting = async (): Promise<void> => {
    let steal = false;
    while (!gone && !failed) {
      await compete(steal);
      steal = stealNext;
      stealNext = false;
      if (!gone) inHall({ type: 'here', tab });
    }
  };

  // --- Following

  page.addEventListener('message', ({ data }) => {
    if (!leading && leaderId !== undefined)
      own.postMessage({ type: 'up', leader: leaderId, data } satisfies TabMessage);
  });
  own.addEventListener('message', ({ data }) => {
    const message = data as TabMessage;
    if (leading) return;
    if (message.type === 'welcome') {
      if (message.leader !== leaderId) told({ type: 'following' });
      leaderId = message.leader;
    }
    if (!('leader' in message) || message.leader !== leaderId) return;
    missed = 0;
    if (message.type === 'down') page.postMessage(message.data);
  });
  hall.addEventListener('message', ({ data }) => {
    const message = data as HallMessage;
    if (leading) return;
    if (message.type === 'booting') {
      missed = 0;
      leaderId = undefined;
    }
    if (message.type === 'leading' && message.leader !== leaderId) inHall({ type: 'here', tab });
  });
  let cancelBeat = (): void => undefined;
  const beat = (): void => {
    cancelBeat = after(BEAT_MS, beat);
    if (leading || failed) return;
    missed++;
    if (missed > MISSED_BEATS) {
      missed = 0;
      leaderId = undefined;
      stealNext = true;
      withdraw.abort();
    } else if (leaderId === undefined) inHall({ type: 'here', tab });
    else own.postMessage({ type: 'ping', leader: leaderId } satisfies TabMessage);
  };

  // --- Coming and going

  const announce = (): void => {
    if (gone) return;
    if (leading) inHall({ type: 'leading', leader: `${tab}.${terms}` });
    else inHall({ type: 'here', tab });
  };
  // A leader waits for this lock to see us die, so we must hold it before we say that we are here.
  const holding = locks.request(tabName(tab), {}, () => {
    if (gone) return Promise.resolve();
    announce();
    competing = keepCompeting();
    cancelBeat = after(BEAT_MS, beat);
    return left.promise;
  });
  page.start?.();
  return {
    announce,
    leave: async () => {
      gone = true;
      cancelBeat();
      withdraw.abort();
      endTerm();
      await competing;
      left.resolve();
      await holding;
      hall.close();
      own.close();
    },
  };
};
