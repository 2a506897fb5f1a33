/** Where the nodes of a network stand: on a ring, in their order, beacons inside; while the network is split, its halves stand apart. */
export type Point = { readonly x: number; readonly y: number };

const APART = 0.14;
const RING = 0.94;
const INNER = 0.2;

/** In a square from -1 to 1. `islands`: by place, the half in which it is. */
export const placesOf = (nodes: number, islands: Uint8Array, isSplit: boolean): readonly Point[] =>
  Array.from(islands, (half, place): Point => {
    const beacons = islands.length - nodes;
    const isBeacon = place >= nodes;
    const turn = isBeacon ? (place - nodes) / beacons : (place + 0.5) / nodes;
    const radius = isBeacon ? (beacons === 1 ? 0 : INNER) : RING - (isSplit ? APART : 0);
    const angle = 2 * Math.PI * turn - Math.PI / 2;
    const aside = isSplit ? (half === 0 ? APART : -APART) : 0;
    // Two beacons side by side, each in its half.
    const [x, y] = isBeacon
      ? [radius * Math.cos(angle + Math.PI / 2), radius * Math.sin(angle + Math.PI / 2)]
      : [radius * Math.cos(angle), radius * Math.sin(angle)];
    return { x: x + aside, y };
  });
