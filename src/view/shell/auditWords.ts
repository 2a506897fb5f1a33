/** Rows of the history of access as sentences, and as a text to keep. */
import type { AuditRow } from '../../bridge/messages';
import { rightWords } from '../kit/access';
import { t } from '../kit/i18n';
import { exactly } from '../kit/time';

export const auditWords = (row: AuditRow, now: number): string => {
  const { key, value } = row;
  const values = {
    by: row.by?.name ?? '',
    to: row.subject?.name ?? '',
    role: row.role ? t(`role.${row.role}`) : '',
    name: row.name ?? '',
    n: row.n ?? 0,
    uses: row.uses ?? 0,
    confirm: row.confirm ? 'yes' : 'no',
    rule: key ? t(`rule.${key}` as 'rule.content') : '',
    value: key ? t(`rule.${key}.${value}` as 'rule.content.member') : '',
    ...rightWords({ parts: row.parts, until: row.until }, now),
  };
  return t(`audit.${row.kind}`, values);
};

export const whyWords = (why: NonNullable<AuditRow['why']>): string =>
  t(`audit.why.${why.code}`, { by: why.by?.name ?? '' });

/** One line an act: time, sentence, device, and whether it counts. */
export const auditText = (title: string, rows: readonly AuditRow[], now: number): string =>
  [
    t('audit.of', { title }),
    exactly(now),
    '',
    ...rows.map((row) =>
      [
        exactly(row.at),
        auditWords(row, now),
        ...(row.deviceId === null ? [] : [t('device.short', { id: row.deviceId })]),
        ...(row.counts ? [] : [t('audit.void')]),
        ...(row.why ? [whyWords(row.why)] : []),
      ].join('\t'),
    ),
    '',
  ].join('\n');
