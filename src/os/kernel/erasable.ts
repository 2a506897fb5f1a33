/**
 * What may be erased: entries about one node of a type that is declared so, with fields alone. Text, moves and blobs are
 * left out, because what came later builds on them, or lies elsewhere. Decides of ops, when they are sealed and when opened.
 */
import { encode } from '../../base/codec';
import { bodyCodec, MAX_OPS_BYTES, type Op, type OpOf } from '../../vm/op/body';
import type { NodeId } from '../../vm/op/ids';
import type { TypeRule } from '../schema/define';

type RuleOf = (type: string) => TypeRule | undefined;

/** Whether an erasable entry may hold it. Of a node that is made elsewhere the type is not asked: its maker declared it. */
export const isErasable = (op: OpOf<unknown, unknown>, ruleOf: RuleOf): boolean => {
  switch (op.type) {
    case 'nodeNew':
      return ruleOf(op.nodeType)?.erasable !== undefined;
    case 'fieldSet':
    case 'nodeDel':
    case 'nodeRestore':
    case 'unknown':
      return true;
    default:
      return false;
  }
};

/** The only node that these ops are about, where they are to be sealed as erasable. `typeOf`: of a node that is here. */
export const erasableNode = (
  ops: readonly Op[],
  typeOf: (node: NodeId) => string | undefined,
  ruleOf: RuleOf,
): NodeId | undefined => {
  const [first] = ops;
  if (!first || !('node' in first)) return undefined;
  const { node } = first;
  const type = first.type === 'nodeNew' ? first.nodeType : typeOf(node);
  if (type === undefined || ruleOf(type)?.erasable === undefined) return undefined;
  const alone = ops.every((op) => 'node' in op && op.node === node && isErasable(op, ruleOf));
  return alone && encode(bodyCodec, ops).length <= MAX_OPS_BYTES ? node : undefined;
};
