/**
 * The lock of a profile, around its kernel: asks for the passphrase or the passkey before one starts, turns the lock on and off while
 * none runs, and forgets everything when it locks. Pages hear of it as the live query `browser.lock`.
 *
 * It must not know what a kernel does, nor how IndexedDB works. Rules kept here:
 * [LK7] No kernel runs on a profile whose lock is not open, and none while rows go over. Calls that come then wait for the next one.
 * [LK8] The profile key and what is derived from it stay in this worker; no message, log or answer carries them.
 * [LK9] Whoever locks (a person, or the time without a touch) tells every page to load again, so that none keeps in memory what it showed.
 */
import { CALL_NAMES, refusalOf } from '../src/bridge/calls';
import type { HostedKernel, LockAnswer } from '../src/bridge/messages';
import {
  isAfter,
  type LockHead,
  readHead,
  readTries,
  unwrap,
  waitOf,
  wrapForPasskey,
  wrapForPassphrase,
  writeHead,
  writeTries,
} from '../src/platform/lock';
import { openProfile, sealProfile } from '../src/platform/resealing';
import { openSealedStorage, openSealedVault, SEALED } from '../src/platform/sealed';
import { createSealer, type Sealer } from '../src/platform/sealer';
import type { Clock, Crypto, Log, Random, Storage, Vault } from '../src/ports';
import { closable } from './closable';
import {
  type Args,
  badArgs,
  COMMANDS,
  isPassphrase,
  LOCK_QUERY,
  NOTHING_CHANGED,
  passkeyIn,
  QUERY,
  secretIn,
  unwrapped,
  wrongSecret,
} from './lock-words';
import type { BootedKernel } from './serve';

export type LockParts = {
  readonly storage: Storage;
  readonly vault: Vault;
  readonly crypto: Crypto;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
  /** A kernel on an open profile. */
  start(storage: Storage, vault: Vault): Promise<BootedKernel>;
  /** Removes the profile from this browser. */
  erase(): Promise<void>;
  /** Serves every page from another kernel. */
  replace(next: BootedKernel): void;
  /** PBKDF2 rounds; the default of lock.ts unless told. */
  readonly rounds?: number;
};

/** Gives what serves the pages at first: the kernel itself where there is no lock. Rejects where the head of a lock is damaged. */
export const openLock = async (parts: LockParts): Promise<BootedKernel> => {
  const { storage, vault, crypto, random, clock, log } = parts;
  const found = await readHead(storage);
  let head: LockHead | undefined = found.ok ? found.value : undefined;
  let tries = await readTries(storage);
  let at: LockAnswer['at'] = !found.ok || head ? 'locked' : 'open';
  let reload = false;
  let moved: number | null = null;
  let fault: string | null = found.ok ? null : 'damaged';
  let sealer: Sealer | undefined;
  let running: { readonly booted: BootedKernel; close(): Promise<void> } | undefined;
  let busy: Promise<unknown> = Promise.resolve();
  const listeners = new Set<(answer: LockAnswer) => void>();

  const current = (): LockAnswer => ({
    at,
    on: at === 'locked' || head !== undefined,
    passphrase: head?.passphrase !== undefined,
    passkey: head?.passkey ? { credential: head.passkey.credential, input: head.passkey.input } : null,
    afterMinutes: head?.afterMinutes ?? null,
    waitUntil: at === 'locked' && waitOf(tries, clock.now()) > 0 ? clock.now() + waitOf(tries, clock.now()) : null,
    moved,
    fault,
    reload,
  });
  const tell = (): void => {
    for (const emit of [...listeners]) emit(current());
  };
  const become = (next: LockAnswer['at'], changes: { moved?: number | null; fault?: string | null } = {}): void => {
    at = next;
    moved = changes.moved ?? null;
    fault = changes.fault ?? null;
    tell();
  };
  /** One after the other; a failure is the caller's alone. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = busy.then(work);
    busy = turn.catch(() => undefined);
    return turn;
  };
  /** After what is under way has answered its page. */
  const soon = (work: () => Promise<void>): void => {
    clock.after(0, () => void inTurn(work).catch((thrown) => failed(thrown)));
  };
  const failed = (thrown: unknown): void => {
    const message = thrown instanceof Error ? thrown.message : String((thrown as { message?: unknown })?.message);
    log('lock.failed', { message });
    sealer?.forget();
    sealer = undefined;
    become(head ? 'locked' : 'failed', { fault: message });
  };

  // --- Kernels

  const startKernel = async (): Promise<BootedKernel> => {
    const ports = sealer
      ? [await openSealedStorage(storage, sealer), await openSealedVault(vault, sealer)]
      : ([storage, vault] as const);
    const gate = closable(...(ports as [Storage, Vault]));
    const booted = await parts.start(gate.storage, gate.vault);
    running = { booted, close: gate.close };
    return { ...booted, kernel: withLock(booted.kernel) };
  };
  const stopKernel = async (next: LockAnswer['at']): Promise<void> => {
    const stopping = running;
    running = undefined;
    at = next;
    // First the pages: what they ask from now on waits.
    parts.replace({ kernel: waiting() });
    tell();
    await stopping?.booted.kernel.stop();
    await stopping?.close();
  };
  /** Ends what an earlier turning on or off began, then starts the kernel. */
  const goOn = async (): Promise<void> => {
    reload = false;
    become('working', { moved: 0 });
    const told = (done: number): void => {
      moved = done;
      tell();
    };
    if (head?.state === 'sealing' && sealer) {
      unwrapped(await sealProfile({ storage, vault }, sealer, told));
      await keepHead({ ...head, state: 'on' });
    }
    if (head?.state === 'opening' && sealer) {
      unwrapped(await openProfile({ storage, vault }, sealer, told));
      await keepHead(undefined);
      sealer.forget();
      sealer = undefined;
    }
    const next = await startKernel();
    become('open');
    parts.replace(next);
  };
  const keepHead = async (next: LockHead | undefined): Promise<void> => {
    unwrapped(await writeHead(storage, next));
    head = next;
  };

  // --- Commands

  const opened = async (args: Args): Promise<Uint8Array> => {
    if (!head) throw wrongSecret;
    const wait = waitOf(tries, clock.now());
    if (wait > 0)
      throw refusalOf(
        'wait',
        `Wait ${Math.ceil(wait / 1_000)} s before the next try.`,
        NOTHING_CHANGED,
        'Then try again.',
      );
    const key = await unwrap(crypto, head, secretIn(args));
    const before = tries;
    tries = key ? { wrong: 0, at: 0 } : { wrong: before.wrong + 1, at: clock.now() };
    if (tries.wrong !== before.wrong) await writeTries(storage, tries);
    if (!key) {
      tell();
      throw wrongSecret;
    }
    return key;
  };
  const wayOf = async (key: Uint8Array, passphrase: unknown, passkey: unknown) => {
    if (passphrase !== undefined && !isPassphrase(passphrase)) throw badArgs;
    return {
      ...(passphrase === undefined
        ? {}
        : { passphrase: await wrapForPassphrase(crypto, random, key, passphrase as string, parts.rounds) }),
      ...(passkey === undefined ? {} : { passkey: await wrapForPasskey(crypto, random, key, passkeyIn(passkey)) }),
    };
  };
  const act: Record<string, (args: Args) => Promise<void>> = {
    'browser.unlock': async (args) => {
      if (at !== 'locked') return;
      const key = await opened(args);
      sealer = createSealer(crypto, random, key);
      key.fill(0);
      soon(goOn);
    },
    'browser.turnOnLock': async (args) => {
      // Asked again because its answer was lost with the kernel before.
      if (head) {
        (await opened(args)).fill(0);
        return;
      }
      const key = random.bytes(32);
      const ways = await wayOf(key, args.passphrase, args.passkey);
      if (!ways.passphrase && !ways.passkey) throw badArgs;
      await keepHead({ state: 'sealing', ...ways });
      sealer = createSealer(crypto, random, key);
      key.fill(0);
      soon(async () => {
        await stopKernel('working');
        await goOn();
      });
    },
    'browser.changeLock': async (args) => {
      if (!head) throw wrongSecret;
      const key = await opened(args);
      const { passphrase, passkey, ...rest } = { ...head, ...(await wayOf(key, args.newPassphrase, args.newPasskey)) };
      key.fill(0);
      const next = {
        ...rest,
        ...(passphrase && args.remove !== 'passphrase' ? { passphrase } : {}),
        ...(passkey && args.remove !== 'passkey' ? { passkey } : {}),
      };
      if (!('passphrase' in next) && !('passkey' in next)) throw badArgs;
      await keepHead(next);
      tell();
    },
    'browser.turnOffLock': async (args) => {
      if (!head) return;
      (await opened(args)).fill(0);
      await keepHead({ ...head, state: 'opening' });
      soon(async () => {
        await stopKernel('working');
        await goOn();
      });
    },
    'browser.lockAfter': async ({ minutes }) => {
      if (!head || (minutes !== undefined && minutes !== null && !isAfter(minutes))) throw badArgs;
      const { afterMinutes: _, ...rest } = head;
      await keepHead(isAfter(minutes) ? { ...rest, afterMinutes: minutes } : rest);
      tell();
    },
    'browser.lockNow': async () => {
      if (!head || at !== 'open') return;
      soon(async () => {
        await stopKernel('working');
        sealer?.forget();
        sealer = undefined;
        reload = true;
        become('locked');
      });
    },
    'browser.eraseProfile': async () => {
      if (at !== 'locked') throw badArgs;
      await parts.erase();
      reload = true;
      at = 'erased';
      tell();
    },
  };
  const run = async (name: string, args: unknown): Promise<Readonly<Record<string, string>>> => {
    await inTurn(() => (act[name] as (args: Args) => Promise<void>)((args ?? {}) as Args));
    return {};
  };
  const watch = (emit: (answer: unknown) => void): (() => void) => {
    listeners.add(emit);
    emit(current());
    return () => void listeners.delete(emit);
  };

  // --- What pages hold

  const withLock = (kernel: HostedKernel): HostedKernel => ({
    ...kernel,
    run: async (name, args, session) => (name in act ? run(name, args) : kernel.run(name, args, session)),
    query: async (name, args) => (name === LOCK_QUERY ? current() : kernel.query(name, args)),
    watch: (name, args, emit, onFailed) =>
      name === LOCK_QUERY ? watch(emit) : kernel.watch(name, args, emit, onFailed),
    commands: async () => [...(await kernel.commands()), ...COMMANDS],
    queries: async () => [...(await kernel.queries()), QUERY],
  });
  /** Answers for the lock alone; whatever else is asked is asked again of the next kernel. */
  const waiting = (): HostedKernel => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const calls = Object.fromEntries(CALL_NAMES.map((name) => [name, never])) as unknown as HostedKernel;
    return {
      ...calls,
      run: (name, args) => (name in act && at !== 'working' ? run(name, args) : never()),
      query: async (name) => (name === LOCK_QUERY ? current() : never()),
      watch: (name, _args, emit) => (name === LOCK_QUERY ? watch(emit) : () => undefined),
      openDocument: never,
      putAway: async () => running?.booted.kernel.putAway(),
      stop: async () => running?.booted.kernel.stop(),
    };
  };

  if (!found.ok) log('lock.damaged');
  if (at === 'open') return startKernel();
  return { kernel: waiting() };
};

/** What a lock that lost its head left in the vault opens for nobody: removed. True where there was any. */
export const forgetDeadSecrets = async (storage: Storage, vault: Vault): Promise<boolean> => {
  const found = await readHead(storage);
  if (!found.ok || found.value) return false;
  const dead = await vault.list(SEALED);
  for (const name of dead) await vault.remove(name);
  return dead.length > 0;
};
