/** Sorts addresses in place, in the order `compare` gives them: heap sort, so that no input is slow. */
import { get, set } from './heap';

export function sort(from: u32, count: u32, compare: (a: u32, b: u32) => i32): void {
  if (count < 12) {
    for (let i: u32 = 1; i < count; i++) {
      const item = get(from + (i << 2));
      let j: u32 = i;
      for (; j > 0 && compare(get(from + ((j - 1) << 2)), item) > 0; j--) set(from + (j << 2), get(from + ((j - 1) << 2)));
      set(from + (j << 2), item);
    }
    return;
  }
  for (let i = count >> 1; i > 0; i--) sink(from, i - 1, count, compare);
  for (let end = count - 1; end > 0; end--) {
    const largest = get(from);
    set(from, get(from + (end << 2)));
    set(from + (end << 2), largest);
    sink(from, 0, end, compare);
  }
}
function sink(from: u32, start: u32, count: u32, compare: (a: u32, b: u32) => i32): void {
  const item = get(from + (start << 2));
  let i: u32 = start;
  while (true) {
    let child: u32 = 2 * i + 1;
    if (child >= count) break;
    if (child + 1 < count && compare(get(from + (child << 2)), get(from + ((child + 1) << 2))) < 0) child++;
    if (compare(item, get(from + (child << 2))) >= 0) break;
    set(from + (i << 2), get(from + (child << 2)));
    i = child;
  }
  set(from + (i << 2), item);
}
