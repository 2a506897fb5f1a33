/**
 * What a page and its workers hold once their garbage was collected, asked of the browser itself through its debugger. What is
 * asked for must not be kept by asking: each object that an answer names is let go of.
 */
/** Asks a worker through its page. */
const workerOf = (cdp, sessionId) => {
  let last = 0;
  const waiting = new Map();
  const listeners = [];
  cdp.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return;
    const { method, params } = JSON.parse(event.message);
    if (method) for (const [name, run] of listeners) if (name === method) run(params);
    const { id, result, error } = JSON.parse(event.message);
    waiting.get(id)?.(error ? Promise.reject(new Error(error.message)) : result);
    waiting.delete(id);
  });
  return {
    on: (name, run) => listeners.push([name, run]),
    send: (method, params = {}) =>
      new Promise((done) => {
        last++;
        waiting.set(last, done);
        void cdp.send('Target.sendMessageToTarget', {
          sessionId,
          message: JSON.stringify({ id: last, method, params }),
        });
      }),
  };
};

/** How many objects of a class there are, and what a function of all of them gives. */
const objectsOf = async (session, name, of = 'function () { return this.length; }') => {
  const { result } = await session.send('Runtime.evaluate', {
    expression: `typeof ${name} === 'undefined' ? null : ${name}.prototype`,
    objectGroup: 'inside',
  });
  if (!result.objectId) return 0;
  const { objects } = await session.send('Runtime.queryObjects', {
    prototypeObjectId: result.objectId,
    objectGroup: 'inside',
  });
  const counted = await session.send('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    functionDeclaration: of,
    returnByValue: true,
  });
  await session.send('Runtime.releaseObjectGroup', { objectGroup: 'inside' });
  return counted.result.value;
};
const BYTES = 'function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }';
const OPEN =
  'function () { return this.filter((each) => !(each.readyState > 1 || each.connectionState === "closed")).length; }';

const collect = async (session) => {
  // What is let go of by one round is found by the next.
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
};
const heapOf = async (session) => {
  await collect(session);
  const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await session.send('Runtime.getHeapUsage');
  return { used: usedSize, outside: embedderHeapUsedSize, buffers: backingStorageSize };
};

/** Gives `sample()`, and the sessions themselves. */
export const lookInside = async (page) => {
  const cdp = await page.context().newCDPSession(page);
  const workers = new Map();
  cdp.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') workers.set(sessionId, workerOf(cdp, sessionId));
  });
  cdp.on('Target.detachedFromTarget', ({ sessionId }) => workers.delete(sessionId));
  await cdp.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  await cdp.send('Performance.enable');
  const sample = async () => {
    const own = await heapOf(cdp);
    const each = [];
    for (const worker of workers.values())
      each.push({
        ...(await heapOf(worker)),
        wasm: await objectsOf(worker, 'WebAssembly.Memory', BYTES),
        sockets: await objectsOf(worker, 'WebSocket', OPEN),
        ports: await objectsOf(worker, 'MessagePort'),
      });
    const sum = (name) => each.reduce((all, worker) => all + worker[name], 0);
    const { metrics } = await cdp.send('Performance.getMetrics');
    const metric = (name) => metrics.find((each) => each.name === name)?.value ?? 0;
    return {
      page: own.used,
      pageOutside: own.outside,
      pageBuffers: own.buffers,
      worker: sum('used'),
      workerOutside: sum('outside'),
      workerBuffers: sum('buffers'),
      workers: each.length,
      wasm: sum('wasm'),
      sockets: sum('sockets'),
      ports: sum('ports'),
      nodes: metric('Nodes'),
      listeners: metric('JSEventListeners'),
      documents: metric('Documents'),
      peers: await objectsOf(cdp, 'RTCPeerConnection', OPEN),
      peersAll: await objectsOf(cdp, 'RTCPeerConnection'),
      pagePorts: await objectsOf(cdp, 'MessagePort'),
      ...(await page.evaluate(async () => {
        const { usage, usageDetails = {} } = await navigator.storage.estimate();
        return { stored: usage, indexedDB: usageDetails.indexedDB ?? 0, files: usageDetails.fileSystem ?? 0 };
      })),
      ...(await page.evaluate(async () => {
        const { entriesHeld, bytesHeld, liveQueries, links } = await lgos.stats();
        return { entries: entriesHeld, bytes: bytesHeld, liveQueries, links };
      })),
    };
  };
  return { sample, page: cdp, workers };
};
