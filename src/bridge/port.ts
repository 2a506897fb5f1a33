/**
 * A port: anything that carries structured messages both ways in order: MessagePort, BroadcastChannel, a pair in a test.
 * One port carries two lanes: `calls` (Comlink) and `live` (answers and documents), so that neither reads the other's.
 */
export type PortEvent = { readonly data: unknown };
export type Port = {
  postMessage(data: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: PortEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: PortEvent) => void): void;
  start?(): void;
};
export type LaneName = 'calls' | 'live';
/**
 * A lane never closes the port under it; `close` takes its listeners away, and nothing goes out afterwards: Comlink says goodbye for a
 * proxy that was collected, and the goodbye of an earlier session would end the calls of the present one.
 */
export type Lane = Port & { close(): void };

const isFor = (data: unknown, lane: LaneName): data is { lane: LaneName; data: unknown } =>
  typeof data === 'object' && data !== null && 'lane' in data && data.lane === lane && 'data' in data;

export const openLane = (port: Port, name: LaneName): Lane => {
  const listeners = new Set<(event: PortEvent) => void>();
  const receive = (event: PortEvent): void => {
    if (!isFor(event.data, name)) return;
    const inner = { data: event.data.data };
    for (const listener of [...listeners]) listener(inner);
  };
  let closed = false;
  port.addEventListener('message', receive);
  return {
    postMessage: (data, transfer) => {
      if (!closed) port.postMessage({ lane: name, data }, transfer);
    },
    addEventListener: (_, listener) => void listeners.add(listener),
    removeEventListener: (_, listener) => void listeners.delete(listener),
    start: () => port.start?.(),
    close: () => {
      closed = true;
      listeners.clear();
      port.removeEventListener('message', receive);
    },
  };
};
