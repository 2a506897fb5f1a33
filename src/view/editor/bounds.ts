/**
 * Attributes that a peer's changed client may set to anything, held to what a page can draw. A table cell that says it spans a
 * billion columns would have every reader's page reserve a place for each of them. Bounded where any node is made, from Yjs, from
 * the clipboard or by hand; the document itself is not rewritten for it.
 */
import { Extension } from '@tiptap/core';
import type { Attrs, NodeType } from '@tiptap/pm/model';

const MAX_SPAN = 64;
const MAX_WIDTH = 4_000;
const MAX_START = 1_000_000;

const spanOf = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 ? Math.min(value, MAX_SPAN) : 1;
const isWidth = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_WIDTH;

/** The attributes of a cell, each within its bounds; widths only where there is one for each column. */
export const boundedCell = (attributes: Attrs): Attrs => {
  const colspan = spanOf(attributes.colspan);
  const { colwidth } = attributes;
  const widths = Array.isArray(colwidth) && colwidth.length === colspan && colwidth.every(isWidth);
  return { ...attributes, colspan, rowspan: spanOf(attributes.rowspan), colwidth: widths ? colwidth : null };
};
const boundedList = (attributes: Attrs): Attrs => {
  const { start } = attributes;
  const isStart = typeof start === 'number' && Number.isInteger(start) && Math.abs(start) <= MAX_START;
  return { ...attributes, start: isStart ? start : 1 };
};

type Computing = NodeType & { computeAttrs(attributes: Attrs | null): Attrs };
const bound = (type: NodeType | undefined, within: (attributes: Attrs) => Attrs): void => {
  const computing = type as Computing | undefined;
  if (!computing) return;
  const compute = computing.computeAttrs.bind(computing);
  computing.computeAttrs = (attributes) => within(compute(attributes));
};

export const Bounds = Extension.create({
  name: 'bounds',
  onBeforeCreate() {
    const { nodes } = this.editor.schema;
    bound(nodes.tableCell, boundedCell);
    bound(nodes.tableHeader, boundedCell);
    bound(nodes.orderedList, boundedList);
  },
});
