/**
 * A tab's side of STUN and TURN: asks the beacons that are linked for their servers, renews what expires, and hands what is good now
 * to the transport. What a beacon names is checked: connections are tried over it.
 *
 * Rules kept here:
 * [IC6] One question at a time on a link, and an answer counts only where one is awaited.
 * [IC7] A credential is renewed before it ends, and is not used after; servers of at most two beacons are used at once.
 * [IC8] Whoever is refused asks again later and later: they may have become a member since.
 */
import { decode } from '../../base/codec';
import type { IceServer } from '../../ports';
import { ICE_SERVERS, iceCodec, isTurnUrl } from '../../vm/net/ice';
import type { DeviceId } from '../../vm/op/ids';
import type { KernelContext } from './context';
import type { Link } from './link';

/** Browsers are slow to connect with many. */
const MAX_BEACONS = 2;
/** Of its time, when a credential is renewed. */
const RENEW_AT = 0.75;
const MAX_LIFE_S = 24 * 3_600;
const AGAIN_MIN_MS = 5_000;
const AGAIN_MAX_MS = 15 * 60_000;

type Asked = { awaited: boolean; refusals: number; cancel: () => void };
type Given = { readonly servers: readonly IceServer[]; readonly cancel: () => void };

export type IceFacts = {
  /** The host name under which a beacon is dialled. */
  hostOf(beacon: DeviceId): string | undefined;
};

export class IceServers {
  readonly #asked = new Map<Link, Asked>();
  /** By beacon, the newest last. */
  readonly #given = new Map<DeviceId, Given>();

  constructor(
    private readonly context: KernelContext,
    private readonly facts: IceFacts,
  ) {}

  /** Both ends hold a space now: the beacon may know us as a member of it. */
  met(link: Link): void {
    const { kind, features } = link.ready as NonNullable<Link['ready']>;
    const canUse = this.context.kind === 'tab' && this.context.ports.transport.setIceServers !== undefined;
    if (!canUse || kind !== 'beacon' || !features.includes(ICE_SERVERS)) return;
    const asked = this.#asked.get(link);
    if (asked?.awaited || (asked && asked.refusals === 0)) return;
    this.#ask(link, asked ?? { awaited: false, refusals: 0, cancel: () => {} });
  }
  unlinked(link: Link): void {
    this.#asked.get(link)?.cancel();
    this.#asked.delete(link);
  }
  stop(): void {
    for (const { cancel } of [...this.#asked.values(), ...this.#given.values()]) cancel();
  }

  answered(link: Link, payload: Uint8Array): boolean {
    const answer = decode(iceCodec, payload);
    const asked = this.#asked.get(link);
    const beacon = link.ready?.device;
    if (!answer.ok || !answer.value.turn.every(isTurnUrl)) return false;
    if (!asked?.awaited || !beacon) {
      this.context.count('ignored.ice');
      return true;
    }
    asked.awaited = false;
    const { answer: word, stunPort, turn, username, credential } = answer.value;
    const seconds = Math.min(Math.max(1, answer.value.seconds), MAX_LIFE_S);
    const host = this.facts.hostOf(beacon);
    const servers: IceServer[] = [];
    if (stunPort > 0 && host) servers.push({ urls: [`stun:${host}:${stunPort}`] });
    if (word === 'given' && turn.length > 0) servers.push({ urls: turn, username, credential });
    // A refusal takes nothing away: what was given before is good until its own end.
    if (word === 'given' || !this.#given.has(beacon)) this.#keep(beacon, servers, seconds * 1_000);
    asked.refusals = word === 'given' ? 0 : asked.refusals + 1;
    const pause =
      word === 'given'
        ? seconds * 1_000 * RENEW_AT
        : Math.min(AGAIN_MAX_MS, AGAIN_MIN_MS * 2 ** Math.min(asked.refusals - 1, 10));
    asked.cancel = this.context.ports.clock.after(pause, () => this.#ask(link, asked));
    return true;
  }

  #ask(link: Link, asked: Asked): void {
    asked.cancel();
    this.#asked.set(link, asked);
    asked.awaited = link.send('iceAsk', new Uint8Array());
  }
  #keep(beacon: DeviceId, servers: readonly IceServer[], ms: number): void {
    this.#given.get(beacon)?.cancel();
    this.#given.delete(beacon);
    const { clock } = this.context.ports;
    const cancel = clock.after(ms, () => {
      this.#given.delete(beacon);
      this.#use();
    });
    this.#given.set(beacon, { servers, cancel });
    if (this.#given.size > MAX_BEACONS) {
      const [oldest] = this.#given.keys();
      this.#given.get(oldest as DeviceId)?.cancel();
      this.#given.delete(oldest as DeviceId);
    }
    this.#use();
  }
  #use(): void {
    const servers = [...this.#given.values()].flatMap((given) => given.servers);
    this.context.ports.transport.setIceServers?.(servers);
  }
}
