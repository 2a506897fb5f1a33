/** What was removed in a space: what, by whom, when, and the way back. What was erased for good is not here: it is nowhere. */
import { FileText, Folder, Hash, MessageSquare, MessagesSquare, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { TrashRow } from '../../bridge/messages';
import { Barred } from '../kit/access';
import { Button } from '../kit/Button';
import { quoted } from '../kit/changes';
import { Empty, SkeletonRows } from '../kit/Empty';
import { Segmented } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import { showNotice } from '../kit/Toasts';
import { RelativeTime } from '../kit/time';
import { FaceOf } from '../kit/Who';
import './trash.css';

const PAGE = 60;
const MOST = 500;
const KINDS = ['all', 'channel', 'document', 'folder', 'message', 'comment'] as const;
type Kind = (typeof KINDS)[number];
const ICONS = { channel: Hash, document: FileText, folder: Folder, message: MessageSquare, comment: MessagesSquare };

export function TrashPage({ spaceId }: { spaceId: string }) {
  const [kind, setKind] = useState<Kind>('all');
  const [limit, setLimit] = useState(PAGE);
  const rows = useQuery('os.trash', { spaceId, limit, ...(kind === 'all' ? {} : { kind }) });
  return (
    <div className="page trash">
      <div className="head">
        <h2 className="h28">{t('trash')}</h2>
      </div>
      <p className="t2">{t('trash.hint')}</p>
      {kind === 'all' && !rows?.length ? null : (
        <div className="filters">
          <Segmented
            label={t('trash.kind')}
            value={kind}
            onChange={setKind}
            choices={KINDS.map((value) => ({ value, label: t(`trash.${value}`) }))}
          />
        </div>
      )}
      {rows === undefined ? (
        <SkeletonRows />
      ) : rows.length === 0 ? (
        <Empty text={t('trash.empty')} />
      ) : (
        <ul>
          {rows.map((row) => (
            <Removed key={row.id} row={row} spaceId={spaceId} />
          ))}
        </ul>
      )}
      {rows && rows.length >= limit && limit < MOST ? (
        <Button kind="line" size="large" onClick={() => setLimit(Math.min(MOST, limit * 2))}>
          {t('trash.more')}
        </Button>
      ) : null}
    </div>
  );
}

function Removed({ row, spaceId }: { row: TrashRow; spaceId: string }) {
  const command = useCommand();
  const [, go] = useLocation();
  const Icon = ICONS[row.kind as keyof typeof ICONS] ?? FileText;
  const restore = async () => {
    if (!(await command('os.restore', { id: row.id }))) return;
    const path =
      row.kind === 'channel'
        ? paths.channel(spaceId, row.id)
        : row.kind === 'document'
          ? paths.document(spaceId, row.id)
          : row.kind === 'message' && row.within
            ? paths.channel(spaceId, row.within.id, { message: row.id })
            : null;
    showNotice(t('trash.restored'), path === null ? undefined : { label: t('open'), run: () => go(path) });
  };
  return (
    <li className="mr">
      <Icon className="i t3" size={16} strokeWidth={1.75} aria-hidden />
      <span className="two">
        <span className="cut words" dir="auto">
          {row.title.trim() || quoted({ id: row.id, title: '', kind: row.kind })}
        </span>
        <span className="t12 t3 row">
          <FaceOf person={row.by} spaceId={spaceId} size={16} />
          <span className="cut">
            {t('trash.by', { name: row.by.name, place: row.within ? quoted(row.within) : 'none' })}
          </span>
          <RelativeTime at={row.at} />
        </span>
      </span>
      <Barred why={row.mayRestore ? null : t('trash.notYours')}>
        <Button kind="line" icon={Undo2} onClick={() => void restore()}>
          {t('trash.restore')}
        </Button>
      </Barred>
    </li>
  );
}
