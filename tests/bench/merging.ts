/** What the benchmarks of merging need of the project, in one bundle. */

export { toHex } from '../../src/base/bytes';
export { sha256 } from '../../src/base/hash';
export { follow } from '../../src/os/graph/follow';
export { Indexes } from '../../src/os/graph/indexes';
export { graphModule } from '../../src/platform/engine';
export { memoryStorage } from '../../src/platform/memory/storage';
export { createStore, openStore } from '../../src/vm/graph/store/store';
export { Journal } from '../../src/vm/journal/journal';
export { hlcOf } from '../../src/vm/op/clock';
export { encodeEntry } from '../../src/vm/op/entry';
export { logIdOf, nodeIdOf, outlineShardOf } from '../../src/vm/op/ids';
export { decodeBody, encodeBody } from '../../src/vm/op/tables';
export { createFold } from '../support/fold/fold';
export { sealWorkload } from './sealed';
