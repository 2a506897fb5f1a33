/** Which objects of a graph name which sealed files: types say by which field. It opens nothing. */
import { isHex } from '../../base/bytes';
import type { Engine, GraphNode } from '../../vm/graph/engine';
import type { BlobId, NodeId } from '../../vm/op/ids';
import { textField } from '../schema/define';
import type { Registry } from '../schema/registry';

/** Of an object, the file that it names. */
export const blobOf = (registry: Pick<Registry, 'typeRule'>, node: GraphNode): BlobId | undefined => {
  const field = registry.typeRule(node.type)?.blob;
  const blob = field === undefined ? '' : textField(node, field);
  return isHex(blob, 32) ? (blob as BlobId) : undefined;
};

/** All files that are named, the removed objects among those that name one, and who names them. */
export const namedBlobs = (
  registry: Pick<Registry, 'typeRule' | 'applicationTypes'>,
  engine: Engine,
): ReadonlyMap<BlobId, readonly NodeId[]> => {
  const named = new Map<BlobId, NodeId[]>();
  for (const [type, { blob }] of registry.applicationTypes())
    for (const node of blob === undefined ? [] : engine.nodesOfType(type)) {
      const id = blobOf(registry, node);
      if (id) named.set(id, [...(named.get(id) ?? []), node.id]);
    }
  return named;
};
