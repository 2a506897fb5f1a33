/** Whoever is shown opens in the inspector: a face, a name or both, as a button that looks like what is in it. */
import { isValidElement, type ReactNode } from 'react';
import type { Person } from '../../bridge/messages';
import { Face, type FaceSize } from './Face';
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

/** A face that opens its person. */
export function FaceOf({ person, spaceId, size = 24 }: { person: Person; spaceId: string; size?: FaceSize }) {
  return (
    <Who person={person} spaceId={spaceId}>
      <Face person={person} size={size} />
    </Who>
  );
}

/** Faces side by side, never overlapping, each opening its person; the rest as a number. */
export function Faces({
  people,
  spaceId,
  label,
  max = 4,
}: {
  people: readonly Person[];
  spaceId: string;
  label: string;
  max?: number;
}) {
  if (people.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: no fields stand together here
    <span className="avs" role="group" aria-label={`${label}: ${people.map((person) => person.name).join(', ')}`}>
      {people.slice(0, max).map((person) => (
        <FaceOf key={person.userId} person={person} spaceId={spaceId} />
      ))}
      {people.length > max ? <span className="more num">+{people.length - max}</span> : null}
    </span>
  );
}
