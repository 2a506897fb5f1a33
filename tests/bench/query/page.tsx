/** The page of the bench: the client of the bridge and a virtual list, drawn by React as the views do it. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { connectClient, type KernelClient } from '../../../src/bridge/client';
import type { FoundRow } from '../../../src/bridge/messages';

type Times = { readonly first: number; readonly updates: readonly number[] };
declare global {
  interface Window {
    measure(name: 'kept' | 'rerun', count: number, updates: number): Promise<Times>;
  }
}
const now = (): number => performance.timeOrigin + performance.now();

/** Called with the rows on the screen after the frame that shows them. */
let painted: (rows: readonly FoundRow[], at: number) => void = () => {};

const Row = memo(function Row({ row, top }: { row: FoundRow; top: number }) {
  return (
    <div style={{ position: 'absolute', top, height: 28 }}>
      {String(row.fields.title)} {String(row.fields.due)}
    </div>
  );
});

function List({ client, name }: { client: KernelClient; name: string }) {
  const { subscribe, getSnapshot } = client.store(name);
  const rows = (useSyncExternalStore(subscribe, getSnapshot) ?? []) as readonly FoundRow[];
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 28,
    overscan: 8,
  });
  useLayoutEffect(() => {
    requestAnimationFrame(() => {
      // A task after the frame's own: the frame has been drawn.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => painted(rows, now());
      port2.postMessage(0);
    });
  }, [rows]);
  return (
    <div ref={scroller} style={{ height: 600, overflow: 'auto' }}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index] as FoundRow;
          return <Row key={row.id} row={row} top={start} />;
        })}
      </div>
    </div>
  );
}

window.measure = async (name, count, updates) => {
  const worker = new Worker(new URL('./tasks.worker.ts', import.meta.url), { type: 'module' });
  const client = connectClient(worker as never);
  await client.run('warm', { count: 0, first: '', stamp: '' });
  const shows = (fits: (rows: readonly FoundRow[]) => boolean): Promise<{ rows: readonly FoundRow[]; at: number }> =>
    new Promise((resolve) => {
      painted = (rows, at) => {
        if (fits(rows)) resolve({ rows, at });
      };
    });
  const began = now();
  const root = createRoot(document.getElementById('root') as HTMLElement);
  const first = shows((rows) => rows.length > 0);
  root.render(<List client={client} name={name} />);
  const { rows, at } = await first;
  const top = (rows[0] as FoundRow).id;
  const times: number[] = [];
  for (let i = 0; i < updates; i++) {
    // Changes do not come in step with frames.
    await new Promise((resolve) => setTimeout(resolve, 40 + ((i * 7) % 17)));
    const stamp = `changed ${i}`;
    const shown = shows((now) => now.some(({ id, fields }) => id === top && fields.title === stamp));
    const { at: start } = await client.run('change', { count, first: top, stamp });
    times.push((await shown).at - Number(start));
  }
  root.unmount();
  await client.stop();
  worker.terminate();
  return { first: at - began, updates: times };
};
