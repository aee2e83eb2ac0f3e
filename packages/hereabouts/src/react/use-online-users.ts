import { useCallback, useEffect, useMemo } from 'react';
import type { ListState, PresenceError, PresenceUser } from '../core/types';
import { useHereabouts, useSnapshot } from './context';

export interface OnlineUsersOptions {
  /** Whom to list. `friends` shows everyone where the server knows no friendships. */
  filter?: 'everyone' | 'friends';
  /** How many people to list. */
  limit?: number;
  /** Longest here first, or by name. */
  sort?: 'since' | 'name';
  includeSelf?: boolean;
  /** What to list while nobody is online. */
  fallback?: 'recent' | 'none';
}

export interface OnlineUsersResult {
  users: readonly PresenceUser[];
  /** How many are online in all, the viewer only with `includeSelf`. */
  total: number;
  kind: 'online' | 'recent';
  /** `stale` is the last list, shown while the connection is missing: a reconnect never empties it. */
  state: ListState;
  error: PresenceError | null;
  refetch(): Promise<void>;
}

const NOBODY: readonly PresenceUser[] = [];

/** Who is online now: the first few, and how many in all. */
export function useOnlineUsers({
  filter = 'everyone',
  limit = 8,
  sort = 'since',
  includeSelf = false,
  fallback = 'recent',
}: OnlineUsersOptions = {}): OnlineUsersResult {
  const { client, locale } = useHereabouts('useOnlineUsers');
  const snapshot = useSnapshot(client, whole);
  const { userId, isConnected, recent, friends } = snapshot;
  const isOfFriends = filter === 'friends' && (!isConnected || snapshot.features.includes('friends'));
  const known = isOfFriends ? (friends ?? NOBODY) : snapshot.users;
  const everybody = isOfFriends ? known.length : snapshot.total;
  const isMissing = isOfFriends && friends === null && snapshot.listState !== 'error';
  const listState = isMissing ? 'loading' : snapshot.listState;

  // The server's window has the viewer in it; one more makes up for leaving them out.
  const asked = includeSelf ? limit : limit + 1;
  useEffect(
    () => (isOfFriends ? client.follow('friends') : client.watchOnline(asked)),
    [client, isOfFriends, asked],
  );

  const users = useMemo(() => {
    const others = includeSelf ? known : known.filter((user) => user.id !== userId);
    const shown = others.slice(0, limit);
    return sort === 'name' ? shown.sort((a, b) => a.username.localeCompare(b.username, locale)) : shown;
  }, [known, userId, includeSelf, limit, sort, locale]);

  const isInList = known.some((user) => user.id === userId);
  // Beyond the window's end the viewer is not in it, but a connected viewer counts among those online.
  const hasSelf = isInList || (isConnected && everybody > known.length);
  const total = Math.max(users.length, everybody - (!includeSelf && hasSelf ? 1 : 0));

  const wantsRecent =
    fallback === 'recent' &&
    !isOfFriends &&
    users.length === 0 &&
    (listState === 'ready' || listState === 'stale');
  useEffect(() => (wantsRecent ? client.watchRecent(limit) : undefined), [client, wantsRecent, limit]);
  const recentUsers = useMemo(
    () => (wantsRecent && recent ? recent.filter((user) => user.id !== userId).slice(0, limit) : NOBODY),
    [wantsRecent, recent, userId, limit],
  );

  const refetch = useCallback(() => client.refetch(), [client]);
  const kind = recentUsers.length > 0 ? 'recent' : 'online';
  return {
    users: kind === 'recent' ? recentUsers : users,
    total,
    kind,
    state: listState,
    error: snapshot.error,
    refetch,
  };
}

function whole<Snapshot>(snapshot: Snapshot): Snapshot {
  return snapshot;
}
