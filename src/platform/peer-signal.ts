/**
 * What the two ends of a WebRTC connection tell each other before it is open, and the text that both make of it: the same in a browser
 * and in Node. It must not know who carries the texts.
 */

export type Signal =
  | { readonly description: { readonly type: 'offer' | 'answer'; readonly sdp: string } }
  | { readonly candidate: { readonly candidate?: string; readonly sdpMid?: string | null } };

const MAX_SIGNAL_CHARS = 16 * 1024;
/** Of one connection. */
export const MAX_SIGNALS = 256;
/** From the first call to an open channel. */
export const OPENING_MS = 30_000;

/** `undefined` for what is neither a description nor a candidate. */
export const readSignal = (message: string): Signal | undefined => {
  if (message.length > MAX_SIGNAL_CHARS) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { description, candidate } = value as Record<string, unknown>;
  if (typeof description === 'object' && description !== null) {
    const { type, sdp } = description as Record<string, unknown>;
    if ((type === 'offer' || type === 'answer') && typeof sdp === 'string') return { description: { type, sdp } };
  }
  if (typeof candidate === 'object' && candidate !== null) return { candidate };
  return undefined;
};

/**
 * The lines of offer and answer that say which connection this is: the certificates' fingerprints, which DTLS checks, and the
 * ICE user names, which are new each time. All else in a description is rewritten on its way. Sorted, because one side's
 * local text is the other side's remote one.
 */
export const bindingText = (...descriptions: readonly (string | undefined)[]): string => {
  const lines = new Set<string>();
  for (const line of descriptions.flatMap((sdp) => sdp?.split('\n') ?? [])) {
    const trimmed = line.trim();
    if (trimmed.startsWith('a=fingerprint:')) lines.add(trimmed.toLowerCase());
    if (trimmed.startsWith('a=ice-ufrag:')) lines.add(trimmed);
  }
  return [...lines].sort().join('\n');
};
