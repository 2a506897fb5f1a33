/**
 * All that the pure rooms may know of their host beyond the language itself: the two UTF-8 converters, which every
 * host has and which depend on nothing. Anything else (DOM, Node, timers, clocks) does not compile there.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}
