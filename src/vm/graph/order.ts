/**
 * Fractional indices: texts between any two of which another fits. Compared by UTF-16 code units, ties by node id.
 * A suffix made from the device keeps two devices that insert at one place from choosing the same text.
 */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = DIGITS.length;

/**
 * A text above `a` and below `b`; empty `a` is the beginning, empty `b` the end. `suffix`: a few letters or digits.
 * Where nothing fits (only keys that this function did not make), it gives one just above `a`.
 */
export const orderBetween = (a: string, b: string, suffix: string): string => {
  let tail = '';
  for (const char of suffix) if (DIGITS.includes(char)) tail += char;
  // Never ends in the least digit: nothing would fit below it.
  const end = `${tail}${tail.endsWith('0') || tail === '' ? 'V' : ''}`;
  const between = middle(a, b) + end;
  return between > a && (b === '' || between < b) ? between : `${a}V${end}`;
};

/** A prefix that differs from `b`, so that any suffix keeps it below; above `a` already, or made so by the suffix. */
const middle = (a: string, b: string): string => {
  let prefix = '';
  let open = b === '';
  for (let i = 0; ; i++) {
    const low = i < a.length ? DIGITS.indexOf(a[i] as string) : 0;
    const high = open || i >= b.length ? BASE : DIGITS.indexOf(b[i] as string);
    if (low < 0 || high < 0 || low > high) return prefix;
    if (high - low > 1) {
      // Close to the beginning at the open end, so that appending again and again grows slowly.
      const step = open && i < a.length ? Math.min(8, (high - low) >> 1) : (high - low) >> 1;
      return prefix + DIGITS[low + Math.max(1, step)];
    }
    prefix += DIGITS[low];
    if (low < high) open = true;
  }
};
