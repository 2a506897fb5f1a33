/** Whoever is shown opens in the inspector: a face, a name or both, as a button that looks like what is in it. */
import { isValidElement, type ReactNode } from 'react';
import type { Person } from '../../bridge/messages';
import { Face } from './Face';
import { t } from './i18n';
import { useShowPerson } from './inspect';

export function Who({
  person,
  spaceId,
  tabIndex,
  className = '',
  children,
}: {
  person: Pick<Person, 'userId' | 'name'>;
  spaceId: string;
  /** Where keys reach it another way. */
  tabIndex?: number | undefined;
  className?: string;
  children: ReactNode;
}) {
  const show = useShowPerson(spaceId);
  return (
    <button
      type="button"
      className={`who-is ${className}`}
      tabIndex={tabIndex}
      title={t('person.about', { name: person.name })}
      onClick={(event) => {
        event.stopPropagation();
        show(person);
      }}
    >
      {children}
      {isValidElement(children) && children.type === Face ? (
        <span className="sr">{t('person.about', { name: person.name })}</span>
      ) : null}
    </button>
  );
}
