/** A link as a QR code: one SVG path of dark modules, drawn without markup from strings. */
import { encode } from 'uqr';

/** `size` in modules, quiet zone of two included; `path` for an SVG of that viewBox. */
export function qrPath(text: string): { readonly size: number; readonly path: string } {
  const code = encode(text, { border: 2, ecc: 'L' });
  let path = '';
  code.data.forEach((row, y) => {
    let x = 0;
    while (x < code.size) {
      if (!row[x]) {
        x += 1;
        continue;
      }
      const from = x;
      while (x < code.size && row[x]) x += 1;
      path += `M${from} ${y}h${x - from}v1h-${x - from}z`;
    }
  });
  return { size: code.size, path };
}
