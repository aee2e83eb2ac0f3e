import type { PresenceUser } from '../core/types';
import { useHereabouts } from './context';
import { fill } from './messages';
import { usePanel } from './panel-messages';
import { exactTime } from './time';
import { useRelativeTime } from './use-relative-time';
import { statusText } from './user-card';

export interface LastSeenProps {
  user: Pick<PresenceUser, 'is_online' | 'status' | 'last_seen'>;
  className?: string;
}

/** When somebody was last here, in words; the exact time on hover. Their status while they are here. */
export function LastSeen({ user, className }: LastSeenProps) {
  const { messages } = usePanel('LastSeen');
  if (user.is_online) return <span className={className}>{statusText(user, messages)}</span>;
  if (user.last_seen === null) return <span className={className}>{messages.lastSeenHidden}</span>;
  return <Ago iso={user.last_seen} className={className} text={messages.lastSeen} />;
}

/** A moment as `5m ago`, kept current. `text` may put words around its `{ago}`. */
export function Ago({ iso, className, text = '{ago}' }: { iso: string; className?: string; text?: string }) {
  const { locale } = useHereabouts('LastSeen');
  const ago = useRelativeTime(iso);
  return (
    <time className={className} dateTime={iso} title={exactTime(iso, locale)} suppressHydrationWarning>
      {fill(text, { ago })}
    </time>
  );
}
