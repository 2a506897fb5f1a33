/** Changes of objects in words: names of fields and of things, and what a row of a history tells. */
import type { HistoryRow, ObjectName } from '../../bridge/messages';
import { spoken, t } from './i18n';

const FIELDS = ['title', 'topic', 'text', 'icon', 'parent', 'resolved', 'relations', 'name', 'deleted'] as const;
const isField = (key: string): key is (typeof FIELDS)[number] => (FIELDS as readonly string[]).includes(key);
export const fieldName = (key: string): string => (isField(key) ? t(`field.${key}`) : key);

const KINDS = ['channel', 'document', 'folder', 'message', 'comment', 'reaction', 'suggestion', 'space'] as const;
const isKind = (kind: string): kind is (typeof KINDS)[number] => (KINDS as readonly string[]).includes(kind);
const MAX_TITLE = 60;

/** By its title in quotes, else by what it is. */
export const quoted = ({ title, kind }: ObjectName): string => {
  const plain = title.trim().replace(/\s+/g, ' ');
  if (plain === '') return t(`thing.${isKind(kind) ? kind : 'other'}`);
  const short = plain.length > MAX_TITLE ? `${plain.slice(0, MAX_TITLE - 1)}…` : plain;
  return spoken() === 'ru' ? `«${short}»` : `“${short}”`;
};

const MAX_VALUE = 80;
/** A value of a field in a few words. */
export const brief = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return t('history.nothing');
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
};

/** What a row of a history tells, without who and when. */
export const changeWords = ({ kind, key = '', value, before, target, changes = 1, of }: HistoryRow): string => {
  switch (kind) {
    case 'field':
      return before === undefined
        ? t('history.field', { field: fieldName(key), value: brief(value) })
        : t('history.fieldFrom', { field: fieldName(key), before: brief(before), value: brief(value) });
    case 'moved':
      return target ? t('history.movedTo', { title: quoted(target) }) : t('history.movedTop');
    case 'linked':
    case 'unlinked':
      return target ? t(`history.${kind}To`, { title: quoted(target) }) : t(`history.${kind}`);
    case 'erased':
      return t('history.erased', { name: of?.name ?? '' });
    case 'text':
      return t('history.typed', { n: changes });
    default:
      return t(`history.${kind}`);
  }
};
