/**
 * Draws how costs grow: one panel a curve, both axes in powers of ten, what was measured in full and what was predicted in dashes.
 * And how they go over time: both axes plain, from nothing.
 */

const [WIDTH, HEIGHT] = [350, 190];
const [LEFT, RIGHT, TOP, BOTTOM] = [54, 14, 34, 34];
const COLUMNS = 2;

const said = (value) =>
  value >= 1e6 ? `${value / 1e6}M` : value >= 1e3 ? `${value / 1e3}k` : String(Number(value.toPrecision(3)));
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** `points`: [how many, value], ascending; `beside`: of what it is compared with. `power`: how the prediction grows, 1 or 0; it goes through the middle point. */
const panel = ({ title, unit, points, beside = [], power }, x0, y0) => {
  const anchor = points[Math.floor((points.length - 1) / 2)];
  const predicted = points.map(([n]) => [n, anchor[1] * (n / anchor[0]) ** power]);
  const values = [...points, ...beside, ...predicted].map(([, value]) => value);
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const [first, last] = [Math.log10(points[0][0]), Math.log10(points.at(-1)[0])];
  const x = (n) => x0 + LEFT + ((Math.log10(n) - first) / Math.max(1, last - first)) * (WIDTH - LEFT - RIGHT);
  const y = (value) => y0 + HEIGHT - BOTTOM - ((Math.log10(value) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const line = (some) => some.map(([n, value]) => `${x(n).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const lines = [];
  for (let power10 = low; power10 <= high; power10++) {
    const at = y(10 ** power10).toFixed(1);
    lines.push(
      `<line class="grid" x1="${x0 + LEFT}" x2="${x0 + WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`,
      `<text class="axis" text-anchor="end" x="${x0 + LEFT - 6}" y="${Number(at) + 3.5}">${said(10 ** power10)}</text>`,
    );
  }
  for (const [n] of points)
    lines.push(
      `<text class="axis" text-anchor="middle" x="${x(n).toFixed(1)}" y="${y0 + HEIGHT - BOTTOM + 15}">${said(n)}</text>`,
    );
  return [
    `<text class="title" x="${x0 + 8}" y="${y0 + 18}">${escaped(title)}, ${unit}</text>`,
    ...lines,
    `<polyline class="predicted" points="${line(predicted)}"/>`,
    `<polyline class="other" points="${line(beside)}"/>`,
    `<polyline class="measured" points="${line(points)}"/>`,
    ...points.map(
      ([n, value]) =>
        `<circle cx="${x(n).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3.2"><title>${escaped(`${said(n)}: ${value} ${unit}`)}</title></circle>`,
    ),
  ].join('\n');
};

/** `lines`: name -> [time, value] ascending, at most two. */
const timePanel = ({ title, unit, lines }, x0, y0) => {
  const all = Object.values(lines).flat();
  const [last, high] = [Math.max(...all.map(([at]) => at)), Math.max(...all.map(([, value]) => value)) * 1.1];
  const x = (at) => x0 + LEFT + (at / last) * (WIDTH - LEFT - RIGHT);
  const y = (value) => y0 + HEIGHT - BOTTOM - (value / high) * (HEIGHT - TOP - BOTTOM);
  const levels = [0, high / 2.2, high / 1.1];
  return [
    `<text class="title" x="${x0 + 8}" y="${y0 + 18}">${escaped(title)}, ${unit}</text>`,
    ...levels.flatMap((value) => [
      `<line class="grid" x1="${x0 + LEFT}" x2="${x0 + WIDTH - RIGHT}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/>`,
      `<text class="axis" text-anchor="end" x="${x0 + LEFT - 6}" y="${(y(value) + 3.5).toFixed(1)}">${said(Number(value.toPrecision(3)))}</text>`,
    ]),
    ...[0, last / 2, last].map(
      (at) =>
        `<text class="axis" text-anchor="middle" x="${x(at).toFixed(1)}" y="${y0 + HEIGHT - BOTTOM + 15}">${said(at)}</text>`,
    ),
    ...Object.values(lines).map(
      (points, i) =>
        `<polyline class="${i === 0 ? 'measured' : 'other'}" points="${points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}"/>`,
    ),
  ].join('\n');
};

const sheet = (panels, one, label, legend) => {
  const rows = Math.ceil(panels.length / COLUMNS);
  const [width, height] = [WIDTH * COLUMNS, HEIGHT * rows + 24];
  const drawn = panels.map((each, i) => one(each, (i % COLUMNS) * WIDTH, Math.floor(i / COLUMNS) * HEIGHT));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
<style>
text { font: 11px system-ui, sans-serif; fill: #57606a }
.title { font-size: 12px; font-weight: 600; fill: #1f2328 }
.grid { stroke: #d8dee4; stroke-width: 1 }
.measured { fill: none; stroke: #0969da; stroke-width: 2 }
.predicted { fill: none; stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 4 4 }
.other { fill: none; stroke: #bf8700; stroke-width: 2 }
circle { fill: #0969da }
</style>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${drawn.join('\n')}
<text x="${LEFT}" y="${height - 8}">${legend}</text>
</svg>
`;
};

export const drawGrowth = (panels, label, legend) => sheet(panels, panel, label, legend);
export const drawTime = (panels, label, legend) => sheet(panels, timePanel, label, legend);
