/**
 * What a browser lost of a profile, beside its kernel: found at the start, told to every page as the live query
 * `browser.loss`, and forgotten when a person goes on without it (`browser.acceptLoss`) or opens a key file.
 */
import { refusalOf } from '../src/bridge/calls';
import type { CommandInfo, HostedKernel, LossAnswer } from '../src/bridge/messages';
import type { IdbStorage } from '../src/platform/browser/idb';
import { beginningOf } from '../src/platform/browser/loss';
import type { IdbVault } from '../src/platform/browser/vault';
import type { Witness } from '../src/platform/browser/witness';

export type Losses = {
  /** What is lost, now. */
  current(): LossAnswer;
  watch(emit: (loss: LossAnswer) => void): () => void;
  /** Forgets it; rejects with a refusal where that cannot be kept. */
  accept(): Promise<void>;
  /** A kernel has started on this profile: from now on it is known to have been here. */
  started(): Promise<void>;
};
export type Opened = {
  readonly storage: Pick<IdbStorage, 'beginning' | 'created' | 'dataLoss' | 'begin'>;
  readonly vault: Pick<IdbVault, 'found'>;
  readonly witness: Pick<Witness, 'seen' | 'leave'>;
  readonly log: (event: string, details?: Record<string, string | number | boolean>) => void;
};

const LOSS_QUERY = 'browser.loss';
const ACCEPT = 'browser.acceptLoss';
const QUERY_INFO: CommandInfo = { name: LOSS_QUERY, args: {}, describes: 'What this browser lost of the profile' };
const ACCEPT_INFO: CommandInfo = { name: ACCEPT, args: {}, describes: 'Go on without what this browser lost' };

/** Decides and remembers, before a kernel starts: one that fails to start takes nothing of it away. */
export const openLosses = async ({ storage, vault, witness, log }: Opened): Promise<Losses> => {
  const listeners = new Set<(loss: LossAnswer) => void>();
  const witnessed = storage.beginning === 'new' ? await witness.seen() : undefined;
  const found = { beginning: storage.beginning, created: storage.created, vault: vault.found };
  let beginning = beginningOf(found, witnessed === true);
  if (beginning !== storage.beginning) await storage.begin(beginning);
  const current = (): LossAnswer => (beginning === 'person' || beginning === 'work' ? beginning : null);
  if (current() !== null) {
    log('profile.lost', { ...found, witnessed: String(witnessed), dataLoss: storage.dataLoss ?? 'not told' });
  }
  return {
    current,
    watch: (emit) => {
      listeners.add(emit);
      emit(current());
      return () => void listeners.delete(emit);
    },
    accept: async () => {
      if (current() === null) return;
      const kept = await storage.begin('settled');
      if (!kept.ok)
        throw refusalOf(
          'notSaved',
          'This cannot be saved now.',
          'Nothing was changed.',
          'Reload the page and try again.',
        );
      beginning = 'settled';
      for (const emit of [...listeners]) emit(null);
    },
    started: async () => {
      // First the storage: a witness beside a storage that does not know itself would look like a loss.
      if (beginning === 'new') {
        if (!(await storage.begin('settled')).ok) return;
        beginning = 'settled';
      }
      if (!(await witness.leave())) log('profile.noWitness');
    },
  };
};

/** The kernel with what its browser knows. */
export const withLosses = (kernel: HostedKernel, losses: Losses): HostedKernel => ({
  ...kernel,
  run: async (name, args, session) => {
    if (name !== ACCEPT) return kernel.run(name, args, session);
    await losses.accept();
    return {};
  },
  query: async (name, args) => (name === LOSS_QUERY ? losses.current() : kernel.query(name, args)),
  watch: (name, args, emit, failed) =>
    name === LOSS_QUERY ? losses.watch(emit) : kernel.watch(name, args, emit, failed),
  commands: async () => [...(await kernel.commands()), ACCEPT_INFO],
  queries: async () => [...(await kernel.queries()), QUERY_INFO],
  importKeys: async (file, passphrase) => {
    await kernel.importKeys(file, passphrase);
    // The keys are in: that the notice cannot be put away is no reason to say otherwise.
    if (losses.current() === 'person') await losses.accept().catch(() => undefined);
  },
});
