/**
 * A person or an object named in a text: today's name, and where it leads. An object shows its kind, its title and whether it is
 * gone; what this device does not know shows the name that was written, and leads nowhere.
 */
import { FileText, Folder, Hash, MessageSquareText, Shapes } from 'lucide-react';
import { Link } from 'wouter';
import { plainOf } from '../../../base/markdown/blocks';
import type { NamedObject } from '../../../bridge/messages';
import { Face } from '../Face';
import { t } from '../i18n';
import { useQuery } from '../kernel';
import { Who } from '../Who';
import { wayTo } from '../ways';

const ICONS = { channel: Hash, document: FileText, folder: Folder, message: MessageSquareText } as const;

export function ObjectIcon({ object, size = 14 }: { object: Pick<NamedObject, 'type' | 'icon'>; size?: number }) {
  if (object.icon !== '' && !/^[\w-]+$/.test(object.icon)) return <span aria-hidden>{object.icon}</span>;
  const Icon = ICONS[object.type as keyof typeof ICONS] ?? Shapes;
  return <Icon className="i" size={size} strokeWidth={1.75} aria-hidden />;
}

/** What an object is called on one line. */
export const titleOf = (object: NamedObject): string => plainOf(object.title) || t('untitled');

export function Named({ spaceId, id, label }: { spaceId: string; id: string; label: string }) {
  const named = useQuery('os.named', { spaceId, id });
  if (!named) return <span className="named unknown">{label}</span>;
  if (named.kind === 'person') {
    return (
      <Who person={named} spaceId={spaceId} className={`named person text ${named.you ? 'you' : ''}`}>
        @{named.name}
        {named.member ? null : <span className="sr"> ({t('named.left')})</span>}
      </Who>
    );
  }
  const to = named.removed ? null : wayTo(named);
  const inside = (
    <>
      <ObjectIcon object={named} />
      {named.author ? <Face person={named.author} size={16} /> : null}
      <span className="cut">{titleOf(named)}</span>
      {named.removed ? <span className="t3">{t('named.removed')}</span> : null}
    </>
  );
  return to === null ? (
    <span className={`named object ${named.removed ? 'gone' : ''}`}>{inside}</span>
  ) : (
    <Link href={to} className="named object">
      {inside}
    </Link>
  );
}
