/**
 * A beacon's side of STUN and TURN: who is told of the servers, and how often. It hands out credentials and carries nothing itself.
 *
 * Rules kept here:
 * [IC4] A credential goes to a device that proved itself on this link and is of a person with a role in a space that is kept here.
 * [IC5] A device gets a few an hour, and a space some hundreds for all its devices: whoever asks more often is told so.
 * [IC9] Whoever asks all the time is not answered: to look through all spaces that are kept costs more than to ask.
 */
import { TokenBuckets } from '../../base/bucket';
import { encode } from '../../base/codec';
import { CREDENTIAL_S, iceCodec, type TurnSecret, turnCredential } from '../../vm/net/ice';
import type { SpaceId } from '../../vm/op/ids';
import type { KernelContext } from './context';
import type { Link } from './link';
import type { Space } from './space';

/** What a host tells of its servers. */
export type IcePolicy = {
  /** UDP port of this beacon's own STUN; 0: none. */
  readonly stunPort: number;
  readonly turn?: TurnSecret;
};

const HOUR_S = 3_600;
export const DEVICE_AN_HOUR = 12;
const SPACE_AN_HOUR = 600;
const MAX_DEVICES = 10_000;
const ASKS = { rate: 1, burst: 5 } as const;

/** IC5 */
const anHour = (times: number): TokenBuckets => new TokenBuckets(times / HOUR_S, times, MAX_DEVICES);

export class IceGiving {
  constructor(
    private readonly context: KernelContext,
    private readonly policy: IcePolicy | undefined,
    private readonly spaces: ReadonlyMap<SpaceId, Space>,
    private readonly limits = {
      asks: new TokenBuckets(ASKS.rate, ASKS.burst, MAX_DEVICES),
      device: anHour(DEVICE_AN_HOUR),
      space: anHour(SPACE_AN_HOUR),
    },
  ) {}

  asked(link: Link): void {
    const { policy, context } = this;
    const device = link.ready?.device;
    const isHeard = policy && device && this.limits.asks.take(device, context.ports.clock.now());
    if (!isHeard) return context.count('ignored.iceAsk');
    const nothing = { seconds: HOUR_S, stunPort: policy.stunPort, turn: [], username: '', credential: '' };
    const answer = policy.turn ? this.#judge(device) : 'given';
    if (answer !== 'given') context.count(`turn.${answer}`);
    const given =
      policy.turn && answer === 'given'
        ? {
            seconds: CREDENTIAL_S,
            turn: policy.turn.urls,
            ...turnCredential(policy.turn.secret, device, context.ports.clock.now()),
          }
        : {};
    link.send('ice', encode(iceCodec, { ...nothing, answer, ...given }));
  }

  #judge(device: NonNullable<Link['ready']>['device']): 'given' | 'notMember' | 'tooOften' {
    const now = this.context.ports.clock.now();
    const of = [...this.spaces.values()].filter(({ replica: { rights } }) => {
      const user = rights.userOf(device);
      return user !== undefined && rights.role(user, this.context.time.now()) !== 'none';
    });
    if (of.length === 0) return 'notMember';
    if (!this.limits.device.take(device, now)) return 'tooOften';
    return of.some(({ id }) => this.limits.space.take(id, now)) ? 'given' : 'tooOften';
  }
}
