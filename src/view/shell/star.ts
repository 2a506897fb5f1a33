/** Whether a channel or document is among the favourites, and the way to change that. */
import { useCommand, useQuery } from '../kit/kernel';

export function useStar(id: string | null): { readonly on: boolean; toggle(): void } {
  const places = useQuery('os.places', {});
  const command = useCommand();
  const on = places?.favourites.some((row) => row.id === id) ?? false;
  return { on, toggle: () => void (id === null ? undefined : command('os.star', { id, on: !on })) };
}
