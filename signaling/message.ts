/**
 * What a client may say to a signaling server, read from hostile text. y-webrtc's four messages, and the greeting of
 * LGOS nodes. Own properties only, of exactly the expected types; a `publish` keeps whatever else it carries, as
 * y-webrtc's server does, up to a depth that is safe to write again.
 */
import { fromBase64Url, isHex } from '../src/base/bytes';

export const MAX_MESSAGE = 16 * 1024;
export const MAX_TOPICS = 64;
const MAX_TOPIC_NAME = 256;
const MAX_DEPTH = 16;
const MAX_NONCE = 32;
const MIN_NONCE = 16;

export type ClientMessage =
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly topics: readonly string[] }
  | { readonly type: 'publish'; readonly topic: string; readonly content: Readonly<Record<string, unknown>> }
  | { readonly type: 'ping' }
  | { readonly type: 'hello'; readonly device: string; readonly nonce: Uint8Array }
  | { readonly type: 'answer'; readonly signature: Uint8Array };

type Fields = Readonly<Record<string, unknown>>;

/** `notJson` or `notMessage` where the text is not one of the five messages. Never throws. */
export const readClientMessage = (text: string): ClientMessage | 'notJson' | 'notMessage' => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'notJson';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'notMessage';
  if (Object.hasOwn(value, '__proto__')) return 'notMessage';
  return messageFrom(value as Fields) ?? 'notMessage';
};

const messageFrom = (fields: Fields): ClientMessage | undefined => {
  const type = own(fields, 'type');
  switch (type) {
    case 'subscribe':
    case 'unsubscribe': {
      const topics = own(fields, 'topics');
      return Array.isArray(topics) && topics.length <= MAX_TOPICS && topics.every(isTopic)
        ? { type, topics }
        : undefined;
    }
    case 'publish': {
      const topic = own(fields, 'topic');
      return isTopic(topic) && isShallow(fields, MAX_DEPTH) ? { type, topic, content: fields } : undefined;
    }
    case 'ping':
      return { type };
    case 'hello': {
      const device = own(fields, 'device');
      const nonce = bytesIn(own(fields, 'nonce'));
      if (!isHex(device, 32) || !nonce || nonce.length < MIN_NONCE || nonce.length > MAX_NONCE) return undefined;
      return { type, device, nonce };
    }
    case 'answer': {
      const signature = bytesIn(own(fields, 'signature'));
      return signature?.length === 64 ? { type, signature } : undefined;
    }
    default:
      return undefined;
  }
};

const own = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);

const isTopic = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_TOPIC_NAME;

const bytesIn = (value: unknown): Uint8Array | undefined =>
  typeof value === 'string' && value.length <= 128 ? fromBase64Url(value) : undefined;

const isShallow = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((item) => isShallow(item, depth - 1));
};
