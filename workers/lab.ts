/** What a page calls to have a network lab: a worker of its own, which takes orders (`lab/messages`) and answers each. */
export const openLab = (): Worker =>
  new Worker(new URL('./lab.worker.ts', import.meta.url), { type: 'module', name: 'lab' });
