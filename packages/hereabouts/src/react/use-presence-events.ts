import { useEffect } from 'react';
import type { PresenceUser } from '../core/types';
import { useHereabouts } from './context';
import { useLatest } from './hooks';

export interface PresenceHandlers {
  onJoin?(user: PresenceUser): void;
  /** What was last known of them, offline. */
  onLeave?(user: PresenceUser): void;
  /** Anything else about somebody who is and stays here. */
  onUpdate?(user: PresenceUser): void;
}

/**
 * Calls back when somebody comes, goes or changes. The handlers may be new functions on every render. Whom to watch
 * may be ids too: a new array with the same ids changes nothing.
 */
export function usePresenceEvents(
  handlers: PresenceHandlers,
  whom: 'everyone' | 'friends' | readonly string[] = 'everyone',
): void {
  const { client } = useHereabouts('usePresenceEvents');
  const latest = useLatest(handlers);
  const key = typeof whom === 'string' ? whom : JSON.stringify(whom);
  useEffect(() => {
    const followed: 'everyone' | 'friends' | string[] =
      key === 'everyone' || key === 'friends' ? key : JSON.parse(key);
    const stopFollowing = client.follow(followed);
    const stopListening = client.on('presence-changed', ({ scope, user, wasOnline }) => {
      // A server that cannot follow single people tells of everyone.
      const single = client.getSnapshot().features.includes('users') ? 'users' : 'everyone';
      const isMeant =
        typeof followed === 'string' ? scope === followed : scope === single && followed.includes(user.id);
      if (!isMeant) return;
      const { onJoin, onLeave, onUpdate } = latest.current;
      if (user.is_online && !wasOnline) onJoin?.(user);
      else if (wasOnline && !user.is_online) onLeave?.(user);
      else if (user.is_online) onUpdate?.(user);
    });
    return () => {
      stopListening();
      stopFollowing();
    };
  }, [client, key, latest]);
}
