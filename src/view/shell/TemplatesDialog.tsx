/** What a new document can be made like: the templates of the space, and those that come with the product. Found by name, chosen by keys. */
import { FileText, LayoutTemplate } from 'lucide-react';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { includedTemplates } from '../../domain/editor/templates';
import { type Choice, Combobox } from '../kit/Combobox';
import { Dialog } from '../kit/Dialog';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { language } from '../kit/preferences';
import { paths } from '../kit/routes';
import { bestOf } from './match';

/** No list of templates is longer than a person reads. */
const MOST = 100;

export function TemplatesDialog({
  spaceId,
  parent,
  onClose,
}: {
  spaceId: string;
  parent: string | undefined;
  onClose(): void;
}) {
  const own = useQuery('editor.templates', { spaceId });
  const command = useCommand();
  const [, go] = useLocation();
  const [text, setText] = useState('');
  const busy = useRef(false);
  const make = async (like: { template: string } | { title: string; icon: string; markdown: string }) => {
    if (busy.current) return;
    busy.current = true;
    const made = await command('editor.createDocument', {
      spaceId,
      ...(parent === undefined ? {} : { parent }),
      ...like,
    });
    busy.current = false;
    if (!made?.id) return;
    onClose();
    go(paths.document(spaceId, made.id));
  };
  const fitting = <Row extends { readonly title: string }>(
    rows: readonly Row[],
    choice: (row: Row) => Choice,
  ): readonly Choice[] => bestOf(rows, ({ title }) => title, text.trim(), MOST).map(choice);
  return (
    <Dialog title={t('template.choose')} onClose={onClose} bare className="pal">
      <Combobox
        label={t('template.choose')}
        found={t('template.choose')}
        ask={t('template.choose')}
        nothing={t('palette.nothing', { words: text })}
        text={text}
        onText={setText}
        groups={[
          {
            key: 'own',
            heading: t('template.own'),
            rows: fitting(
              (own ?? []).map((each) => ({ ...each, title: each.title.trim() || t('untitled') })),
              ({ id, title, icon }) => ({
                id,
                shows: <Template icon={icon} title={title} own />,
                run: () => void make({ template: id }),
              }),
            ),
          },
          {
            key: 'included',
            heading: t('template.included'),
            rows: fitting(includedTemplates(language()), ({ key, title, icon, markdown }) => ({
              id: `included ${key}`,
              shows: <Template icon={icon} title={title} />,
              run: () => void make({ title, icon, markdown }),
            })),
          },
        ].filter(({ rows }) => rows.length > 0)}
      />
      {own?.length === 0 ? <div className="pf">{t('template.howOwn')}</div> : null}
    </Dialog>
  );
}

function Template({ icon, title, own = false }: { icon: string; title: string; own?: boolean }) {
  const Icon = own ? LayoutTemplate : FileText;
  return (
    <>
      {icon === '' ? (
        <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
      ) : (
        <span className="lead" aria-hidden>
          {icon}
        </span>
      )}
      <span className="cut" dir="auto">
        {title}
      </span>
    </>
  );
}
