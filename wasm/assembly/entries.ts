/**
 * Which entry knew of which: the causal past by log order and by the entries each names. Also finds forks.
 * Rests on admission: an entry's stamp is above those of its predecessor and of all that it names.
 */
import { alloc, at, empty, get, H_COUNT_ENTRIES, H_STACK, H_VISIT, lengthOf, push, set } from './heap';
import {
  aux,
  E_BESIDE,
  E_DEPS,
  E_HLC,
  E_LOG,
  E_PREV,
  E_ROLE,
  E_SEQ,
  E_VISIT,
  KNOWN,
  placed,
  putPlaced,
  setAux,
} from './intern';

// @ts-ignore: decorator
@inline export function isKnown(entry: u32): bool { return (get(entry + E_ROLE) & KNOWN) != 0; }

/** The first place of a log that two entries claim. */
function forkedAt(log: u32): f64 {
  const fork = aux(log);
  return fork ? load<f64>(fork) : Infinity;
}

/** Takes its place in its log; tells whether another holds the same. */
export function takePlace(entry: u32): bool {
  set(H_COUNT_ENTRIES, get(H_COUNT_ENTRIES) + 1);
  const log = get(entry + E_LOG);
  const seq = load<f64>(entry + E_SEQ);
  const first = placed(log, seq);
  if (!first) {
    putPlaced(entry);
    return false;
  }
  set(entry + E_BESIDE, get(first + E_BESIDE));
  set(first + E_BESIDE, entry);
  let fork = aux(log);
  if (!fork) {
    fork = alloc(8);
    setAux(log, fork);
    store<f64>(fork, seq);
  } else if (seq < load<f64>(fork)) store<f64>(fork, seq);
  return true;
}

/** Whether the author of `later` had `earlier` in the past. Walks back no further than `earlier`'s own stamp. */
export function precedes(earlier: u32, later: u32): bool {
  const hlc = load<f64>(earlier + E_HLC);
  if (hlc >= load<f64>(later + E_HLC)) return false;
  const log = get(earlier + E_LOG);
  const seq = load<f64>(earlier + E_SEQ);
  // Up to there all branches of its log are one.
  const shared = seq < forkedAt(log);
  const visit = get(H_VISIT) + 1;
  set(H_VISIT, visit);
  empty(H_STACK);
  push(H_STACK, later);
  while (lengthOf(H_STACK) > 0) {
    const last = lengthOf(H_STACK) - 1;
    const each = at(H_STACK, last);
    set(H_STACK + 4, last);
    if (each == earlier || (shared && get(each + E_LOG) == log && load<f64>(each + E_SEQ) > seq)) return true;
    if (load<f64>(each + E_HLC) <= hlc || get(each + E_VISIT) == visit) continue;
    set(each + E_VISIT, visit);
    const deps = get(each + E_DEPS);
    if (deps) {
      const end = deps + 4 + (get(deps) << 2);
      for (let i = deps + 4; i < end; i += 4) if (isKnown(get(i))) push(H_STACK, get(i));
    }
    const prev = get(each + E_PREV);
    let before = placed(get(each + E_LOG), load<f64>(each + E_SEQ) - 1);
    for (; before; before = get(before + E_BESIDE)) {
      if (prev == 0 || prev == before) push(H_STACK, before);
    }
  }
  return false;
}
