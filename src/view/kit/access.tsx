/**
 * Why somebody may, and why not, in words; and a control that is there but not for this person: it stays in reach of
 * keys and says why. It knows codes and sentences only; what is allowed comes from the kernel.
 */
import type { ButtonHTMLAttributes, ReactElement } from 'react';
import { cloneElement } from 'react';
import type { AccessAction, GrantLink, MissingLink, ObjectName } from '../../bridge/messages';
import { IconButton, type IconButtonProps } from './Button';
import { spoken, t } from './i18n';
import { useQuery } from './kernel';
import { showNotice } from './Toasts';
import { Tooltip } from './Tooltip';
import { fully, sinceWhen, useNow } from './time';
import { useViewing } from './viewing';

const lists = new Map<string, Intl.ListFormat>();
export const listed = (words: readonly string[]): string => {
  const language = spoken();
  const format = lists.get(language) ?? new Intl.ListFormat(language, { type: 'conjunction' });
  lists.set(language, format);
  return format.format(words);
};

const titleOf = ({ title, kind }: ObjectName): string =>
  kind === 'unknown'
    ? t('why.unknownObject')
    : spoken() === 'ru'
      ? `«${title || t('untitled')}»`
      : `“${title || t('untitled')}”`;
/** Objects by name; those that are not held here once. */
const objectNames = (parts: readonly ObjectName[]): string => listed([...new Set(parts.map(titleOf))]);

/** The values that sentences about a right share. */
export const rightWords = (
  right: { readonly parts: readonly ObjectName[] | null; readonly until?: number | null | undefined },
  now: number,
): Record<string, string> => ({
  within: right.parts ? 'parts' : 'all',
  names: right.parts ? objectNames(right.parts) : '',
  ends: typeof right.until === 'number' ? 'at' : 'never',
  until: typeof right.until === 'number' ? sinceWhen(right.until, now) : '',
});

/** One link of a chain as a sentence. */
export const linkWords = (link: GrantLink, now: number): string => {
  const words = t(`why.${link.code}`, {
    by: link.by.name,
    to: link.to.name,
    role: t(`role.${link.role}`),
    when: sinceWhen(link.at, now),
    ...rightWords(link, now),
  });
  return link.passes > 0 ? `${words} ${t('why.passes', { n: link.passes })}` : words;
};

export const missingWords = (missing: MissingLink, now: number): string =>
  t(`not.${missing.code}`, {
    by: missing.by?.name ?? '',
    when: missing.at === undefined ? '' : missing.code === 'waiting' ? fully(missing.at) : sinceWhen(missing.at, now),
    role: missing.role ? t(`role.${missing.role}`) : '',
    needs: missing.needs ? t(`role.${missing.needs}`) : '',
    own: missing.own ? 'yes' : 'no',
  });

/**
 * Why this person may not do something with a space or object: words, `null` when they may, `undefined` while unknown. Whatever
 * they might do then, nothing is written into the past.
 */
export function useWhyNot(id: string | null, action: AccessAction): string | null | undefined {
  const answer = useQuery('os.explain', id === null ? null : { id, action });
  const { viewing } = useViewing();
  const now = useNow();
  if (!answer) return undefined;
  if (viewing?.at !== undefined && action !== 'read') return t('not.viewing');
  const missing = answer.actions[0]?.missing;
  return missing ? missingWords(missing, now) : null;
}

type Control = ReactElement<ButtonHTMLAttributes<HTMLButtonElement>> | ReactElement<IconButtonProps>;

/** `why`: the reason, in words; without one the control is as it is. On touch, where nothing hovers, a press tells it. */
export function Barred({ why, children }: { why: string | null | undefined; children: Control }) {
  if (!why) return children;
  const barred = {
    'aria-disabled': true,
    className: `${children.props.className ?? ''} barred`,
    onClick: () => showNotice(why),
  } as const;
  if (children.type === IconButton) {
    const control = children as ReactElement<IconButtonProps>;
    return cloneElement(control, { ...barred, label: `${control.props.label}. ${why}` });
  }
  return (
    <Tooltip text={why}>
      {cloneElement(children as ReactElement<ButtonHTMLAttributes<HTMLButtonElement>>, {
        ...barred,
        'aria-description': why,
      })}
    </Tooltip>
  );
}
