/**
 * The bus over NATS. A topic's subject is the hash of its name: names are a stranger's text, and subjects have a grammar.
 * Whoever may speak at this NATS server is believed to be a signaling process; what they say is checked like any client's.
 */
import { createHash } from 'node:crypto';
import { connect, type Subscription } from '@nats-io/transport-node';
import type { OpenBus } from './bus';
import { MAX_MESSAGE } from './message';

const PREFIX = 'lgos.signaling.';
const AGAIN_MS = 2_000;
/** A server that says nothing is away after so long, twice. */
const PING_MS = 5_000;
/** Characters on their way to a slow NATS server; what comes above is dropped. */
const MAX_WAITING = 4 * 1024 * 1024;
const CONNECT_MS = 5_000;
/** Bytes: no process sends more, as each letter of a message takes four at most. */
const MAX_HEARD = 4 * MAX_MESSAGE;

const subjectOf = (topic: string): string => PREFIX + createHash('sha256').update(topic).digest('hex');

/** `url`: `nats://[user:password@]host[:port]`, several by commas. Rejects where none of them answers. */
export const natsBus =
  (url: string, againMs = AGAIN_MS): OpenBus =>
  async (heard) => {
    const parsed = url.split(',').map((each) => new URL(each));
    const [{ username, password }] = parsed as [URL];
    const connection = await connect({
      servers: parsed.map(({ host }) => host),
      ...(username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {}),
      name: 'lgos-signaling',
      noEcho: true,
      timeout: CONNECT_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: againMs,
      reconnectJitter: againMs,
      // A server that knows nobody for a while is one that is away.
      ignoreAuthErrorAbort: true,
      pingInterval: PING_MS,
    });
    const subscriptions = new Map<string, Subscription>();
    const count = { sent: 0, heard: 0, dropped: 0, tooLarge: 0 };
    let isUp = true;
    const watch = async (): Promise<void> => {
      for await (const { type } of connection.status()) {
        if (type === 'disconnect') isUp = false;
        if (type === 'reconnect') isUp = true;
      }
    };
    void watch();
    const waiting = { since: 0, before: 0, isAsking: false };
    /** What was sent before the server answered is not waiting any more. */
    const ask = async (): Promise<void> => {
      if (waiting.isAsking) return;
      waiting.isAsking = true;
      waiting.before = waiting.since;
      waiting.since = 0;
      await connection.flush().catch(() => {});
      waiting.before = 0;
      waiting.isAsking = false;
      if (waiting.since > 0) void ask();
    };
    return {
      send: (topic, text) => {
        // SB2: the client library would keep all of it.
        if (!isUp || connection.isClosed() || waiting.before + waiting.since > MAX_WAITING) {
          count.dropped++;
          return;
        }
        connection.publish(subjectOf(topic), text);
        count.sent++;
        waiting.since += text.length;
        void ask();
      },
      listen: (topic) => {
        const callback = (fault: Error | null, message: { readonly data: Uint8Array }): void => {
          if (fault) return;
          if (message.data.length > MAX_HEARD) return void count.tooLarge++;
          count.heard++;
          heard(Buffer.from(message.data).toString('utf8'));
        };
        subscriptions.set(topic, connection.subscribe(subjectOf(topic), { callback }));
      },
      leave: (topic) => {
        subscriptions.get(topic)?.unsubscribe();
        subscriptions.delete(topic);
      },
      stats: () => ({ up: isUp ? 1 : 0, topics: subscriptions.size, ...count }),
      close: () => connection.close(),
    };
  };
