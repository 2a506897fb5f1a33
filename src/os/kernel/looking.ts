/**
 * What pages have open here, told to the other side of a session, so that it comes from there first (SY3); and how often the other
 * side is heard. What is done with it, the order in which entries leave, is in `outgoing`.
 *
 * LA1 all that is open, what was opened last first, at most eight parts, in place of what was told before.
 * LA2 only to who may read, and as long as what it holds is not what is held here: nobody else has anything to give, and who reads what
 *     is no news.
 * LA3 at most every 200 ms, and then what holds then; of the other side ten a second are heard.
 */
import { TokenBucket } from '../../base/bucket';
import { encode } from '../../base/codec';
import type { Clock } from '../../ports';
import type { ShardId } from '../../vm/op/ids';
import { LOOKS, lookCodec, MAX_LOOKED_AT } from '../../vm/sync/messages';
import type { Session } from './session';

const GAP_MS = 200;
export const LOOKS_HEARD = { perSecond: 10, atOnce: 20 } as const;

export class Looking {
  #told = '';
  #toldAt = Number.NEGATIVE_INFINITY;
  #isDue = false;
  readonly #heard: TokenBucket;

  constructor(
    private readonly session: Session,
    private readonly clock: Clock,
    private readonly open: () => readonly ShardId[],
  ) {
    this.#heard = new TokenBucket(LOOKS_HEARD.perSecond, LOOKS_HEARD.atOnce, clock.now());
  }

  /** Over there a session began that was told nothing. */
  began(): void {
    this.#told = '';
  }
  /** What is open may have changed, or what the other side holds. */
  tell(): void {
    const { session, clock } = this;
    const { link, level, theirIndex, mayRead } = session;
    if (this.#isDue || level || theirIndex === undefined || !mayRead || !link.ready?.features.includes(LOOKS)) return;
    const parts = this.open().slice(0, MAX_LOOKED_AT);
    if (parts.join() === this.#told) return;
    const wait = this.#toldAt + GAP_MS - clock.now();
    if (wait > 0 && wait <= GAP_MS) {
      this.#isDue = true;
      clock.after(wait, () => {
        this.#isDue = false;
        this.#toldAt = Number.NEGATIVE_INFINITY;
        this.tell();
      });
      return;
    }
    if (!session.send('look', encode(lookCodec, parts))) return;
    this.#told = parts.join();
    this.#toldAt = clock.now();
  }
  /** LA3. */
  get mayHear(): boolean {
    return this.#heard.take(this.clock.now());
  }
}
