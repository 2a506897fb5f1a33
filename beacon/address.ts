/** Addresses of clients, as text in any spelling. Pure. */

/** 4 or 16 bytes; of IPv4 in IPv6 the 4. */
export const addressBytes = (address: string): readonly number[] | undefined => {
  const v4 = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/i.exec(address);
  if (v4) return v4.slice(1).map(Number);
  const halves = (address.split('%', 1)[0] ?? '').split('::');
  if (halves.length > 2) return undefined;
  const words = (half: string | undefined): number[] =>
    (half ? half.split(':') : []).map((word) => Number.parseInt(word, 16));
  const [before, after] = [words(halves[0]), words(halves[1])];
  const between = halves.length === 2 ? 8 - before.length - after.length : 0;
  const all = [...before, ...Array.from({ length: Math.max(0, between) }, () => 0), ...after];
  if (all.length !== 8 || all.some((word) => !(word >= 0 && word <= 0xffff))) return undefined;
  return all.flatMap((word) => [word >> 8, word & 0xff]);
};

/** The part of an address that one customer of a provider has: of IPv6 the first half. By it limits count. */
export const networkOf = (address: string): string => {
  const bytes = addressBytes(address);
  return bytes ? bytes.slice(0, 8).join('.') : address;
};

/** What whoever has many addresses has them in: 24 bits of IPv4, 48 of IPv6. By it shares are fair where all places are taken. */
export const widerNetworkOf = (address: string): string => {
  const bytes = addressBytes(address);
  return bytes ? bytes.slice(0, bytes.length === 4 ? 3 : 6).join('.') : address;
};

/** How many of something each network has, at most `most`. */
export const perNetwork = (most: number) => {
  const taken = new Map<string, number>();
  return {
    /** What gives the place back, once; `undefined` where there is none. */
    take: (address: string): (() => void) | undefined => {
      const network = networkOf(address);
      const before = taken.get(network) ?? 0;
      if (before >= most) return undefined;
      taken.set(network, before + 1);
      return () => {
        const left = (taken.get(network) ?? 1) - 1;
        if (left > 0) taken.set(network, left);
        else taken.delete(network);
      };
    },
  };
};
