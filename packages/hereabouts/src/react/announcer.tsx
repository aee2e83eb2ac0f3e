import { useEffect, useRef, useState } from 'react';
import type { PresenceUser } from '../core/types';
import { useHereabouts } from './context';
import { fill, plural } from './messages';

/** A screen reader hears of arrivals this often at most. */
const EVERY_MS = 10_000;

export interface AnnouncerProps {
  users: readonly PresenceUser[];
  mode: 'off' | 'polite';
  isReady: boolean;
}

/** A live region that is always there and empty at first; it tells of arrivals, merged, when asked to. */
export function Announcer({ users, mode, isReady }: AnnouncerProps) {
  const { messages, locale } = useHereabouts('OnlineUsers');
  const [text, setText] = useState('');
  const known = useRef<Set<string> | null>(null);
  const arrived = useRef(new Map<string, string>());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const spokeAt = useRef(Number.NEGATIVE_INFINITY);

  useEffect(() => {
    if (mode === 'off' || !isReady) return;
    const before = known.current;
    known.current = new Set(users.map((user) => user.id));
    if (!before) return;
    for (const user of users) if (!before.has(user.id)) arrived.current.set(user.id, user.username);
    for (const id of arrived.current.keys()) if (!known.current.has(id)) arrived.current.delete(id);
    if (arrived.current.size === 0 || timer.current !== undefined) return;
    timer.current = setTimeout(
      () => {
        timer.current = undefined;
        const names = [...arrived.current.values()];
        arrived.current.clear();
        if (names.length === 0) return;
        spokeAt.current = Date.now();
        setText(
          names.length === 1
            ? fill(messages.joinedOne, { name: names[0] ?? '' })
            : plural(messages.joined, names.length, locale),
        );
      },
      // A moment to merge those who arrive together.
      Math.max(500, spokeAt.current + EVERY_MS - Date.now()),
    );
  }, [users, mode, isReady, messages, locale]);

  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <p className="ha-sr-only" role="status">
      {text}
    </p>
  );
}
