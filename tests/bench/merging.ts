/** What the benchmark of merging needs of the project, in one bundle. */

export { toHex } from '../../src/base/bytes';
export { encode } from '../../src/base/codec';
export { sha256 } from '../../src/base/hash';
export { graphModule } from '../../src/platform/engine';
export { createFold } from '../../src/vm/graph/fold';
export { createStore, openStore } from '../../src/vm/graph/store/store';
export { bodyCodec } from '../../src/vm/op/body';
export { hlcOf } from '../../src/vm/op/clock';
export { logIdOf, nodeIdOf, outlineShardOf } from '../../src/vm/op/ids';
