/**
 * What was written here and cannot be sealed yet, because the space waits for a new key: kept on this device, so that a
 * closed page loses nothing, and shown here as waiting. It leaves nothing and seals nothing; `sealing.ts` does when it can.
 *
 * WT1 what is kept is sealed under a key of this profile's vault: the storage tells nobody what it says.
 * WT2 edits of a document's text are kept and not shown a second time: who typed them sees them in the page.
 */
import { concat, toHex, utf8 } from '../../base/bytes';
import { type Codec, decode, encode, oneOf, record, u32 } from '../../base/codec';
import { hash } from '../../base/hash';
import { err, ok, type Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import type { ChangeSet, FoldEntry } from '../../vm/graph/engine';
import { bodyCodec, type Op } from '../../vm/op/body';
import { nextHlc } from '../../vm/op/clock';
import type { EntryClass } from '../../vm/op/entry';
import { type EntryId, type LogId, type ShardId, shardIdCodec } from '../../vm/op/ids';
import { refusal } from '../schema/define';
import type { KernelContext } from './context';
import type { Replica } from './replica';

export type Written = {
  readonly shard: ShardId;
  readonly class: EntryClass;
  readonly incarnation: number;
  readonly ops: readonly Op[];
};
/** `row`: in the storage; `shown`: what stands for it in the graph. */
export type Kept = { readonly row: string; readonly shown: EntryId };

const classCodec: Codec<EntryClass> = oneOf('content', 'annotation', 'personal', 'system');
const rowCodec = record({ shard: shardIdCodec, class: classCodec, incarnation: u32, ops: bodyCodec });
const VAULT_NAME = 'waiting-key';
const NONCE = 12;

export class Waiting {
  #n = 0;
  #key: Promise<Uint8Array> | undefined;

  constructor(
    private readonly context: KernelContext,
    private readonly replica: Replica,
    private readonly folded: (changes: ChangeSet) => void,
  ) {}

  #secret(): Promise<Uint8Array> {
    const { vault, random } = this.context.ports;
    this.#key ??= vault.get(VAULT_NAME).then(async (known) => {
      const key = known ?? random.bytes(32);
      if (!known) await vault.put(VAULT_NAME, key);
      return key;
    });
    return this.#key;
  }
  get #prefix(): string {
    return `${this.replica.id}/waiting/`;
  }

  async keep(written: Written): Promise<Result<Kept, Refusal>> {
    const { crypto, random, storage } = this.context.ports;
    const row = `${this.#prefix}${String(this.context.ports.clock.now()).padStart(14, '0')}${String(this.#n++ % 1_000_000).padStart(6, '0')}`;
    const nonce = random.bytes(NONCE);
    const plain = encode(rowCodec, written);
    const sealed = await crypto.seal(await this.#secret(), nonce, plain, utf8(row));
    const value = concat(nonce, sealed);
    const saved = await storage.write([{ table: 'outbox', key: row, value }], 'strict');
    if (!saved.ok)
      return err(
        refusal(
          'notSaved',
          `This device could not save: ${saved.error.message}`,
          'Everything saved before is safe.',
          'Free some space, then reload the page.',
        ),
      );
    const kept = this.#keptAs(row);
    this.show(written, kept);
    return ok(kept);
  }
  #keptAs(row: string): Kept {
    return { row, shown: toHex(hash('lgos/waiting/1', utf8(row))) as EntryId };
  }

  /** What was kept, oldest first. */
  async load(): Promise<readonly (Written & { readonly kept: Kept })[]> {
    const { crypto, storage, log } = this.context.ports;
    const found: (Written & { readonly kept: Kept })[] = [];
    for (const { key, value } of await storage.list('outbox', this.#prefix)) {
      const about = utf8(key);
      const plain = await crypto.open(await this.#secret(), value.slice(0, NONCE), value.slice(NONCE), about);
      const decoded = plain ? decode(rowCodec, plain) : undefined;
      if (!decoded?.ok) {
        log('waitingDamaged', { row: key });
        continue;
      }
      found.push({ ...decoded.value, kept: this.#keptAs(key) });
    }
    for (const { kept, ...written } of found) this.show(written, kept);
    return found;
  }

  show({ shard, incarnation, ops }: Written, { shown }: Kept): void {
    const { identity, device } = this.context;
    const role = identity ? this.replica.rights.role(identity.user, this.replica.now()) : 'none';
    const visible = ops.filter(({ type }) => type !== 'textUpdate');
    if (!identity || role === 'none' || visible.length === 0) return;
    const heads = [...this.replica.frontiers.of(shard)];
    const last = Math.max(0, ...heads.map((id) => this.replica.entries.get(id)?.header.hlc ?? 0));
    const entry: FoldEntry = {
      id: shown,
      log: shown as string as LogId,
      space: this.replica.id,
      shard,
      seq: 0,
      device: device.device,
      incarnation,
      author: identity.user,
      role,
      hlc: nextHlc(this.context.time.now(), last as never),
      deps: heads.slice(0, 8).sort(),
      ops: visible,
    };
    this.replica.provisional.set(shown, entry);
    this.folded(this.replica.graph.fold([entry]));
  }

  /** It is about to become an entry: the graph is built anew without what stood for it. Documents do not change by that. */
  async hide(kept: readonly Kept[]): Promise<void> {
    const shown = kept.filter((each) => this.replica.provisional.delete(each.shown));
    if (shown.length === 0) return;
    const changes = await this.replica.rebuild();
    this.folded({ ...changes, documents: new Map(), rebuilt: new Set() });
  }

  async done(kept: readonly Kept[]): Promise<void> {
    if (kept.length === 0) return;
    const rows = kept.map(({ row }) => ({ table: 'outbox' as const, key: row }));
    await this.context.ports.storage.write(rows, 'relaxed');
  }
}
