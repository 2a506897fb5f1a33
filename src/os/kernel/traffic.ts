/**
 * What went over links since this node started: bytes of whole frames, with their headers, by device and by space. It counts
 * frames that were written or came in, and nothing else; what a link needs for itself is of no space.
 */
import { setLatest } from '../../base/latest';
import type { BytesMoved } from '../../bridge/messages';
import { spaceOfFrame } from '../../vm/net/frame';
import type { DeviceId, SpaceId } from '../../vm/op/ids';

export type Traffic = BytesMoved & { readonly bySpace: ReadonlyMap<SpaceId, BytesMoved> };

/** Devices whose links have ended; the one that has been silent longest goes first. */
const MAX_ENDED = 500;

const NOTHING: BytesMoved = { sent: 0, received: 0 };
const sumOf = (a: BytesMoved, b: BytesMoved): BytesMoved => ({
  sent: a.sent + b.sent,
  received: a.received + b.received,
});
const joined = (a: Traffic, b: Traffic): Traffic => {
  const bySpace = new Map(a.bySpace);
  for (const [space, bytes] of b.bySpace) bySpace.set(space, sumOf(bySpace.get(space) ?? NOTHING, bytes));
  return { ...sumOf(a, b), bySpace };
};

/** Of one link. Each side has its own index for a space. */
export class LinkTraffic implements Traffic {
  sent = 0;
  received = 0;
  readonly bySpace = new Map<SpaceId, { sent: number; received: number }>();
  readonly #indices = { sent: new Map<number, SpaceId>(), received: new Map<number, SpaceId>() };

  /** `sent`: our index for the space; `received`: theirs, of which a space has one at a time. */
  name(way: keyof BytesMoved, index: number, space: SpaceId): void {
    const indices = this.#indices[way];
    if (indices.get(index) === space) return;
    for (const [before, other] of indices) if (other === space && before !== index) indices.delete(before);
    indices.set(index, space);
  }
  spaceOf(way: keyof BytesMoved, frame: Uint8Array): SpaceId | undefined {
    return this.#indices[way].get(spaceOfFrame(frame));
  }
  count(way: keyof BytesMoved, frame: Uint8Array): void {
    this[way] += frame.length;
    const space = this.spaceOf(way, frame);
    if (space === undefined) return;
    const bytes = this.bySpace.get(space) ?? { sent: 0, received: 0 };
    bytes[way] += frame.length;
    this.bySpace.set(space, bytes);
  }
}

/** Of all devices that proved themselves on a link. */
export class DeviceTraffic {
  readonly #ended = new Map<DeviceId, Traffic>();

  ended(device: DeviceId, traffic: Traffic): void {
    const before = this.#ended.get(device);
    setLatest(this.#ended, device, before ? joined(before, traffic) : traffic, MAX_ENDED);
  }
  /** With what links that are there have carried. */
  with(links: Iterable<{ readonly device: DeviceId; readonly traffic: Traffic }>): ReadonlyMap<DeviceId, Traffic> {
    const all = new Map(this.#ended);
    for (const { device, traffic } of links) {
      const before = all.get(device);
      all.set(device, before ? joined(before, traffic) : traffic);
    }
    return all;
  }
}
