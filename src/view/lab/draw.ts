/**
 * Draws a moment of a network: who is there and linked, and how the newest entry goes. It decides what is seen at a time, and asks for
 * colours by name. Shape says what a node is, fill whether it has the entry; colour only repeats it.
 */
import type { LabEntry, LabFrame, LabHop, LabKind, LabNetwork } from '../../../lab/messages';
import type { Point } from './layout';

export const INKS = [
  'text',
  'text-3',
  'line',
  'control',
  'panel',
  'human',
  'human-fill',
  'network-fill',
  'danger',
  'warning',
] as const;
export type Inks = Readonly<Record<(typeof INKS)[number], string>>;
/** What is drawn is so much older than what is known, virtual ms: by then it is known what was under way. */
export const BEHIND_MS = 400;
const RIPPLE_MS = 500;

export type Scene = {
  readonly frame: LabFrame;
  readonly network: LabNetwork;
  readonly places: readonly Point[];
  /** Virtual ms. */
  readonly at: number;
  /** Nothing moves: no ripples, and nothing under way. */
  readonly still: boolean;
};
/** The newest entry that had been written, what of it had come, and what was on its way. */
export const entryAt = (
  entries: readonly LabEntry[],
  at: number,
): { readonly entry: LabEntry; readonly came: readonly LabHop[]; readonly underWay: readonly LabHop[] } | undefined => {
  const entry = entries.findLast(({ writtenAt }) => writtenAt <= at);
  return (
    entry && {
      entry,
      came: entry.hops.filter((hop) => hop.at <= at),
      underWay: entry.hops.filter((hop) => hop.sentAt <= at && hop.at > at),
    }
  );
};

export const drawScene = (pen: CanvasRenderingContext2D, size: number, inks: Inks, scene: Scene): void => {
  const { frame, network, places, at, still } = scene;
  const half = size / 2;
  const dot = Math.max(4, Math.min(9, (size / frame.kinds.length) * 0.7));
  const scale = half - dot - 3;
  const pointOf = (place: number): Point => {
    const { x = 0, y = 0 } = places[place] ?? {};
    return { x: half + x * scale, y: half + y * scale };
  };
  const line = (from: number, to: number): void => {
    const [a, b] = [pointOf(from), pointOf(to)];
    pen.beginPath();
    pen.moveTo(a.x, a.y);
    pen.lineTo(b.x, b.y);
    pen.stroke();
  };
  pen.clearRect(0, 0, size, size);
  pen.lineCap = 'round';

  pen.strokeStyle = inks.line;
  pen.lineWidth = 1;
  for (let i = 0; i < network.links.length; i += 2) line(network.links[i] as number, network.links[i + 1] as number);

  const shown = entryAt(network.entries, at);
  const hasSince = new Map<number, number>(shown ? [[shown.entry.author, shown.entry.writtenAt]] : []);
  for (const { to, at: came, isFirst } of shown?.came ?? []) if (isFirst) hasSince.set(to, came);
  pen.strokeStyle = inks.warning;
  pen.setLineDash([2, 4]);
  for (const { from, to, isFirst } of shown?.came ?? []) if (!isFirst) line(from, to);
  pen.setLineDash([]);
  pen.strokeStyle = inks.human;
  pen.lineWidth = 1.75;
  for (const { from, to, isFirst } of shown?.came ?? []) if (isFirst) line(from, to);
  if (!still)
    for (const { from, to, sentAt, at: comes, isFirst } of shown?.underWay ?? []) {
      const way = (at - sentAt) / Math.max(1, comes - sentAt);
      const [a, b] = [pointOf(from), pointOf(to)];
      pen.fillStyle = isFirst ? inks.human : inks.warning;
      pen.beginPath();
      pen.arc(a.x + (b.x - a.x) * way, a.y + (b.y - a.y) * way, Math.max(2, dot * 0.4), 0, 2 * Math.PI);
      pen.fill();
    }

  for (const [place, kind] of frame.kinds.entries()) {
    const { x, y } = pointOf(place);
    const since = hasSince.get(place);
    if (!still && since !== undefined && at - since < RIPPLE_MS) {
      const grown = (at - since) / RIPPLE_MS;
      pen.globalAlpha = 1 - grown;
      pen.strokeStyle = inks.human;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.arc(x, y, dot * (1 + 1.6 * grown), 0, 2 * Math.PI);
      pen.stroke();
      pen.globalAlpha = 1;
    }
    drawNode(pen, inks, { x, y, dot, kind, isUp: network.up[place] === 1, has: since !== undefined });
    if (shown?.entry.author === place && network.up[place] === 1) {
      pen.strokeStyle = inks.text;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.arc(x, y, dot + 3, 0, 2 * Math.PI);
      pen.stroke();
    }
  }
};

const outline = (pen: CanvasRenderingContext2D, kind: LabKind, { x, y }: Point, r: number): void => {
  pen.beginPath();
  if (kind === 'tab') pen.arc(x, y, r, 0, 2 * Math.PI);
  else if (kind === 'beacon') pen.roundRect(x - r, y - r, 2 * r, 2 * r, r * 0.4);
  else {
    const corners = kind === 'grey' ? 4 : 3;
    for (let i = 0; i < corners; i++) {
      const angle = (2 * Math.PI * i) / corners - Math.PI / 2;
      pen[i === 0 ? 'moveTo' : 'lineTo'](x + 1.2 * r * Math.cos(angle), y + 1.2 * r * Math.sin(angle));
    }
    pen.closePath();
  }
};
const drawNode = (
  pen: CanvasRenderingContext2D,
  inks: Inks,
  node: Point & { readonly dot: number; readonly kind: LabKind; readonly isUp: boolean; readonly has: boolean },
): void => {
  const { dot, kind, isUp, has } = node;
  outline(pen, kind, node, isUp ? dot : dot - 1);
  // What lies below shows through nobody.
  pen.fillStyle = inks.panel;
  pen.fill();
  if (!isUp) {
    pen.strokeStyle = inks.control;
    pen.lineWidth = 1.25;
    pen.setLineDash([2, 3]);
    pen.stroke();
    pen.setLineDash([]);
    return;
  }
  const own = kind === 'beacon' ? inks['network-fill'] : kind === 'tab' ? inks['human-fill'] : inks.danger;
  if (has || kind === 'beacon') {
    pen.fillStyle = own;
    pen.fill();
  }
  pen.strokeStyle = has || kind !== 'tab' ? own : inks['text-3'];
  pen.lineWidth = 1.5;
  pen.stroke();
};
