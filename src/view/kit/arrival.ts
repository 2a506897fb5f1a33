/**
 * Where the keys go when a view appears. A view appears when its data does, which can be after a person has opened
 * a menu or begun to type elsewhere: what they began keeps the keys, or the menu would close under their hand.
 */
const BEGUN = '.over, input, textarea, [contenteditable="true"]';

export function focusOnArrival(field: HTMLElement | null): void {
  if (!document.activeElement?.closest(BEGUN)) field?.focus();
}
