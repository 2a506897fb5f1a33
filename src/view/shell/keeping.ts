/**
 * Asks the browser to keep what this site stores: once per profile, and not before the person has done something worth
 * keeping. Only a page may ask, and a browser may ask the person in turn. Why is said where the browser asks,
 * and what came of it at once; the settings page shows it from then on.
 */
import type { KernelClient } from '../../bridge/client';

/** `run` with one of these is a person's work; what the page does by itself (drafts, read marks) is not. */
const WORK = new Set(['chat.createChannel', 'chat.send', 'editor.createDocument', 'editor.createFolder']);

export type Deed = { readonly call: 'createSpace' | 'join' } | { readonly call: 'run'; readonly command: string };
export const isWork = (deed: Deed): boolean => deed.call !== 'run' || WORK.has(deed.command);

export type Keeping = {
  /** The browser has kept storage at all. */
  readonly offered: boolean;
  readonly persisted: boolean;
  /** This profile has asked before, whatever the answer was. */
  readonly asked: boolean;
};
export const shouldAsk = (deed: Deed, { offered, persisted, asked }: Keeping): boolean =>
  isWork(deed) && offered && !persisted && !asked;

/** The page's storage manager and memory, as far as they are needed here. */
export type Keeper = {
  readonly storage: Partial<Pick<StorageManager, 'persist' | 'persisted'>> | undefined;
  asked(): boolean;
  rememberAsked(): void;
  /** `asking`: the browser has not answered at once, so it may be asking the person. */
  tell(what: 'asking' | 'granted' | 'refused'): void;
};

/** The client of a page whose person works with it. A refusal by the browser changes nothing of what was done. */
/** A browser that decides by itself has decided by then. */
const AT_ONCE_MS = 300;

export const askAfterWork = (client: KernelClient, { storage, asked, rememberAsked, tell }: Keeper): KernelClient => {
  const ask = async (deed: Deed): Promise<void> => {
    const offered = storage?.persist !== undefined && storage.persisted !== undefined;
    if (!shouldAsk(deed, { offered, persisted: false, asked: asked() })) return;
    const persisted = (await storage?.persisted?.()) ?? false;
    // Another deed may have asked meanwhile.
    if (!shouldAsk(deed, { offered, persisted, asked: asked() })) return;
    rememberAsked();
    const words = setTimeout(() => tell('asking'), AT_ONCE_MS);
    const granted = await (storage?.persist?.() ?? Promise.resolve(false)).finally(() => clearTimeout(words));
    tell(granted ? 'granted' : 'refused');
  };
  const after = async <T>(deed: Deed, done: Promise<T>): Promise<T> => {
    const value = await done;
    ask(deed).catch((fault: unknown) => console.debug('storage.persist', String(fault)));
    return value;
  };
  return {
    ...client,
    createSpace: (options) => after({ call: 'createSpace' }, client.createSpace(options)),
    join: (url, options) => after({ call: 'join' }, client.join(url, options)),
    run: (command, args, session) => after({ call: 'run', command }, client.run(command, args, session)),
  };
};
