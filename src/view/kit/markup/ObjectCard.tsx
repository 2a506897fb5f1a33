/**
 * An object that stands alone in a line, as a card: its kind and title, who wrote last and when, its first lines. It has its height
 * before it has its words. What is not known here is named as anywhere else.
 */
import { Link } from 'wouter';
import { plainOf } from '../../../base/markdown/blocks';
import { t } from '../i18n';
import { useQuery } from '../kernel';
import { RelativeTime } from '../time';
import { wayTo } from '../ways';
import './markup.css';
import { Named, ObjectIcon, titleOf } from './Named';

const KINDS = ['channel', 'document', 'folder', 'message'] as const;
const kindOf = (type: string): string => {
  const known = KINDS.find((kind) => kind === type);
  return known === undefined ? type : t(known);
};

export function ObjectCard({ spaceId, id, label }: { spaceId: string; id: string; label: string }) {
  const card = useQuery('os.card', { spaceId, id });
  if (card === null) return <Named spaceId={spaceId} id={id} label={label} />;
  if (card === undefined) return <span className="object-card" aria-busy />;
  const { object, by, at, text } = card;
  const to = object.removed ? null : wayTo(object);
  const inside = (
    <>
      <span className="title">
        <ObjectIcon object={object} size={16} />
        <span className="cut" dir="auto">
          {object.author ? t('card.by', { name: object.author.name }) : titleOf(object)}
        </span>
      </span>
      <span className="t12 t3 cut">
        {kindOf(object.type)}
        {object.removed ? ` · ${t('named.removed')}` : ` · ${by.name} · `}
        {object.removed ? null : <RelativeTime at={at} />}
      </span>
      <span className="first" dir="auto">
        {plainOf(text)}
      </span>
    </>
  );
  return to === null ? (
    <span className="object-card gone">{inside}</span>
  ) : (
    <Link href={to} className="object-card">
      {inside}
    </Link>
  );
}
