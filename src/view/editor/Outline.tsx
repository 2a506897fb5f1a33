/** The left column of a document: its headings, and who is here and where. */
import type { Editor } from '@tiptap/core';
import { useEditorState } from '@tiptap/react';
import type { PresenceRow } from '../../bridge/messages';
import { Face } from '../kit/Face';
import { cursorsKey, resolveCursor } from './cursors';
import { text } from './strings';

type Heading = { readonly at: number; readonly level: number; readonly title: string };
type Shape = {
  readonly headings: readonly Heading[];
  /** The heading the cursor is under. */
  readonly current: number;
  /** Where each person's cursor stands, by the id of the row. */
  readonly placeById: Readonly<Record<string, number>>;
};

function shapeOf(editor: Editor): Shape {
  const headings: Heading[] = [];
  editor.state.doc.forEach((node, at) => {
    if (node.type.name !== 'heading' || node.textContent.trim() === '') return;
    headings.push({ at, level: Number(node.attrs.level), title: node.textContent });
  });
  const placeById: Record<string, number> = {};
  for (const cursor of cursorsKey.getState(editor.state)?.cursors ?? []) {
    const place = resolveCursor(editor.state, cursor);
    if (place !== null) placeById[cursor.id] = place.head;
  }
  return { headings, current: under(headings, editor.state.selection.head), placeById };
}

function under(headings: readonly Heading[], position: number): number {
  return headings.reduce((found, { at }, index) => (at < position ? index : found), -1);
}

export function Outline({ editor, rows }: { editor: Editor; rows: readonly PresenceRow[] }) {
  const { headings, current, placeById } = useEditorState({ editor, selector: ({ editor: now }) => shapeOf(now) });
  const top = Math.min(...headings.map(({ level }) => level));

  const go = (at: number): void => {
    const dom = editor.view.domAtPos(at + 1).node;
    const element = dom instanceof Element ? dom : dom.parentElement;
    element?.scrollIntoView({ block: 'start', behavior: 'instant' });
    editor
      .chain()
      .setTextSelection(at + 1)
      .focus(undefined, { scrollIntoView: false })
      .run();
  };
  const show = (row: PresenceRow): void => {
    const place = placeById[row.id];
    if (place === undefined) return;
    const dom = editor.view.domAtPos(place).node;
    (dom instanceof Element ? dom : dom.parentElement)?.scrollIntoView({ block: 'center', behavior: 'instant' });
  };
  return (
    <nav className="editor-outline" aria-label={text('outline')}>
      {headings.length === 0 ? null : <div className="h">{text('outline')}</div>}
      {headings.map(({ at, level, title }, index) => (
        <button
          key={at}
          type="button"
          className={index === current ? 'on' : ''}
          aria-current={index === current ? 'location' : undefined}
          style={{ paddingLeft: 8 + Math.min(level - top, 2) * 12 }}
          title={title}
          onClick={() => go(at)}
        >
          <span className="cut">{title}</span>
        </button>
      ))}
      {rows.length === 0 ? null : (
        <>
          <div className="h here">{text('hereNow')}</div>
          {rows.slice(0, 12).map((row) => {
            const place = placeById[row.id];
            const heading = place === undefined ? undefined : headings[under(headings, place)];
            return (
              <button key={row.id} type="button" onClick={() => show(row)} title={row.name}>
                <Face person={row} size={20} />
                <span className="cut">{row.name.split(' ')[0]}</span>
                {heading === undefined ? null : <span className="n cut">{heading.title}</span>}
              </button>
            );
          })}
        </>
      )}
    </nav>
  );
}
