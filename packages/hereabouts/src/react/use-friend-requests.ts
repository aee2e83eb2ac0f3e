import { useCallback, useEffect, useMemo, useState } from 'react';
import { messageOf } from '../core/errors';
import type { FriendRequest, Page } from '../core/protocol';
import { useHereabouts, useSnapshot } from './context';

/** How often requests are read while the page is looked at. */
const POLL_MS = 15_000;
const NONE: readonly FriendRequest[] = [];

export interface FriendRequestsResult {
  /** Of others to me, newest first. */
  received: readonly FriendRequest[];
  /** Of mine, unanswered. */
  sent: readonly FriendRequest[];
  state: 'loading' | 'ready' | 'error';
  /** The server's sentence about what failed. */
  error: string | null;
  accept(id: string): Promise<void>;
  decline(id: string): Promise<void>;
  /** Asks somebody. */
  send(userId: string): Promise<void>;
  refetch(): Promise<void>;
}

/** Open friend requests, and the answers to them. */
export function useFriendRequests(): FriendRequestsResult {
  const { client } = useHereabouts('useFriendRequests');
  const userId = useSnapshot(client, (snapshot) => (snapshot.isConnected ? snapshot.userId : null));
  const [requests, setRequests] = useState<readonly FriendRequest[] | null>(null);
  const [error, setError] = useState<string | null>(null);

  const run = useCallback(async (what: () => Promise<unknown>) => {
    try {
      await what();
      setError(null);
    } catch (thrown) {
      setError(messageOf(thrown));
    }
  }, []);
  const refetch = useCallback(
    () =>
      run(async () => {
        const page = await client.request<Page<FriendRequest>>('GET', '/auth/friend-requests/');
        setRequests(page.results);
      }),
    [client, run],
  );
  const post = useCallback(
    (path: string, body?: unknown) =>
      run(async () => {
        await client.request('POST', `/auth/friend-requests/${path}`, body);
        await refetch();
      }),
    [client, run, refetch],
  );
  useEffect(() => {
    if (userId === null) return;
    void refetch();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void refetch();
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [refetch, userId]);

  return useMemo(
    () => ({
      received: requests?.filter((request) => request.to_user.id === userId) ?? NONE,
      sent: requests?.filter((request) => request.from_user.id === userId) ?? NONE,
      state: requests ? 'ready' : error === null ? 'loading' : 'error',
      error,
      accept: (id: string) => post(`${id}/accept/`),
      decline: (id: string) => post(`${id}/decline/`),
      send: (to: string) => post('', { to_user_id: to }),
      refetch,
    }),
    [requests, userId, error, post, refetch],
  );
}
