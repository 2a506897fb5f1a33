/** Who: people are round and carry their hue, beacons a masted square, devices a plain dot, spaces a dark square. */
import { MonitorSmartphone, RadioTower } from 'lucide-react';
import { createContext, useContext } from 'react';
import type { Person } from '../../bridge/messages';

export type FaceSize = 16 | 20 | 24 | 28 | 32;

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const firstOf = (word: string): string => [...letters.segment(word)][0]?.segment.toLocaleUpperCase() ?? '';

/** Two letters of a name, one where there is only room for one. */
export function initials(name: string, one = false): string {
  const words = name
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const first = firstOf(words[0] ?? '?');
  const last = words.length > 1 ? firstOf(words[words.length - 1] ?? '') : '';
  return one ? first : first + last;
}
/** The hue of a person, 1-6, whatever number came. */
export const hueClass = (hue: number): string => `w${(((((Math.trunc(hue) || 1) - 1) % 6) + 6) % 6) + 1}`;

/** Pictures by person, of the space that is open. */
export const Pictures = createContext<ReadonlyMap<string, string>>(new Map());
export const usePicture = (userId: string | undefined): string | undefined => {
  const pictures = useContext(Pictures);
  return userId === undefined ? undefined : pictures.get(userId);
};

type Faced = Pick<Person, 'name' | 'hue'> & { readonly userId?: string };
export function Face({ person, size = 24 }: { person: Faced; size?: FaceSize }) {
  const picture = usePicture(person.userId);
  if (picture) return <img className={`av a${size}`} src={picture} alt="" title={person.name} draggable={false} />;
  return (
    <span className={`av a${size} ${hueClass(person.hue)}`} title={person.name} aria-hidden>
      {initials(person.name, size <= 20)}
    </span>
  );
}

export function NodeFace({ kind, size = 24 }: { kind: 'tab' | 'beacon'; size?: FaceSize }) {
  const Icon = kind === 'beacon' ? RadioTower : MonitorSmartphone;
  return (
    <span className={`av a${size} ${kind === 'beacon' ? 'node' : 'device'}`} aria-hidden>
      <Icon size={size / 2} strokeWidth={1.75} />
    </span>
  );
}

export function SpaceMark({ title }: { title: string }) {
  return (
    <span className="space" aria-hidden>
      {initials(title, true)}
    </span>
  );
}
