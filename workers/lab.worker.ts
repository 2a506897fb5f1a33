/**
 * The worker of the network lab: runs an experiment for its page, an order at a time. It does nothing unasked, so that a page that is
 * not looked at costs nothing.
 */
import { hashedCrypto } from '../lab/crypto';
import { type Experiment, openExperiment } from '../lab/experiment';
import type { LabAnswer, LabOrder } from '../lab/messages';
import type { Host } from '../lab/run';

/** One turn of the queue of tasks. */
const turns: (() => void)[] = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => turns.shift()?.();
const host: Host = {
  crypto: () => hashedCrypto(),
  settle: () =>
    new Promise((done) => {
      turns.push(done);
      port2.postMessage(null);
    }),
};

let experiment: Experiment | undefined;
const answerTo = async (order: LabOrder): Promise<LabAnswer> => {
  try {
    if (order.type === 'open') {
      await experiment?.close();
      experiment = await openExperiment(order.settings, host);
    } else await experiment?.do(order);
    if (!experiment) throw new Error('No experiment is open.');
    return { type: 'frame', frame: experiment.frame() };
  } catch (fault) {
    return { type: 'failed', message: fault instanceof Error ? fault.message : String(fault) };
  }
};

let last: Promise<void> = Promise.resolve();
addEventListener('message', ({ data }: MessageEvent<LabOrder>) => {
  last = last.then(async () => postMessage(await answerTo(data)));
});
