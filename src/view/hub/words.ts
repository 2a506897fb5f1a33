/** What rows and cards say. */

import { plainOf } from '../../base/markdown/blocks';
import type { ActivityItem, NotificationRow, Person, PlaceAnswer } from '../../bridge/messages';
import { t } from '../kit/i18n';

const MAX_TITLE = 80;
const cut = (text: string): string => (text.length > MAX_TITLE ? `${text.slice(0, MAX_TITLE - 1)}…` : text);

export function titleOf({ kind, title }: PlaceAnswer): string {
  const plain = cut(title.trim() || t('untitled'));
  return kind === 'channel' ? `#${plain}` : plain;
}

export const headline = ({ kind, person, others, place }: NotificationRow): string =>
  t(`hub.n.${kind}`, { name: person.name, title: titleOf(place), n: others });

export function textOf({ kind, text, about }: NotificationRow): string {
  if (kind === 'verdict') return text === 'accepted' || text === 'declined' ? t(`hub.verdict.${text}`) : '';
  if (kind === 'reaction') return about === '' ? text : `${text} ${plainOf(about)}`;
  return plainOf(text);
}

/** Who did it, in few words: whoever looks is "you", and comes first. */
export function whoOf({ people, others, own }: ActivityItem, me: string | undefined): string {
  if (own) return t('hub.you');
  const you = people.filter(({ userId }) => userId === me).map((person) => ({ ...person, name: t('hub.you') }));
  return namesOf([...you, ...people.filter(({ userId }) => userId !== me)], others);
}
export function namesOf(people: readonly Person[], others: number): string {
  const [a, b] = people;
  if (!a) return '';
  const more = people.length - 1 + others;
  if (more === 0) return a.name;
  return more === 1 && b ? t('hub.two', { a: a.name, b: b.name }) : t('hub.several', { a: a.name, n: more });
}
