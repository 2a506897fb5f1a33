/** Notes where the person is, once they have stayed a moment; for the list of the last places. It shows nothing. */
import { useEffect } from 'react';
import { useKernel, useQuery } from '../kit/kernel';
import type { Place } from '../kit/routes';

/** Who only passes through was not there. */
const STAY_MS = 1_000;

export function Visits({ place }: { place: Place }) {
  const client = useKernel();
  const channel = useQuery('chat.channel', place.at === 'channel' ? { channelId: place.channelId } : null);
  const document = useQuery('editor.document', place.at === 'document' ? { documentId: place.documentId } : null);
  const id = channel?.id ?? (document && !document.deleted ? document.id : undefined);
  useEffect(() => {
    if (id === undefined) return;
    // Where it could not be noted, the list is one place shorter, and nobody is kept from anything.
    const timer = setTimeout(() => void client.run('os.visited', { id }).catch(() => undefined), STAY_MS);
    return () => clearTimeout(timer);
  }, [client, id]);
  return null;
}
