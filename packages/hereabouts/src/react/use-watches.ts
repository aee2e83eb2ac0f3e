import { useCallback, useEffect, useMemo, useState } from 'react';
import { messageOf } from '../core/errors';
import type { Watch } from '../core/protocol';
import { useHereabouts, useSnapshot } from './context';

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

/** The people whose coming I want to be told of: `<PresenceToasts/>` shows it. */
export function useWatches(): Watches {
  const { client } = useHereabouts('useWatches');
  const userId = useSnapshot(client, (snapshot) => (snapshot.isConnected ? snapshot.userId : null));
  const [watches, setWatches] = useState<readonly Watch[] | null>(null);
  const [error, setError] = useState<string | null>(null);

  const change = useCallback(
    async (what?: () => Promise<unknown>) => {
      try {
        await what?.();
        const answer = await client.request<{ results: readonly Watch[] }>('GET', '/me/watches/');
        setWatches(answer.results);
        setError(null);
      } catch (thrown) {
        setError(messageOf(thrown));
      }
    },
    [client],
  );
  useEffect(() => {
    if (userId === null) return;
    void change();
    // One that was for once has ended with it.
    return client.on('watch-online', () => void change());
  }, [client, change, userId]);

  return useMemo(
    () => ({
      watches,
      error,
      isWatched: (id: string) => watches?.some((watch) => watch.user.id === id) ?? false,
      watch: (id: string, options?: { repeat?: boolean }) => change(() => client.watch(id, options)),
      unwatch: (id: string) => change(() => client.request('DELETE', `/me/watches/${id}/`)),
    }),
    [watches, error, change, client],
  );
}
