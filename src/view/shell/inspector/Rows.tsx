/** Objects as rows that lead to where they stand. */
import { FileText, Folder, Hash, MessageSquare, MessagesSquare, Shapes } from 'lucide-react';
import { Link } from 'wouter';
import { plainOf } from '../../../base/markdown/blocks';
import type { SearchRow } from '../../../bridge/messages';
import { Face } from '../../kit/Face';
import { t } from '../../kit/i18n';
import { paths } from '../../kit/routes';
import { RelativeTime } from '../../kit/time';

const ICONS = { channel: Hash, document: FileText, folder: Folder, message: MessageSquare, comment: MessagesSquare };

const pathOf = ({ spaceId, place, objectId, block }: SearchRow): string => {
  if (place.type === 'document') return paths.document(spaceId, place.id, block === null ? {} : { block });
  if (place.type === 'channel')
    return paths.channel(spaceId, place.id, objectId === place.id ? {} : { message: objectId });
  return paths.space(spaceId);
};

export function Rows({ rows }: { rows: readonly SearchRow[] }) {
  return (
    <ul className="objects">
      {rows.map((row) => {
        const Icon = ICONS[row.type as keyof typeof ICONS] ?? Shapes;
        const said = row.type === 'message' || row.type === 'comment';
        return (
          <li key={row.id}>
            <Link href={pathOf(row)}>
              <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
              <span className="two">
                <span className="words" dir="auto">
                  {plainOf(row.title || row.snippet) || t('untitled')}
                </span>
                <span className="t12 t3 row">
                  {said ? <Face person={row.author} size={16} /> : null}
                  <span className="cut">
                    {row.place.id === row.id ? row.author.name : row.place.title || t('untitled')}
                  </span>
                  <RelativeTime at={row.at} />
                </span>
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
