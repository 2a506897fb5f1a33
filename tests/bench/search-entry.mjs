/** What the search benchmark measures, built by itself. */
export { findIn } from '../../src/os/search/find';
export { SearchIndex } from '../../src/os/search/index';
export { readQuestion } from '../../src/os/search/question';
export { stemOf, wordsOf } from '../../src/os/search/words';
