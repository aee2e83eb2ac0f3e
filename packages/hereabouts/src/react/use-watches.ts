import { useEffect, useMemo } from 'react';
import type { Watch } from '../core/protocol';
import { useHereabouts } from './context';
import { resourceOf, useResource } from './resource';

/** Another device of mine may have changed them. */
const POLL_MS = 60_000;

export interface Watches {
  /** Whose coming I want to be told of; null until known. */
  watches: readonly Watch[] | null;
  /** The server's sentence about what failed. */
  error: string | null;
  isWatched(id: string): boolean;
  /** Be told once, or each time. */
  watch(id: string, options?: { repeat?: boolean }): Promise<void>;
  unwatch(id: string): Promise<void>;
}

/** The people whose coming I want to be told of: `<PresenceToasts/>` shows it. All views of a page share them. */
export function useWatches(): Watches {
  const { client } = useHereabouts('useWatches');
  const resource = resourceOf(
    client,
    'watches',
    async () => (await client.request<{ results: readonly Watch[] }>('GET', '/me/watches/')).results,
    POLL_MS,
  );
  const { value: watches, error } = useResource(resource);
  // One that was for once has ended with it.
  useEffect(() => client.on('watch-online', () => void resource.load()), [client, resource]);
  return useMemo(
    () => ({
      watches,
      error,
      isWatched: (id: string) => watches?.some((watch) => watch.user.id === id) ?? false,
      watch: (id: string, options?: { repeat?: boolean }) => resource.change(() => client.watch(id, options)),
      unwatch: (id: string) => resource.change(() => client.request('DELETE', `/me/watches/${id}/`)),
    }),
    [watches, error, resource, client],
  );
}
