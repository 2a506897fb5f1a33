/**
 * Receipts of single parts, for nodes that do not know those of whole spaces: every log of a part that changed, by name. What goes
 * into one is on the disk first.
 */
import { encode } from '../../base/codec';
import { hlcOf, nextHlc } from '../../vm/op/clock';
import type { ShardId } from '../../vm/op/ids';
import { makeReceipt } from '../../vm/replica/receipt';
import { receiptCodec } from '../../vm/sync/messages';
import type { KernelContext } from './context';
import type { Session } from './session';
import type { Space } from './space';

/** A receipt that is a day old is not relied on any more (PR2). */
const AGAIN_MS = 900_000;

/** A tab writes what others made without waiting for the disk; a receipt is a promise that a crash takes nothing. */
export const makeDurable = async ({ kind, ports }: KernelContext): Promise<boolean> => {
  const flush = { table: 'local', key: 'flushed', value: new Uint8Array([1]) } as const;
  return kind !== 'tab' || (await ports.storage.write([flush], 'strict')).ok;
};

export class PartReceipts {
  /** One after the other, each later than the last: a later receipt must never say less. */
  #turn: Promise<unknown> = Promise.resolve();
  #hlc = hlcOf(0);
  /** When all receipts were given while both held the same, by this device's clock. */
  readonly #statedAt = new WeakMap<Session, number>();

  constructor(private readonly context: KernelContext) {}

  give(space: Space, shards: ReadonlySet<ShardId>, to: readonly Session[]): Promise<void> {
    const turn = this.#turn.then(() => this.#give(space, shards, to));
    this.#turn = turn.catch(() => {});
    return turn;
  }
  /** What it missed while we were apart, and what has become true of both: once, and then seldom, for it is a signature for each part. */
  rootHeard(session: Session, first: boolean): void {
    const now = this.context.ports.clock.now();
    const statedAt = this.#statedAt.get(session);
    const again = session.level && (statedAt === undefined || Math.abs(now - statedAt) >= AGAIN_MS);
    if (!session.mayRead || !(first || again)) return;
    if (!first) this.#statedAt.set(session, now);
    const shards = new Set([...session.space.replica.logs.values()].flatMap((log) => log.head?.header.shard ?? []));
    void this.give(session.space, shards, [session]);
  }
  async #give(space: Space, shards: ReadonlySet<ShardId>, to: readonly Session[]): Promise<void> {
    const heightsByShard = space.replica.heldHeights(shards);
    const { device, ports, time } = this.context;
    if (!(await makeDurable(this.context))) return;
    for (const [shard, heights] of heightsByShard) {
      // PR4: meanwhile a body may have gone.
      const now = space.replica.shelved.has(shard) ? space.replica.heldHeights(new Set([shard])).get(shard) : heights;
      for (const [id, height] of heights) {
        const held = now?.get(id);
        if (held === undefined) heights.delete(id);
        else heights.set(id, Math.min(height, held));
      }
      const hlc = nextHlc(time.now(), this.#hlc);
      this.#hlc = hlc;
      const receipt = await makeReceipt(ports.crypto, device.key.handle, device.device, space.id, shard, hlc, heights);
      const payload = encode(receiptCodec, receipt);
      this.context.count('receiptsGiven');
      for (const session of to) session.send('receipt', payload);
    }
  }
}
