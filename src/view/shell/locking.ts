/** What the screens of the lock share: the passkeys of this browser, and the time without a touch after which a page locks. */
import { createContext, useContext, useEffect, useState } from 'react';

export type PasskeyFault = 'cancelled' | 'notOffered';
export type PasskeyAnswer = { readonly credential: string; readonly input: string; readonly secret: string };
/** What the page's browser offers; absent where it offers none. */
export type Passkeys = {
  offered(): Promise<boolean>;
  create(name: string): Promise<PasskeyAnswer | PasskeyFault>;
  ask(passkey: Omit<PasskeyAnswer, 'secret'>): Promise<string | PasskeyFault>;
};
export const PasskeysContext = createContext<Passkeys | null>(null);

/** The passkeys, once it is known that there can be any. */
export const usePasskeys = (): Passkeys | null => {
  const passkeys = useContext(PasskeysContext);
  const [offered, setOffered] = useState(false);
  useEffect(() => {
    let here = true;
    passkeys?.offered().then((yes) => here && setOffered(yes));
    return () => {
      here = false;
    };
  }, [passkeys]);
  return offered ? passkeys : null;
};

export const MIN_PASSPHRASE = 8;
/** Choices of minutes without a touch; 0 is never. */
export const AFTER = [0, 5, 15, 60] as const;

/** The other pages of this profile. */
export type Pages = {
  postMessage(data: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
};
export type IdleOptions = {
  readonly minutes: number;
  readonly pages: Pages;
  readonly target: EventTarget;
  readonly now: () => number;
  /** Runs `look` again and again, some seconds apart, and when the page is seen again; gives the function that ends it. */
  every(look: () => void): () => void;
  lock(): void;
};
const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;
/** Others hear of our touches at most so often. */
const TELL_MS = 5_000;

/**
 * Locks once nobody has touched any page of the profile for so long. By the clock, not by a timer: a page that slept locks when it
 * wakes. A clock that was put back starts the time anew.
 */
export const lockWhenIdle = ({ minutes, pages, target, now, every, lock }: IdleOptions): (() => void) => {
  let last = now();
  let told = last;
  const touch = (): void => {
    last = now();
    if (last - told >= TELL_MS || last < told) {
      told = last;
      pages.postMessage('touched');
    }
  };
  const look = (): void => {
    const idle = now() - last;
    if (idle < 0) last = now();
    else if (idle >= minutes * 60_000) lock();
  };
  pages.onmessage = () => {
    last = now();
  };
  for (const name of TOUCHES) target.addEventListener(name, touch, { passive: true });
  const stop = every(look);
  return () => {
    stop();
    for (const name of TOUCHES) target.removeEventListener(name, touch);
    pages.close();
  };
};
