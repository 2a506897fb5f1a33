/** One thing that was found: what it looks like in a line, and the way to where it stands. */
import type { LucideIcon } from 'lucide-react';
import { FileText, Folder, Hash, MessageSquare, MessagesSquare } from 'lucide-react';
import { Fragment } from 'react';
import { useLocation } from 'wouter';
import type { SearchRow } from '../../bridge/messages';
import { useInspection } from '../kit/inspect';
import { useKernel } from '../kit/kernel';
import { cutBy } from '../kit/pieces';
import { paths } from '../kit/routes';

const ICONS: Readonly<Record<string, LucideIcon>> = {
  message: MessageSquare,
  comment: MessagesSquare,
  channel: Hash,
  folder: Folder,
};
export const iconOf = (type: string): LucideIcon => ICONS[type] ?? FileText;

export function Marked({ text, ranges }: { text: string; ranges: SearchRow['ranges'] }) {
  return cutBy(text, ranges).map((piece) => (
    <Fragment key={piece.from}>{piece.hit ? <mark>{piece.text}</mark> : piece.text}</Fragment>
  ));
}

/** Goes to where it stands: the message in its channel, the block in its document. */
export function useOpen(onOpen: () => void): (row: SearchRow) => Promise<void> {
  const client = useKernel();
  const { point } = useInspection();
  const [, go] = useLocation();
  return async ({ spaceId, objectId, place, line, block, ranges }) => {
    onOpen();
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
