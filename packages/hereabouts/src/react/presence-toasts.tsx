import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { PresenceUser } from '../core/types';
import { useLatest } from './hooks';
import { isolate } from './isolate';
import { fill, plural } from './messages';
import { usePanel } from './panel-messages';
import { NO_TOASTS, withoutMore, withoutToast, withToast } from './toasts';

export interface PresenceToastsProps {
  className?: string;
  /** How long one stands, without hover and focus. Milliseconds; at least 5,000. */
  duration?: number;
  /** Also as a notice of the system while the page is hidden, where the person has allowed notices. */
  notifications?: boolean;
  onUserClick?: (user: PresenceUser) => void;
}

const MIN_DURATION_MS = 5_000;
const MORE = 'more';

/**
 * Tells that somebody came whom this person asked to be told of (`client.watch`). Whether to tell (how long they were
 * away, not while I do not want to be disturbed) the server decides; here is only how.
 */
export function PresenceToasts({
  className = '',
  duration = 8_000,
  notifications = true,
  onUserClick,
}: PresenceToastsProps) {
  const { client, messages, locale, dir } = usePanel('PresenceToasts');
  const [toasts, setToasts] = useState(NO_TOASTS);
  const [users, setUsers] = useState<ReadonlyMap<string, PresenceUser>>(new Map());
  const [isHeld, setIsHeld] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const latest = useLatest({ notifications, text: messages.toastOnline });

  useEffect(
    () =>
      client.on('watch-online', (user) => {
        setUsers((known) => new Map(known).set(user.id, user));
        setToasts((now) => withToast(now, { id: user.id, name: user.username }));
        const { notifications, text } = latest.current;
        if (notifications && document.visibilityState === 'hidden')
          notify(user, fill(text, { name: user.username }));
      }),
    [client, latest],
  );

  const entries = [
    ...toasts.shown.map(({ id, name }) => ({
      id,
      text: fill(messages.toastOnline, { name: isolate(name, dir) }),
    })),
    ...(toasts.more > 0 ? [{ id: MORE, text: plural(messages.toastMerged, toasts.more, locale) }] : []),
  ];
  const close = (id: string) => setToasts((now) => (id === MORE ? withoutMore(now) : withoutToast(now, id)));
  const dismiss = (id: string) => {
    // The focus stays among the rest; the last one takes it away with itself.
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('[data-dismiss]') ?? [])];
    const at = buttons.findIndex((button) => button.dataset.dismiss === id);
    if (buttons[at] === document.activeElement) (buttons[at + 1] ?? buttons[at - 1])?.focus();
    if (buttons.length === 1) setIsHeld(false);
    close(id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const id = (event.target as HTMLElement).closest<HTMLElement>('[data-toast]')?.dataset.toast;
    if (event.key !== 'Escape' || !id) return;
    event.stopPropagation();
    dismiss(id);
  };

  return (
    <section className={`ha-toasts ${className}`} aria-label={messages.toastsLabel} dir={dir}>
      <ul
        ref={list}
        aria-live="polite"
        aria-relevant="additions text"
        onPointerEnter={() => setIsHeld(true)}
        onPointerLeave={() => setIsHeld(false)}
        onFocus={() => setIsHeld(true)}
        onBlur={() => setIsHeld(false)}
        onKeyDown={onKeyDown}
      >
        {entries.map(({ id, text }) => (
          <Entry
            key={id}
            id={id}
            text={text}
            isHeld={isHeld}
            duration={Math.max(duration, MIN_DURATION_MS)}
            onEnd={() => close(id)}
            onDismiss={() => dismiss(id)}
            onClick={asClick(users.get(id), onUserClick)}
            dismissLabel={fill(messages.toastDismiss, { text })}
          />
        ))}
      </ul>
    </section>
  );
}

function asClick(user: PresenceUser | undefined, onUserClick: PresenceToastsProps['onUserClick']) {
  return user && onUserClick ? () => onUserClick(user) : undefined;
}

function Entry(props: {
  id: string;
  text: string;
  isHeld: boolean;
  duration: number;
  onEnd(): void;
  onDismiss(): void;
  onClick: (() => void) | undefined;
  dismissLabel: string;
}) {
  const { id, text, isHeld, duration } = props;
  const onEnd = useLatest(props.onEnd);
  const left = useRef(duration);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text (one more person) counts anew
  useEffect(() => {
    left.current = duration;
  }, [duration, text]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (isHeld) return;
    const begun = Date.now();
    const timer = setTimeout(() => onEnd.current(), left.current);
    return () => {
      clearTimeout(timer);
      left.current = Math.max(1_000, left.current - (Date.now() - begun));
    };
  }, [isHeld, onEnd, text]);
  return (
    <li className="ha-toast" data-toast={id}>
      {props.onClick ? (
        <button type="button" className="ha-toast-text" onClick={props.onClick}>
          {text}
        </button>
      ) : (
        <span className="ha-toast-text">{text}</span>
      )}
      <button
        type="button"
        className="ha-toast-close"
        data-dismiss={id}
        aria-label={props.dismissLabel}
        onClick={props.onDismiss}
      >
        <span aria-hidden="true">×</span>
      </button>
    </li>
  );
}

/** One for each person, whichever of the hidden tabs says it. */
function notify(user: PresenceUser, text: string): void {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return;
  try {
    const notice = new Notification(text, {
      tag: `hereabouts-${user.id}`,
      ...(user.profile_image_url && { icon: user.profile_image_url }),
    });
    notice.onclick = () => window.focus();
  } catch {
    // Android only takes them from a service worker: the toast stands in the page.
  }
}
