/** In a document without a word: the templates that it can begin from, as small choices. What is chosen is an edit like any other. */
import type { Editor } from '@tiptap/react';
import { useEditorState } from '@tiptap/react';
import { FileText, LayoutTemplate } from 'lucide-react';
import type { MarkupNode } from '../../bridge/messages';
import { includedTemplates } from '../../domain/editor/templates';
import { useCall, useKernel, useQuery } from '../kit/kernel';
import { language } from '../kit/preferences';
import { showNotice } from '../kit/Toasts';
import { text } from './strings';
import { jsonOf } from './written';

/** Of the space's own; the rest is in the list of all. */
const SHOWN = 6;

export function Starters(props: { editor: Editor; spaceId: string; begin: (title: string) => void }) {
  const { editor } = props;
  const empty = useEditorState({ editor, selector: ({ editor: now }) => now.isEmpty });
  return empty ? <Choices {...props} /> : null;
}

function Choices({ editor, spaceId, begin }: { editor: Editor; spaceId: string; begin: (title: string) => void }) {
  const own = useQuery('editor.templates', { spaceId });
  const client = useKernel();
  const call = useCall();
  const start = async (title: string, asked: { documentId: string } | { markdown: string }): Promise<void> => {
    const answer = await call(async () => {
      const blocks = (await client.query('editor.content', asked)) as readonly MarkupNode[] | null;
      const held =
        'documentId' in asked
          ? ((await client.query('os.content', { id: asked.documentId })) as { here: boolean } | null)
          : null;
      return { blocks: blocks ?? [], here: held?.here !== false };
    });
    if (!answer || editor.isDestroyed || !editor.isEmpty) return;
    if (!answer.value.here) return showNotice(text('templateAway'));
    editor
      .chain()
      .setContent({ type: 'doc', content: jsonOf(answer.value.blocks) })
      .focus('start')
      .run();
    begin(title);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of buttons is no form
    <div className="editor-starters" role="group" aria-label={text('startFrom')}>
      <span className="t3">{text('startFrom')}</span>
      {own?.slice(0, SHOWN).map(({ id, title, icon }) => (
        <button key={id} type="button" className="btn sm line" onClick={() => void start(title, { documentId: id })}>
          {icon === '' ? <LayoutTemplate className="i" size={14} strokeWidth={1.75} aria-hidden /> : icon}
          <span className="cut">{title.trim() || text('untitled')}</span>
        </button>
      ))}
      {includedTemplates(language()).map(({ key, title, icon, markdown }) => (
        <button key={key} type="button" className="btn sm line" onClick={() => void start(title, { markdown })}>
          {icon === '' ? <FileText className="i" size={14} strokeWidth={1.75} aria-hidden /> : icon}
          <span className="cut">{title}</span>
        </button>
      ))}
    </div>
  );
}
