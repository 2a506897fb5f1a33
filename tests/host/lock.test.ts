/** The lock around a kernel: when one runs, who is answered, what is forgotten. On memory and a virtual clock. */
import { expect, test } from 'vitest';
import { fromUtf8, toBase64Url, utf8 } from '../../src/base/bytes';
import { seededRandom } from '../../src/base/random';
import { CALL_NAMES } from '../../src/bridge/calls';
import type { HostedKernel, LockAnswer } from '../../src/bridge/messages';
import { decodeHead, waitOf, wrapForPassphrase } from '../../src/platform/lock';
import { virtualClock } from '../../src/platform/memory/clock';
import { type FaultyStorage, faultyStorage } from '../../src/platform/memory/faulty';
import { memoryVault } from '../../src/platform/memory/vault';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import { type Storage, TABLES, type Vault } from '../../src/ports';
import { forgetDeadSecrets, openLock } from '../../workers/lock';
import type { BootedKernel } from '../../workers/serve';

const ROUNDS = 600_000;
const PASSPHRASE = 'correct horse battery';
const CANARY = 'canary of a kernel';

/** A tab that lives until it is killed; the disk, the vault and the clock outlive it. */
const world = () => ({
  disk: faultyStorage(seededRandom(5)),
  vault: memoryVault(),
  clock: virtualClock(1_000_000),
  kernels: { started: 0, stopped: 0, running: 0 },
  erased: 0,
});
type World = ReturnType<typeof world>;

const kernelOn = (world: World, storage: Storage): BootedKernel => {
  world.kernels.started++;
  world.kernels.running++;
  const calls = Object.fromEntries(CALL_NAMES.map((name) => [name, async () => name]));
  return {
    kernel: {
      ...calls,
      run: async (_: string, args: { text: string }) => {
        const put = { table: 'local', key: `said/${args.text}`, value: utf8(args.text) } as const;
        return (await storage.write([put], 'strict')).ok ? { id: 'x' } : Promise.reject(new Error('not saved'));
      },
      commands: async () => [],
      queries: async () => [],
      watch: () => () => undefined,
      stop: async () => {
        world.kernels.running--;
        world.kernels.stopped++;
      },
    } as unknown as HostedKernel,
  };
};
const tab = async (world: World) => {
  let booted: BootedKernel | undefined;
  const heard: LockAnswer[] = [];
  const storage = world.disk.open();
  let live: Storage = storage;
  booted = await openLock({
    storage,
    vault: world.vault,
    crypto: webCrypto(),
    random: webRandom(),
    clock: world.clock,
    log: () => undefined,
    rounds: ROUNDS,
    start: async (opened: Storage, vault: Vault) => {
      live = opened;
      if (!(await vault.get('device'))) await vault.put('device', utf8(CANARY));
      return kernelOn(world, opened);
    },
    erase: async () => {
      world.erased++;
    },
    replace: (next) => {
      booted = next;
    },
  });
  const kernel = (): HostedKernel => (booted as BootedKernel).kernel;
  kernel().watch('browser.lock', {}, (answer) => heard.push(answer as LockAnswer));
  const until = async (at: LockAnswer['at']): Promise<LockAnswer> => {
    // Five seconds of the world's time; what the machine itself needs for its keys is not counted.
    const end = Date.now() + 60_000;
    for (let i = 0; Date.now() < end; i++) {
      if (i < 5_000) await world.clock.advance(1);
      const answer = (await kernel().query('browser.lock', {})) as LockAnswer;
      if (answer.at === at) return answer;
      await new Promise(setImmediate);
    }
    throw new Error(`It never became ${at}`);
  };
  return {
    heard,
    until,
    kernel,
    live: () => live,
    run: (name: string, args: object = {}) => kernel().run(`browser.${name}`, args),
    state: async () => (await kernel().query('browser.lock', {})) as LockAnswer,
    say: (text: string) => kernel().run('say', { text }),
  };
};
const rawOf = async ({ disk, vault }: { disk: FaultyStorage; vault: Vault }): Promise<string> => {
  const parts: string[] = [];
  for (const table of TABLES)
    for (const { key, value } of await disk.open().list(table, ''))
      parts.push(key, Buffer.from(value).toString('latin1'));
  for (const name of await vault.list(''))
    parts.push(name, Buffer.from((await vault.get(name)) ?? []).toString('latin1'));
  return parts.join('\n');
};
const refused = (type: string) => expect.objectContaining({ type });
const pending = async (work: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  const end = (): void => {
    settled = true;
  };
  work.then(end, end);
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
  return !settled;
};
/** A locked profile with one thing said in it, and no tab. */
const locked = async () => {
  const here = world();
  const first = await tab(here);
  await first.say(CANARY);
  await first.run('turnOnLock', { passphrase: PASSPHRASE });
  await first.until('open');
  here.disk.crash('unsynced');
  here.kernels.running = 0;
  return here;
};

test('[LK7] without a lock the kernel runs at once and everything can be read from the disk', async () => {
  const here = world();
  const first = await tab(here);
  await first.say(CANARY);
  expect(await first.state()).toMatchObject({ at: 'open', on: false, passphrase: false });
  expect(here.kernels.running).toBe(1);
  expect((await rawOf(here)).split(CANARY).length).toBeGreaterThan(2);
});

test('[LK7] turned on, the profile is sealed, the kernel runs on it again, and the next start asks first', async () => {
  const here = await locked();
  expect(await rawOf(here)).not.toContain('canary');
  expect(here.kernels.started).toBe(2);
  const next = await tab(here);
  expect(await next.state()).toMatchObject({ at: 'locked', on: true, passphrase: true, fault: null });
  expect(here.kernels.running).toBe(0);
  expect(await pending(next.kernel().me())).toBe(true);
  expect(await pending(next.say('into nowhere'))).toBe(true);
  await expect(next.run('unlock', { passphrase: 'correct horse batterz' })).rejects.toEqual(refused('wrongPassphrase'));
  await next.run('unlock', { passphrase: PASSPHRASE });
  await next.until('open');
  expect(here.kernels.running).toBe(1);
  expect(fromUtf8((await next.live().read('local', `said/${CANARY}`)) as Uint8Array)).toBe(CANARY);
  await next.say('canary afterwards');
  expect(await rawOf(here)).not.toContain('canary');
});

test('[LK8] neither the passphrase nor a key is in what pages are told', async () => {
  const here = await locked();
  const next = await tab(here);
  await next.run('unlock', { passphrase: PASSPHRASE });
  await next.until('open');
  const told = JSON.stringify(next.heard);
  expect(told).not.toContain(PASSPHRASE);
  const head = decodeHead((await here.disk.open().read('local', '~lock/head')) as Uint8Array);
  for (const part of [head?.passphrase?.key, head?.passphrase?.salt, head?.passphrase?.nonce])
    expect(told).not.toContain(part);
});

test('[LK9] locking stops the kernel, forgets the key and tells pages to load again', async () => {
  const here = await locked();
  const next = await tab(here);
  await next.run('unlock', { passphrase: PASSPHRASE });
  await next.until('open');
  const storage = next.live();
  await next.run('lockNow');
  expect(await next.until('locked')).toMatchObject({ reload: true });
  expect(here.kernels.running).toBe(0);
  expect(await pending(next.kernel().spaces())).toBe(true);
  await expect(storage.read('local', `said/${CANARY}`)).rejects.toThrow('locked');
  expect(await storage.write([{ table: 'local', key: 'late', value: utf8('late') }], 'strict')).toMatchObject({
    ok: false,
  });
  await next.run('unlock', { passphrase: PASSPHRASE });
  expect(await next.until('open')).toMatchObject({ reload: false });
});

test('[LK6] wrong tries wait longer and longer, also after the page was loaded again, and a right one ends it', async () => {
  const here = await locked();
  let next = await tab(here);
  for (let i = 0; i < 3; i++)
    await expect(next.run('unlock', { passphrase: `wrong number ${i}` })).rejects.toEqual(refused('wrongPassphrase'));
  await expect(next.run('unlock', { passphrase: PASSPHRASE })).rejects.toEqual(refused('wait'));
  next = await tab(here);
  expect((await next.state()).waitUntil).toBe(here.clock.now() + 2_000);
  await expect(next.run('unlock', { passphrase: PASSPHRASE })).rejects.toEqual(refused('wait'));
  await here.clock.advance(2_000);
  await next.run('unlock', { passphrase: PASSPHRASE });
  await next.until('open');
  const waits = [0, 1, 2, 3, 4, 5, 9, 10, 30].map((wrong) => waitOf({ wrong, at: 50 }, 50));
  expect(waits).toEqual([0, 0, 0, 2_000, 4_000, 8_000, 128_000, 256_000, 300_000]);
  // A clock that was put back by a day.
  expect(waitOf({ wrong: 3, at: 86_400_000 }, 0)).toBe(2_000);
});

test('[LK5] a new passphrase opens it and the old one no longer does; a passkey opens it too, and the last way stays', async () => {
  const here = await locked();
  let next = await tab(here);
  await next.run('unlock', { passphrase: PASSPHRASE });
  await next.until('open');
  const secret = toBase64Url(new Uint8Array(32).fill(7));
  const passkey = { credential: toBase64Url(utf8('id')), input: toBase64Url(new Uint8Array(32).fill(1)), secret };
  await expect(
    next.run('changeLock', { passphrase: 'not the right one', newPassphrase: 'another one' }),
  ).rejects.toEqual(refused('wrongPassphrase'));
  await next.run('changeLock', { passphrase: PASSPHRASE, newPassphrase: 'another horse', newPasskey: passkey });
  await next.run('lockAfter', { minutes: 5 });
  await expect(next.run('lockAfter', { minutes: 0 })).rejects.toEqual(refused('badArguments'));
  expect(await next.state()).toMatchObject({ passphrase: true, passkey: { input: passkey.input }, afterMinutes: 5 });
  next = await tab(here);
  await expect(next.run('unlock', { passphrase: PASSPHRASE })).rejects.toEqual(refused('wrongPassphrase'));
  await expect(next.run('unlock', { secret: toBase64Url(new Uint8Array(32)) })).rejects.toEqual(
    refused('wrongPassphrase'),
  );
  await next.run('unlock', { secret });
  await next.until('open');
  await next.run('changeLock', { secret, remove: 'passphrase' });
  expect(await next.state()).toMatchObject({ passphrase: false });
  await expect(next.run('changeLock', { secret, remove: 'passkey' })).rejects.toEqual(refused('badArguments'));
  await next.run('turnOffLock', { secret });
  await next.until('open');
  expect(await next.state()).toMatchObject({ on: false, passkey: null });
  expect(await rawOf(here)).not.toContain('~lock');
  expect(await rawOf(here)).toContain(CANARY);
});

test('[LK4] killed while it is turned on or off, the next start asks and ends it, and nothing is lost', async () => {
  for (const going of ['on', 'off'] as const) {
    const here = going === 'on' ? world() : await locked();
    const first = await tab(here);
    if (going === 'on') {
      for (let i = 0; i < 40; i++) await first.say(`canary ${i}`);
      await first.say(CANARY);
      await first.run('turnOnLock', { passphrase: PASSPHRASE });
    } else {
      await first.run('unlock', { passphrase: PASSPHRASE });
      await first.until('open');
      for (let i = 0; i < 40; i++) await first.say(`canary ${i}`);
      await first.run('turnOffLock', { passphrase: PASSPHRASE });
    }
    here.disk.hold();
    await here.clock.advance(1);
    for (let i = 0; i < 3; i++) {
      for (let turns = 0; here.disk.inFlight === 0 && turns < 500; turns++) await new Promise(setImmediate);
      here.disk.step();
    }
    here.disk.crash('torn');
    here.disk.release();
    here.kernels.running = 0;
    const next = await tab(here);
    expect(await next.state()).toMatchObject({ at: 'locked' });
    await next.run('unlock', { passphrase: PASSPHRASE });
    expect(await next.until('open')).toMatchObject({ on: going === 'on' });
    expect((await next.live().list('local', 'said/')).length).toBe(41);
    expect((await rawOf(here)).includes('canary')).toBe(going === 'off');
    expect((await rawOf(here)).includes('~lock')).toBe(going === 'on');
  }
});

test('[LK7] a disk that is full while the lock is turned on: nothing runs, the reason is told, and unlocking goes on', async () => {
  const here = world();
  const first = await tab(here);
  await first.say(CANARY);
  await first.run('turnOnLock', { passphrase: PASSPHRASE });
  here.disk.failNext('full');
  expect(await first.until('locked')).toMatchObject({ fault: expect.stringContaining('injected') });
  expect(here.kernels.running).toBe(0);
  await first.run('unlock', { passphrase: PASSPHRASE });
  await first.until('open');
  expect(await rawOf(here)).not.toContain('canary');
});

test('[LK7] a lock whose head is gone or damaged starts nobody; a profile can be removed only while it is locked', async () => {
  for (const value of [undefined, utf8('{}'), utf8('{"state":"on"}')]) {
    const here = await locked();
    await here.disk.open().write([{ table: 'local', key: '~lock/head', ...(value ? { value } : {}) }], 'strict');
    const next = await tab(here);
    expect(await next.state()).toMatchObject({ at: 'locked', fault: 'damaged', passphrase: false });
    await expect(next.run('unlock', { passphrase: PASSPHRASE })).rejects.toEqual(refused('wrongPassphrase'));
    await next.run('eraseProfile');
    expect([here.erased, here.kernels.running, (await next.state()).at]).toEqual([1, 0, 'erased']);
  }
  const open = world();
  await expect((await tab(open)).run('eraseProfile')).rejects.toEqual(refused('badArguments'));
  expect(open.erased).toBe(0);
});

test('[LK7] secrets whose lock was lost with the storage are removed, so that the loss of the person is told', async () => {
  const here = await locked();
  const empty = faultyStorage(seededRandom(1));
  expect(await forgetDeadSecrets(here.disk.open(), here.vault)).toBe(false);
  expect(await forgetDeadSecrets(empty.open(), here.vault)).toBe(true);
  expect(await here.vault.list('')).toEqual([]);
});

test('[LK5] a head that asks for too little or too much work, or is cut, is none', async () => {
  const way = await wrapForPassphrase(webCrypto(), webRandom(), new Uint8Array(32), PASSPHRASE, ROUNDS);
  const decoded = (passphrase: object, more: object = {}) =>
    decodeHead(utf8(JSON.stringify({ state: 'on', passphrase, ...more })));
  expect(decoded(way)).toBeDefined();
  for (const rounds of [1, 599_999, 1e9, 1.5, '600000']) expect(decoded({ ...way, rounds })).toBeUndefined();
  for (const field of ['salt', 'nonce', 'key'])
    for (const value of ['', 'AA', 7, 'ключ']) expect(decoded({ ...way, [field]: value })).toBeUndefined();
  expect(decoded(way, { afterMinutes: 0 })).toBeUndefined();
  expect(decoded(way, { state: 'off' })).toBeUndefined();
});
