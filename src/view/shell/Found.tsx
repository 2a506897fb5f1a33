/** What was written and fits the words: messages, comments and texts of documents, opened where they stand. */
import { Command } from 'cmdk';
import { FileText, MessageSquare, MessagesSquare } from 'lucide-react';
import { Fragment, useState } from 'react';
import { useLocation } from 'wouter';
import type { SearchAnswer, SearchRow } from '../../bridge/messages';
import { t } from '../kit/i18n';
import { useInspection } from '../kit/inspect';
import { useKernel, useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import { shortly, useNow } from '../kit/time';
import { cutBy, scoreOf } from './match';

const LEAST = 2;
const MOST = 12;
const ICONS = { message: MessageSquare, comment: MessagesSquare } as const;

export function Found({ words, onClose }: { words: string; onClose(): void }) {
  const offset = -new Date().getTimezoneOffset();
  const asks = words.length >= LEAST;
  const answer = useQuery('os.search', asks ? { text: words, limit: MOST, offset } : null);
  // What was found for fewer letters stays until there is an answer for more.
  const [last, setLast] = useState<SearchAnswer>();
  if (answer !== undefined && answer !== last) setLast(answer);
  const shown = asks ? (answer ?? last) : undefined;
  const open = useOpen(onClose);
  if (!shown) return null;
  // What is called so is in the lists of names.
  const rows = shown.rows.filter(({ type, title, ranges }) => {
    if (type === 'channel' || type === 'folder') return ranges.length > 0;
    return title === '' || ranges.length > 0 || scoreOf(title, words) === 0;
  });
  return (
    <>
      {shown.indexing === null ? null : (
        <p className="indexing" role="status">
          {t('palette.indexing', shown.indexing)}
        </p>
      )}
      {rows.length === 0 ? null : (
        <Command.Group className="pg" heading={t('palette.texts')}>
          {rows.map((row) => (
            <FoundRow key={row.id} row={row} onRun={() => void open(row)} />
          ))}
        </Command.Group>
      )}
    </>
  );
}

function FoundRow({ row, onRun }: { row: SearchRow; onRun(): void }) {
  const now = useNow();
  const Icon = ICONS[row.type as keyof typeof ICONS] ?? FileText;
  const where = row.place.id === row.id ? [] : [row.place.title];
  const who = row.type === 'message' || row.type === 'comment' ? [row.author.name] : [];
  return (
    <Command.Item className="pr in-text" value={`found ${row.id}`} onSelect={onRun}>
      <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
      <span className="cut">
        {row.title === '' ? null : (
          <>
            <Marked text={row.title} ranges={row.titleRanges} />{' '}
          </>
        )}
        <span className={row.title === '' ? '' : 's'}>
          <Marked text={row.snippet} ranges={row.ranges} />
        </span>
      </span>
      <span className="e cut">{[...who, ...where, shortly(row.at, now)].join(' · ')}</span>
    </Command.Item>
  );
}

function Marked({ text, ranges }: { text: string; ranges: SearchRow['ranges'] }) {
  return cutBy(text, ranges).map((piece) => (
    <Fragment key={piece.from}>{piece.hit ? <mark>{piece.text}</mark> : piece.text}</Fragment>
  ));
}

/** Goes to where it stands: the message in its channel, the block in its document. */
function useOpen(onClose: () => void): (row: SearchRow) => Promise<void> {
  const client = useKernel();
  const { point } = useInspection();
  const [, go] = useLocation();
  return async ({ spaceId, objectId, place, line, block, ranges }) => {
    onClose();
    const inDocument = place.type === 'document';
    go(inDocument ? paths.document(spaceId, place.id) : paths.channel(spaceId, place.id));
    if (!inDocument) return objectId === place.id ? undefined : point(place.id, objectId);
    const found = block ?? (line === null || ranges.length === 0 ? null : await blockAt(client, place.id, line));
    if (found !== null) point(place.id, found);
  };
}

type Blocks = readonly { readonly blockId: string; readonly kind: string }[];
async function blockAt(client: ReturnType<typeof useKernel>, documentId: string, line: number): Promise<string | null> {
  try {
    const blocks = (await client.query('editor.blocks', { documentId })) as Blocks;
    return blocks.filter(({ kind }) => kind !== 'reference')[line]?.blockId ?? null;
  } catch {
    // The document opens all the same, at its beginning.
    return null;
  }
}
