import { useMemo } from 'react';
import type { FriendRequest, Page } from '../core/protocol';
import type { PresenceClient } from '../core/types';
import { useHereabouts } from './context';
import { type Resource, resourceOf, useResource } from './resource';

/** How often requests are read while the page is looked at. */
const POLL_MS = 15_000;
const PATH = '/auth/friend-requests/';
const NONE: readonly FriendRequest[] = [];

interface Requests {
  received: readonly FriendRequest[];
  sent: readonly FriendRequest[];
}

export interface FriendRequestsResult extends Requests {
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

/** Open friend requests, newest first, and the answers to them. All views of a page share them. */
export function useFriendRequests(): FriendRequestsResult {
  const { client } = useHereabouts('useFriendRequests');
  const requests = requestsOf(client);
  const { value, error } = useResource(requests);
  return useMemo(() => {
    const call = (method: string, path: string, body?: unknown) =>
      requests.change(() => client.request(method, PATH + path, body));
    return {
      received: value?.received ?? NONE,
      sent: value?.sent ?? NONE,
      state: value ? 'ready' : error === null ? 'loading' : 'error',
      error,
      accept: (id) => call('POST', `${id}/accept/`),
      decline: (id) => call('POST', `${id}/decline/`),
      send: (to) => call('POST', '', { to_user_id: to }),
      withdraw: (id) => call('DELETE', `${id}/`),
      refetch: requests.load,
    };
  }, [client, requests, value, error]);
}

function requestsOf(client: PresenceClient): Resource<Requests> {
  const page = async (direction: string) =>
    (await client.request<Page<FriendRequest>>('GET', `${PATH}?direction=${direction}`)).results;
  const read = async () => {
    const [received, sent] = await Promise.all([page('incoming'), page('outgoing')]);
    return { received, sent };
  };
  return resourceOf(client, 'friend-requests', read, POLL_MS);
}
