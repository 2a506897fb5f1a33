/** Of one object, in the inspector: who opens it, as what, since when and until when, and why; its rules; sharing it. */
import { ChevronRight, Eye, UserPlus } from 'lucide-react';
import { useState } from 'react';
import type { AccessRow } from '../../bridge/messages';
import { Barred, listed, useWhyNot } from '../kit/access';
import { Button } from '../kit/Button';
import { SkeletonRows } from '../kit/Empty';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import type { Inspected } from '../kit/inspect';
import { useQuery } from '../kit/kernel';
import { counted, exactly, RelativeTime, sinceWhen, useNow } from '../kit/time';
import { useViewing } from '../kit/viewing';
import { FaceOf, Who } from '../kit/Who';
import { AccessRules } from './AccessRules';
import { useActions } from './actions';
import { Why } from './Why';

const SHOWN = 8;

export function AccessSection({ target, space }: { target: Inspected; space: string }) {
  const rows = useQuery('os.access', { id: target.id });
  const why = useWhyNot(target.id, 'share');
  const actions = useActions();
  const { viewing, look } = useViewing();
  const [all, setAll] = useState(false);
  const me = rows?.find((row) => row.you);
  const title = target.title.trim() || t('untitled');
  const shown = all ? rows : rows?.slice(0, SHOWN);
  return (
    <>
      <section aria-label={t('access')} className="access">
        <div className="h">
          {t('access')}
          <span className="n">
            <Why id={target.id} name={t('you')} />
          </span>
        </div>
        {rows === undefined ? null : (
          <p className="t2">
            {me ? t('access.can', { acts: listed(me.may.map((act) => t(`act.${act}`))) }) : t('access.none')}
          </p>
        )}
        {target.kind === 'message' || target.kind === 'folder' ? null : (
          <div className="row doors">
            <Barred why={why}>
              <Button
                kind="line"
                icon={UserPlus}
                onClick={() =>
                  actions.invite(target.spaceId, { kind: target.kind as 'channel' | 'document', id: target.id })
                }
              >
                {t('access.share')}
              </Button>
            </Barred>
            {viewing ? null : (
              <Button
                icon={Eye}
                onClick={() => look({ spaceId: target.spaceId, title: space, objectId: target.id, objectTitle: title })}
              >
                {t('viewing.start')}
              </Button>
            )}
          </div>
        )}
        <div className="h sub">
          {t('access.readers')}
          {rows ? <span className="n num">{counted(rows.length)}</span> : null}
        </div>
        {rows === undefined ? <SkeletonRows rows={2} /> : null}
        <ul>
          {shown?.map((row) => (
            <Reader key={row.id} row={row} spaceId={target.spaceId} objectId={target.id} />
          ))}
        </ul>
        {rows && rows.length > SHOWN && !all ? (
          <Button size="small" onClick={() => setAll(true)}>
            {t('more')}
          </Button>
        ) : null}
      </section>
      {target.kind === 'message' ? null : (
        <section aria-label={t('rules.object')}>
          <div className="h">{t('rules.object')}</div>
          <AccessRules spaceId={target.spaceId} objectId={target.id} />
        </section>
      )}
      {target.kind === 'document' ? <Paragraphs documentId={target.id} spaceId={target.spaceId} /> : null}
    </>
  );
}

function Reader({ row, spaceId, objectId }: { row: AccessRow; spaceId: string; objectId: string }) {
  const now = useNow();
  const notes = [
    ...(row.whole ? [] : [t('access.only')]),
    row.until === null
      ? t('access.since', { when: sinceWhen(row.since, now) })
      : t('access.until', { when: sinceWhen(row.until, now) }),
  ];
  return (
    <li className="li reader">
      <FaceOf person={row} spaceId={spaceId} size={20} />
      <span className="grow cut two">
        <span>{row.name}</span> {row.you ? <span className="t3">{t('you')}</span> : null}
        <br />
        <span className="t12 t3" title={exactly(row.until ?? row.since)}>
          {t(`role.${row.role}`)}, {notes.join(', ')}
        </span>
      </span>
      <Why id={objectId} userId={row.id} name={row.name} />
    </li>
  );
}

/** Asked for only when opened: each paragraph is a question of its own. */
function Paragraphs({ documentId, spaceId }: { documentId: string; spaceId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <section>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="h">
          <ChevronRight className="i" size={14} strokeWidth={1.75} aria-hidden />
          {t('access.byBlock')}
        </summary>
        {open ? <Blocks documentId={documentId} spaceId={spaceId} /> : null}
      </details>
    </section>
  );
}

const MAX_BLOCKS = 50;
type Block = { readonly id: string; readonly kind: string; readonly text: string };

function Blocks({ documentId, spaceId }: { documentId: string; spaceId: string }) {
  const blocks = useQuery<readonly Block[]>('editor.blocks', { documentId });
  const written = blocks?.filter((block) => block.kind !== 'reference' && block.text.trim() !== '');
  if (!written) return <SkeletonRows rows={2} />;
  if (written.length === 0) return <p className="t3">{t('access.noBlocks')}</p>;
  return (
    <ol className="blocks">
      {written.slice(0, MAX_BLOCKS).map((block) => (
        <BlockRow key={block.id} block={block} documentId={documentId} spaceId={spaceId} />
      ))}
    </ol>
  );
}

function BlockRow({ block, documentId, spaceId }: { block: Block; documentId: string; spaceId: string }) {
  const value = useQuery('os.value', { id: documentId, block: block.id });
  return (
    <li>
      <span className="cut">{block.text}</span>
      {value ? (
        <span
          className="row t12 t3"
          title={`${exactly(value.at)}, ${t('device.short', { id: value.deviceId.slice(0, 8) })}`}
        >
          <Who person={value.author} spaceId={spaceId}>
            <Face person={value.author} size={16} />
            <span className="cut">{value.author.name}</span>
          </Who>
          <RelativeTime at={value.at} />
        </span>
      ) : null}
    </li>
  );
}
