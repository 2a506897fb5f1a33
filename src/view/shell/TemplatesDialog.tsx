/** What a new document can be made like: the templates of the space, and those that come with the product. Found by name, chosen by keys. */
import { Command } from 'cmdk';
import { FileText, LayoutTemplate, Search } from 'lucide-react';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { includedTemplates } from '../../domain/editor/templates';
import { Dialog } from '../kit/Dialog';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { language } from '../kit/preferences';
import { paths } from '../kit/routes';
import { scoreOf } from './match';

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
  return (
    <Dialog title={t('template.choose')} onClose={onClose} bare className="pal">
      <Command
        label={t('template.choose')}
        loop
        filter={(value, search, keywords) => scoreOf(keywords?.[0] ?? value, search)}
      >
        <div className="pin">
          <Search className="i" size={16} strokeWidth={1.75} aria-hidden />
          <Command.Input autoFocus value={text} onValueChange={setText} placeholder={t('template.choose')} />
        </div>
        <Command.List className="pl" label={t('template.choose')}>
          <Command.Empty className="none">{t('palette.nothing', { words: text })}</Command.Empty>
          {own && own.length > 0 ? (
            <Command.Group className="pg" heading={t('template.own')}>
              {own.map(({ id, title, icon }) => {
                const name = title.trim() || t('untitled');
                return (
                  <Command.Item
                    key={id}
                    className="pr"
                    value={id}
                    keywords={[name]}
                    onSelect={() => void make({ template: id })}
                  >
                    <Lead icon={icon} own />
                    <span className="cut" dir="auto">
                      {name}
                    </span>
                  </Command.Item>
                );
              })}
            </Command.Group>
          ) : null}
          <Command.Group className="pg" heading={t('template.included')}>
            {includedTemplates(language()).map(({ key, title, icon, markdown }) => (
              <Command.Item
                key={key}
                className="pr"
                value={`included ${key}`}
                keywords={[title]}
                onSelect={() => void make({ title, icon, markdown })}
              >
                <Lead icon={icon} />
                <span className="cut">{title}</span>
              </Command.Item>
            ))}
          </Command.Group>
        </Command.List>
        {own?.length === 0 ? <div className="pf">{t('template.howOwn')}</div> : null}
      </Command>
    </Dialog>
  );
}

function Lead({ icon, own = false }: { icon: string; own?: boolean }) {
  const Icon = own ? LayoutTemplate : FileText;
  return icon === '' ? (
    <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
  ) : (
    <span className="lead" aria-hidden>
      {icon}
    </span>
  );
}
