/** What `npm run sim` takes from here. */

export { LINKS, SCENARIO } from '../../lab/scenario';
export { simulateCheap } from './cheap';
export { pictureOf } from './picture';
export { loadRelease } from './release';
export { simulate } from './simulate';
export { tableOf } from './table';
