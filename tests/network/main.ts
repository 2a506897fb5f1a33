/** What `npm run sim` takes from here. */
export { simulateCheap } from './cheap';
export { pictureOf } from './picture';
export { LINKS, SCENARIO } from './scenario';
export { simulate } from './simulate';
export { tableOf } from './table';
