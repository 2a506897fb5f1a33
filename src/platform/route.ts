/** Which way a connection takes, by the kinds of the two addresses that ICE chose; the rule RO1 is in `browser/route.ts`. */
import type { Route } from '../ports';

/** `host`, `srflx`, `prflx` or `relay`, as ICE calls them. */
export const routeBetween = (local: string, remote: string): Route => {
  if (local === 'relay' || remote === 'relay') return 'turn';
  return local === 'srflx' || local === 'prflx' || remote === 'srflx' ? 'nat' : 'host';
};
