/** What `npm run sim` takes from here. */

export { LINKS, SCENARIO } from '../../lab/scenario';
export { simulateCheap } from './cheap';
export { pictureOf } from './picture';
export { simulate } from './simulate';
export { tableOf } from './table';
