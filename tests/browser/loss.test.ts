/** What a browser lost of a profile, on real databases and a real private file system. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HostedKernel, LossAnswer } from '../../src/bridge/messages';
import { openIdbStorage } from '../../src/platform/browser/idb';
import { beginningOf, type Found } from '../../src/platform/browser/loss';
import { openIdbVault } from '../../src/platform/browser/vault';
import { openWitness } from '../../src/platform/browser/witness';
import { openLosses, withLosses } from '../../workers/loss';

const newProfile = () => `loss-${crypto.randomUUID()}`;
const remove = (name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
const removeBoth = async (profile: string): Promise<void> => {
  await Promise.all([remove(`lgos/${profile}`), remove(`lgos/${profile}/vault`)]);
};

/** As `boot` opens a profile. */
const open = async (
  profile: string,
  witness: Pick<ReturnType<typeof openWitness>, 'seen' | 'leave'> = openWitness(profile),
) => {
  const storage = await openIdbStorage(profile);
  const vault = await openIdbVault(profile);
  const log = vi.fn();
  const losses = await openLosses({ storage, vault, witness, log });
  return { storage, losses, log };
};
const useOnce = async (profile: string): Promise<void> => {
  const { losses, storage } = await open(profile);
  await losses.started();
  await storage.close();
};
afterEach(() => vi.restoreAllMocks());

describe('what a browser lost', () => {
  it('a first visit lost nothing, nor does any later one', async () => {
    const profile = newProfile();
    for (let visit = 0; visit < 3; visit++) {
      const { losses, storage } = await open(profile);
      expect(losses.current()).toBe(null);
      await losses.started();
      await storage.close();
    }
    expect(await openWitness(profile).seen()).toBe(true);
  });

  it('both databases are gone and the witness is not: the person is lost, on every visit until it is accepted', async () => {
    const profile = newProfile();
    await useOnce(profile);
    await removeBoth(profile);
    for (let visit = 0; visit < 2; visit++) {
      const { losses, storage } = await open(profile);
      expect(losses.current()).toBe('person');
      await losses.started();
      await storage.close();
    }
    const { losses, storage } = await open(profile);
    const heard: LossAnswer[] = [];
    losses.watch((loss) => heard.push(loss));
    await losses.accept();
    expect(heard).toEqual(['person', null]);
    await storage.close();
    expect((await open(profile)).losses.current()).toBe(null);
  });

  it('a loss after an accepted one is told again', async () => {
    const profile = newProfile();
    await useOnce(profile);
    for (let turn = 0; turn < 2; turn++) {
      await removeBoth(profile);
      const { losses, storage } = await open(profile);
      expect(losses.current()).toBe('person');
      await losses.accept();
      await storage.close();
    }
  });

  it('a start that was cut short before its kernel is no loss', async () => {
    const profile = newProfile();
    await (await openIdbStorage(profile)).close();
    const second = await open(profile);
    expect(second.losses.current()).toBe(null);
    await second.storage.close();
    expect((await open(profile)).losses.current()).toBe(null);
    expect(await openWitness(profile).seen()).toBe(false);
  });

  it('a start that was cut short after a loss was found does not forget it', async () => {
    const profile = newProfile();
    await useOnce(profile);
    await removeBoth(profile);
    await (await openIdbStorage(profile)).close();
    expect((await open(profile)).losses.current()).toBe('person');
  });

  it('only the vault is gone: the person is lost; only the storage: the work', async () => {
    const profile = newProfile();
    await useOnce(profile);
    await remove(`lgos/${profile}/vault`);
    const keyless = await open(profile);
    expect(keyless.losses.current()).toBe('person');
    await keyless.losses.accept();
    await keyless.storage.close();
    await remove(`lgos/${profile}`);
    expect((await open(profile)).losses.current()).toBe('work');
  });

  it('Chromium says that it deleted the database: the person is lost, without any witness', async () => {
    const profile = newProfile();
    const none = { seen: async () => undefined, leave: async () => false };
    const event = IDBVersionChangeEvent.prototype;
    // Real events of this browser have both, so that this test stands on what it gives.
    const real = await new Promise<object>((resolve) => {
      indexedDB.open(newProfile(), 1).onupgradeneeded = resolve;
    });
    expect(real).toMatchObject({ dataLoss: 'none', dataLossMessage: '' });
    vi.spyOn(event as { dataLoss?: string }, 'dataLoss', 'get').mockReturnValue('total');
    vi.spyOn(event as { dataLossMessage?: string }, 'dataLossMessage', 'get').mockReturnValue('bad checksum');
    const { losses, storage, log } = await open(profile, none);
    expect(losses.current()).toBe('person');
    expect(log).toHaveBeenCalledWith('profile.lost', expect.objectContaining({ dataLoss: 'bad checksum' }));
    vi.restoreAllMocks();
    await storage.close();
    const later = await open(profile, none);
    expect(later.losses.current()).toBe('person');
    await later.losses.accept();
    await later.storage.close();
    expect((await open(profile, none)).losses.current()).toBe(null);
  });

  it('a fenced leader accepts nothing', async () => {
    const profile = newProfile();
    await useOnce(profile);
    await removeBoth(profile);
    const former = await open(profile);
    const leader = await open(profile);
    await expect(former.losses.accept()).rejects.toMatchObject({ type: 'notSaved' });
    expect([former.losses.current(), leader.losses.current()]).toEqual(['person', 'person']);
  });

  it('profiles do not witness for each other', async () => {
    const [used, fresh] = [newProfile(), newProfile()];
    await useOnce(used);
    expect((await open(fresh)).losses.current()).toBe(null);
  });

  it('a page sees the loss beside its kernel, and a key file ends it', async () => {
    const profile = newProfile();
    await useOnce(profile);
    await removeBoth(profile);
    const { losses } = await open(profile);
    const importKeys = vi.fn(async (file: string) => {
      if (file === 'bad') throw new Error('not a key file');
    });
    const kernel = {
      importKeys,
      queries: async () => [],
      commands: async () => [],
      query: async (name: string) => name,
      run: async (name: string) => ({ id: name }),
      watch: () => () => undefined,
    } as unknown as HostedKernel;
    const api = withLosses(kernel, losses);
    expect(await api.query('os.me', {})).toBe('os.me');
    expect(await api.run('chat.send', {})).toEqual({ id: 'chat.send' });
    expect((await api.queries()).map(({ name }) => name)).toEqual(['browser.loss']);
    expect((await api.commands()).map(({ name }) => name)).toEqual(['browser.acceptLoss']);
    await expect(api.importKeys('bad', '')).rejects.toThrow('not a key file');
    expect(await api.query('browser.loss', {})).toBe('person');
    const heard: unknown[] = [];
    const stop = api.watch('browser.loss', {}, (loss) => heard.push(loss));
    await api.importKeys('good', '');
    expect(heard).toEqual(['person', null]);
    stop();
  });
});

describe('how a profile began', () => {
  const first: Found = { beginning: 'new', created: true, vault: 'new' };
  it.each([
    ['a first visit', first, false, 'new'],
    ['a witness', first, true, 'person'],
    ['a vault that replaces a deleted one', { ...first, vault: 'lost' }, false, 'person'],
    ['a vault beside no storage', { ...first, vault: 'kept' }, false, 'work'],
    ['a vault of a start that was cut short', { beginning: 'new', created: false, vault: 'kept' }, false, 'new'],
    ['in use', { beginning: 'settled', created: false, vault: 'kept' }, true, 'settled'],
    ['in use, without its vault', { beginning: 'settled', created: false, vault: 'new' }, true, 'person'],
    ['a loss of work that grew', { beginning: 'work', created: false, vault: 'new' }, true, 'person'],
    ['a loss that nobody accepted', { beginning: 'person', created: false, vault: 'kept' }, true, 'person'],
  ] as const)('%s', (_, found, witnessed, beginning) => {
    expect(beginningOf(found, witnessed)).toBe(beginning);
  });
});
