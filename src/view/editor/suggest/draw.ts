/**
 * Proposed changes in the text: what would go is struck through, what would come is underlined, in the colour of whoever
 * proposed it. Two ways: over the document as it is (`drawProposed`, changes of others), and over a person's own draft of it
 * (`drawOwn`). Decorations only: nothing here changes a document.
 */
import { DOMSerializer, Fragment, type Node } from '@tiptap/pm/model';
import { Decoration } from '@tiptap/pm/view';
import { type Change, changesOf, idOf, placesIn, type Spot, spotOf, wordChanges } from './change';

export type Hand = {
  readonly id: string;
  /** The class that gives the colour. */
  readonly hue: string;
  readonly current: boolean;
};

const classes = (kind: string, hand: Hand): string => `sug ${kind} ${hand.hue} ${hand.current ? 'on' : ''}`;

/** A piece that is not in the document, shown in it. */
function piece(
  content: Fragment,
  schema: Node['type']['schema'],
  kind: 'ins' | 'del',
  hand: Hand,
  block: boolean,
): HTMLElement {
  const element = document.createElement(block ? 'div' : kind);
  element.className = classes(`sug-${kind} ${block ? 'whole' : ''} shown`, hand);
  element.contentEditable = 'false';
  element.dataset.suggestion = hand.id;
  element.append(DOMSerializer.fromSchema(schema).serializeFragment(content));
  // What is only shown takes no focus and answers no click of its own.
  for (const inner of element.querySelectorAll('a, button, input')) inner.setAttribute('tabindex', '-1');
  return element;
}

function shown(
  at: number,
  content: Fragment,
  node: Node,
  kind: 'ins' | 'del',
  hand: Hand,
  block: boolean,
  side: number,
) {
  const { schema } = node.type;
  return Decoration.widget(at, () => piece(content, schema, kind, hand, block), {
    key: `${hand.id} ${kind} ${block} ${hand.current} ${hand.hue} ${content.toString()}`,
    side,
    ignoreSelection: true,
  });
}

const over = (from: number, to: number, kind: 'ins' | 'del', hand: Hand): Decoration =>
  Decoration.inline(from, to, { class: classes(`sug-${kind}`, hand), 'data-suggestion': hand.id, nodeName: kind });

/** A change of somebody else over the document; `spot` is where it stands now. */
export function drawProposed(change: Change, spot: Spot, doc: Node, hand: Hand): readonly Decoration[] {
  const drawn: Decoration[] = [];
  const proposedById = new Map(change.proposed.map((node) => [idOf(node), node]));
  const kept = new Set(spot.now.map(idOf));
  const put = (nodes: readonly Node[], at: number): void => {
    for (const node of nodes) drawn.push(shown(at, asFragment(node), doc, 'ins', hand, true, 1));
  };
  // New blocks stand after the last kept one that they follow.
  const newAfter = new Map<string, Node[]>();
  let last = '';
  for (const node of change.proposed) {
    if (kept.has(idOf(node))) last = idOf(node);
    else newAfter.set(last, [...(newAfter.get(last) ?? []), node]);
  }
  put(newAfter.get('') ?? [], spot.from);
  let at = spot.from;
  for (const node of spot.now) {
    const wanted = proposedById.get(idOf(node));
    if (!wanted)
      drawn.push(
        Decoration.node(at, at + node.nodeSize, { class: classes('sug-del whole', hand), 'data-suggestion': hand.id }),
      );
    else if (node.isTextblock && wanted.isTextblock) {
      const turned = !node.hasMarkup(wanted.type, wanted.attrs);
      if (turned) drawn.push(Decoration.node(at, at + node.nodeSize, { class: classes('turned', hand) }));
      for (const { from, to, nextFrom, nextTo } of wordChanges(node, wanted)) {
        if (to > from) drawn.push(over(at + 1 + from, at + 1 + to, 'del', hand));
        if (nextTo > nextFrom)
          drawn.push(shown(at + 1 + to, wanted.content.cut(nextFrom, nextTo), doc, 'ins', hand, false, 1));
      }
    } else if (!node.eq(wanted)) {
      drawn.push(
        Decoration.node(at, at + node.nodeSize, { class: classes('sug-del whole', hand), 'data-suggestion': hand.id }),
      );
      put([wanted], at + node.nodeSize);
    }
    at += node.nodeSize;
    put(newAfter.get(idOf(node)) ?? [], at);
  }
  return drawn;
}

/** A person's own changes over their draft. Gives also where each stands. */
export function drawOwn(
  base: Node,
  draft: Node,
  handOf: (change: Change) => Hand,
): { readonly decorations: readonly Decoration[]; readonly starts: readonly (readonly [Change, number])[] } {
  const decorations: Decoration[] = [];
  const starts: (readonly [Change, number])[] = [];
  const places = placesIn(draft);
  for (const change of changesOf(base, draft)) {
    const hand = handOf(change);
    const mirrored = { ...change, base: change.proposed, proposed: change.base };
    const spot = spotOf({ ...mirrored, after: lastBefore(change, places) }, draft, places);
    if (!spot) continue;
    starts.push([change, spot.from]);
    const baseById = new Map(change.base.map((node) => [idOf(node), node]));
    const present = new Set(spot.now.map(idOf));
    let at = spot.from;
    for (const node of change.base)
      if (!present.has(idOf(node))) decorations.push(shown(at, asFragment(node), draft, 'del', hand, true, -1));
    for (const node of spot.now) {
      const was = baseById.get(idOf(node));
      if (!was) decorations.push(Decoration.node(at, at + node.nodeSize, { class: classes('sug-ins whole', hand) }));
      else if (was.isTextblock && node.isTextblock) {
        if (!was.hasMarkup(node.type, node.attrs))
          decorations.push(Decoration.node(at, at + node.nodeSize, { class: classes('turned', hand) }));
        for (const { from, to, nextFrom, nextTo } of wordChanges(was, node)) {
          if (nextTo > nextFrom) decorations.push(over(at + 1 + nextFrom, at + 1 + nextTo, 'ins', hand));
          if (to > from)
            decorations.push(shown(at + 1 + nextFrom, was.content.cut(from, to), draft, 'del', hand, false, -1));
        }
      }
      at += node.nodeSize;
    }
  }
  return { decorations, starts };
}

/** In a draft from which blocks were taken out, they stood after the nearest one before them that is still there. */
const lastBefore = (change: Change, places: ReadonlyMap<string, unknown>): string =>
  change.after === '' || places.has(change.after) ? change.after : '';

const asFragment = (node: Node): Fragment => Fragment.from(node);
