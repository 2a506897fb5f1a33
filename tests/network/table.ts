/** The figures of a simulation for people. */

import { type Outcome, percent } from '../../lab/outcome';
import type { Scenario } from '../../lab/scenario';
import type { CheapOutcome } from './cheap';
import type { Cost } from './simulate';

const ms = (value: number | undefined): string => (value === undefined ? '–' : `${Math.round(value)} ms`);
const bytes = (value: number): string =>
  value >= 10_000 ? `${(value / 1_000).toFixed(1)} kB` : `${Math.round(value)} B`;
const rate = (value: number): string => `${bytes(value)}/s`;

const row = (name: string, value: string): [string, string] => [name, value];

export const tableOf = (scenario: Scenario, outcome: Outcome & Partial<CheapOutcome>, cost: Cost): string => {
  const { delivery, bytesIn, bytesOut, links, kinds, insiders, victim, controlPerDelivery } = outcome;
  const rows: [string, string][] = [
    [
      'nodes',
      `${outcome.nodes}, ${outcome.written} entries written, seed ${scenario.seed}, ${scenario.crypto} crypto${scenario.spread === 'flood' ? ', flooding' : ''}`,
    ],
    [
      'delivery',
      `p50 ${ms(delivery.p50)}, p95 ${ms(delivery.p95)}, p99 ${ms(delivery.p99)}, the last ${ms(delivery.most)}`,
    ],
    [
      'reached',
      `${percent(delivery.reached)} of entry and node, ${percent(delivery.pushed)} of it by push; ${percent(delivery.whole)} of entries reached all`,
    ],
    ['complete', `${percent(outcome.complete)} of nodes hold at the end all that is left of what was written`],
    ...(outcome.promptAfter === undefined
      ? []
      : [row('prompt again', `after ${outcome.promptAfter} s: what was written later reached all within 5 s`)]),
    ['redundancy', `${outcome.redundancy.toFixed(2)} needless copies for each delivery`],
    [
      'links',
      `${links.mean.toFixed(1)} a node (${links.least} to ${links.most}); ${percent(outcome.largestPart)} hang together`,
    ],
    ...(controlPerDelivery === undefined
      ? []
      : [row('control', `${controlPerDelivery.toFixed(2)} messages for each delivery`)]),
    ...(insiders === undefined
      ? []
      : [
          row(
            'insiders',
            `${percent(insiders.inViews)} of neighbours; ${percent(insiders.eclipsed)} of nodes have no others`,
          ),
        ]),
    ...(victim === undefined
      ? []
      : [
          row(
            'the victim',
            `has ${victim.soundLinks} sound links at the worst moment; ${victim.outMs} ms out and ${victim.inMs} ms in at most`,
          ),
        ]),
    ['in, a node', `${rate(bytesIn.p50)} (p95 ${rate(bytesIn.p95)}, most ${rate(bytesIn.most)})`],
    ['out, a node', `${rate(bytesOut.p50)} (p95 ${rate(bytesOut.p95)}, most ${rate(bytesOut.most)})`],
    ...Object.entries(kinds).map(([kind, traffic]): [string, string] => [
      `  ${kind}`,
      `${rate(traffic.bytes)}, ${traffic.messages.toFixed(2)} messages/s`,
    ]),
    ['refused by signaling', saidOf(outcome.signalingRefused)],
    ['cost', `${bytes(cost.bytesPerNode)} a node, ${cost.startMsPerNode.toFixed(1)} ms to start one`],
    ['', `${cost.cpuPerSecond.toFixed(2)} s of processor a virtual second; ${Math.round(cost.wallSeconds)} s in all`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
};

const saidOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ') || 'nothing';
