/** The browser asks before the page goes, only while something that was written on this visit is in a space that nobody else keeps, and nobody else has it. */
import { useEffect } from 'react';
import { useQuery } from '../kit/kernel';

export function Leaving() {
  const spaces = useQuery('os.health', {});
  const isAtRisk = spaces?.some(({ level, unsaved }) => level === 'red' && unsaved > 0) ?? false;
  useEffect(() => {
    if (!isAtRisk) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isAtRisk]);
  return null;
}
