/** What the applications declare, asked of the host once a question and kept with the state: an image names its answers. */
import { alloc, get, H_PARENT_KEY, H_RULES, hashPair, insert, itemIn, makeTable, mask, set, slotAt, slots } from './heap';
import { E_AUTHOR, E_ROLE, NAME, str } from './intern';

/** 0 author, 1 members, 2 admins. `what`: 0 a field (type, key), 1 a deletion (type), 2 a relation. */
@external("host", "rule")
declare function askRule(what: u32, a: u32, b: u32): u32;

export const AUTHOR: u32 = 0;
export const MEMBERS: u32 = 1;
export const ADMINS: u32 = 2;
export const FIELD: u32 = 0;
export const DELETION: u32 = 1;
export const RELATION: u32 = 2;

const GUEST: u32 = 3;
const PARENT: u32 = <u32>memory.data<u8>([112, 97, 114, 101, 110, 116]);

export function makeRules(): void {
  set(H_RULES, makeTable());
  set(H_PARENT_KEY, str(NAME, PARENT, 6));
}

/** The last answers, by address: {question, answer} each; not part of the state. */
const RECENT: u32 = <u32>memory.data(64 * 16, 16);

// {what, a, b, answer}
export function rule(what: u32, a: u32, b: u32): u32 {
  const recent = RECENT + (((a ^ (b >> 1)) & 252) << 2);
  if (get(recent) == a && get(recent + 4) == b && get(recent + 8) == what) return get(recent + 12);
  const answer = known(what, a, b);
  set(recent, a);
  set(recent + 4, b);
  set(recent + 8, what);
  set(recent + 12, answer);
  return answer;
}
function known(what: u32, a: u32, b: u32): u32 {
  const table = get(H_RULES);
  const hash = hashPair(a, b) + what;
  const m = mask(table);
  const s = slots(table);
  for (let i = hash & m; ; i = (i + 1) & m) {
    const asked = itemIn(slotAt(s, i));
    if (!asked) break;
    if (get(asked) == what && get(asked + 4) == a && get(asked + 8) == b) return get(asked + 12);
  }
  const answer = askRule(what, a, b);
  const made = alloc(16);
  set(made, what);
  set(made + 4, a);
  set(made + 8, b);
  set(made + 12, answer);
  insert(table, hash, made);
  return answer;
}
/** Whether the host answers all as it did when the image was made. */
export function rulesHold(): bool {
  const table = get(H_RULES);
  const m = mask(table);
  for (let i: u32 = 0; i <= m; i++) {
    const known = itemIn(slotAt(slots(table), i));
    if (known && askRule(get(known), get(known + 4), get(known + 8)) != get(known + 12)) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline export function role(entry: u32): u32 { return get(entry + E_ROLE) & 255; }
// @ts-ignore: decorator
@inline export function isAdmin(entry: u32): bool { return role(entry) < 2; }
// @ts-ignore: decorator
@inline export function isGuest(entry: u32): bool { return role(entry) == GUEST; }

export function mayWrite(writable: u32, entry: u32, owner: u32): bool {
  if (writable == AUTHOR) return get(entry + E_AUTHOR) == owner;
  if (writable == ADMINS) return isAdmin(entry);
  return !isGuest(entry) || get(entry + E_AUTHOR) == owner;
}
