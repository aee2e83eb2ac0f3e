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
  /** Mine, unanswered. */
  sent: readonly FriendRequest[];
  state: 'loading' | 'ready' | 'error';
  /** The server's sentence about what failed. */
  error: string | null;
  accept(id: string): Promise<void>;
  decline(id: string): Promise<void>;
  /** Asks somebody. */
  send(userId: string): Promise<void>;
  /** Takes back one of mine. */
  withdraw(id: string): Promise<void>;
  refetch(): Promise<void>;
}

/** Open friend requests, and the answers to them. */
export function useFriendRequests(): FriendRequestsResult {
  const { client } = useHereabouts('useFriendRequests');
  const userId = useSnapshot(client, (snapshot) => (snapshot.isConnected ? snapshot.userId : null));
  const [requests, setRequests] = useState<Record<'received' | 'sent', readonly FriendRequest[]> | null>(
    null,
  );
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
        const [received, sent] = await Promise.all(
          ['incoming', 'outgoing'].map((direction) =>
            client.request<Page<FriendRequest>>('GET', `/auth/friend-requests/?direction=${direction}`),
          ),
        );
        setRequests({ received: received?.results ?? NONE, sent: sent?.results ?? NONE });
      }),
    [client, run],
  );
  const call = useCallback(
    (method: string, path: string, body?: unknown) =>
      run(async () => {
        await client.request(method, `/auth/friend-requests/${path}`, body);
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
      received: requests?.received ?? NONE,
      sent: requests?.sent ?? NONE,
      state: requests ? 'ready' : error === null ? 'loading' : 'error',
      error,
      accept: (id: string) => call('POST', `${id}/accept/`),
      decline: (id: string) => call('POST', `${id}/decline/`),
      send: (to: string) => call('POST', '', { to_user_id: to }),
      withdraw: (id: string) => call('DELETE', `${id}/`),
      refetch,
    }),
    [requests, error, call, refetch],
  );
}
