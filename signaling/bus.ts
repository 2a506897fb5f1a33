/**
 * The bus: how several signaling processes behind one address are one place to meet. What is published at one is heard by
 * those who listen at another. It carries what clients say, which is sealed, and keeps nothing.
 *
 * SB1 a process hears only topics that somebody listens to there, and never what it said itself.
 * SB2 a bus that is away, or knows this process no more, costs nobody anything but the others' messages: what would go there is dropped,
 *     and counted. It is tried again for ever.
 */
export type Bus = {
  /** To the other processes. `text` is a whole `publish`. */
  send(topic: string, text: string): void;
  listen(topic: string): void;
  leave(topic: string): void;
  /** Gauges and counters by name. */
  stats(): Readonly<Record<string, number>>;
  close(): Promise<void>;
};

/** Calls `heard` with each `publish` of another process on a topic that is listened to. */
export type OpenBus = (heard: (text: string) => void) => Promise<Bus>;
