/** What the menu offers for what is asked, without what has no page to lead to. */
import type { NameRow } from '../../../bridge/messages';
import { t } from '../i18n';
import { useQuery } from '../kernel';
import { wayTo } from '../ways';
import type { Asked } from './marked';

const NONE: readonly NameRow[] = [];
export const kindFor = { '@': undefined, '#': 'title', '[[': 'object' } as const;

export function useCandidates(spaceId: string, asked: Asked | null): readonly NameRow[] {
  const kind = asked ? kindFor[asked.sign] : undefined;
  const rows = useQuery(
    'os.candidates',
    asked
      ? { spaceId, text: asked.query.trim(), nameless: t('nameless'), ...(kind === undefined ? {} : { kind }) }
      : null,
  );
  return rows?.filter((row) => row.kind === 'person' || wayTo(row) !== null) ?? NONE;
}
