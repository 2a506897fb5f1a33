/** Three readings of the blocks of one change: as they were, as they are, as proposed. */
import type { Editor } from '@tiptap/core';
import { DOMSerializer, Fragment, type Node } from '@tiptap/pm/model';
import { useEffect, useRef } from 'react';
import { Button } from '../../kit/Button';
import { Dialog } from '../../kit/Dialog';
import { text } from '../strings';
import { type Change, idOf, placesIn } from './change';

export type CompareProps = {
  readonly editor: Editor;
  readonly change: Change;
  /** null: it cannot be accepted here. */
  readonly onAccept: (() => Promise<boolean>) | null;
  readonly onClose: () => void;
};

export function Compare({ editor, change, onAccept, onClose }: CompareProps) {
  const places = placesIn(editor.state.doc);
  const now = change.base.flatMap((node) => places.get(idOf(node))?.node ?? []);
  return (
    <Dialog title={text('compareTitle')} wide onClose={onClose}>
      <div className="db sug-compare">
        <Reading title={text('whenProposed')} blocks={change.base} />
        <Reading title={text('nowReads')} blocks={now} />
        <Reading title={text('wouldRead')} blocks={change.proposed} />
      </div>
      <div className="df">
        <Button size="large" onClick={onClose}>
          {text('cancel')}
        </Button>
        {onAccept ? (
          <Button size="large" kind="primary" onClick={() => void onAccept().then((done) => done && onClose())}>
            {text('acceptAnyway')}
          </Button>
        ) : null}
      </div>
    </Dialog>
  );
}

function Reading({ title, blocks }: { title: string; blocks: readonly Node[] }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [first] = blocks;
    if (!first) return;
    const content = DOMSerializer.fromSchema(first.type.schema).serializeFragment(Fragment.from([...blocks]));
    place.current?.replaceChildren(content);
  }, [blocks]);
  return (
    <section>
      <h3 className="h">{title}</h3>
      <div className="editor-body" ref={place}>
        {blocks.length === 0 ? <p className="t3">{text('nothingThere')}</p> : null}
      </div>
    </section>
  );
}
