/** A bus between signaling servers of one process. */
import type { OpenBus } from '../../signaling/bus';

export const memoryBus = (): OpenBus => {
  type Process = { readonly topics: Set<string>; heard(text: string): void };
  const processes = new Set<Process>();
  return async (heard) => {
    const own: Process = { topics: new Set(), heard };
    processes.add(own);
    return {
      send: (topic, text) => {
        for (const each of processes)
          if (each !== own && each.topics.has(topic)) queueMicrotask(() => each.heard(text));
      },
      listen: (topic) => void own.topics.add(topic),
      leave: (topic) => void own.topics.delete(topic),
      stats: () => ({ topics: own.topics.size }),
      close: async () => void processes.delete(own),
    };
  };
};
