/** Times that a snooze may end at, by the local calendar. Pure. */

const MORNING = 9;
const at = (day: Date, add: number): number =>
  new Date(day.getFullYear(), day.getMonth(), day.getDate() + add, MORNING).getTime();

type Ending = { readonly key: 'later' | 'tomorrow' | 'week'; readonly until: number };

/** In three hours, tomorrow morning, and the morning of the next Monday. */
export function endings(now: number): readonly Ending[] {
  const day = new Date(now);
  const toMonday = (8 - day.getDay()) % 7 || 7;
  return [
    { key: 'later', until: now + 3 * 3_600_000 },
    { key: 'tomorrow', until: at(day, 1) },
    { key: 'week', until: at(day, toMonday) },
  ];
}
