import { type ComponentType, type MouseEvent, memo, type ReactNode } from 'react';
import type { PresenceUser } from '../core/types';
import { Avatar, type AvatarProps } from './avatar';
import { useHereabouts } from './context';
import { fill, type Messages } from './messages';
import { exactTime } from './time';
import { untilText } from './until';
import { useRelativeTime } from './use-relative-time';

/** Extra class names for the parts of `<OnlineUsers/>`. */
export interface OnlineUsersClassNames {
  root?: string;
  title?: string;
  list?: string;
  item?: string;
  user?: string;
  avatar?: string;
  name?: string;
}

export interface UserCardProps {
  user: PresenceUser;
  href: string | undefined;
  onUserClick: ((user: PresenceUser) => void) | undefined;
  showLastSeen: boolean;
  renderUser: ((user: PresenceUser) => ReactNode) | undefined;
  AvatarSlot: ComponentType<AvatarProps> | undefined;
  classNames: OnlineUsersClassNames | undefined;
}

/** One person. Renders again only when that person changes. */
export const UserCard = memo(function UserCard(props: UserCardProps) {
  const { user, href, onUserClick, classNames } = props;
  const content = props.renderUser ? props.renderUser(user) : <CardContent {...props} />;
  const className = join('ha-user', classNames?.user);
  const onClick = onUserClick && ((_: MouseEvent) => onUserClick(user));
  return (
    <li className={join('ha-item', classNames?.item)} data-user-id={user.id}>
      {href !== undefined ? (
        <a className={className} href={href} onClick={onClick}>
          {content}
        </a>
      ) : onClick ? (
        <button type="button" className={className} onClick={onClick}>
          {content}
        </button>
      ) : (
        <div className={className}>{content}</div>
      )}
    </li>
  );
});

function CardContent({ user, showLastSeen, AvatarSlot = Avatar, classNames }: UserCardProps) {
  const { messages, locale } = useHereabouts('OnlineUsers');
  return (
    <>
      <span className="ha-figure" aria-hidden="true">
        <AvatarSlot
          user={user}
          src={user.profile_image_url}
          alt=""
          className={join('ha-avatar', classNames?.avatar)}
        />
        <span className="ha-dot" data-status={user.status} />
      </span>
      <span className={join('ha-name', classNames?.name)} aria-hidden="true">
        <bdi>{user.username}</bdi>
      </span>
      <span className="ha-sr-only">{labelOf(user, messages, locale)}</span>
      {showLastSeen && !user.is_online && user.last_seen && <LastSeen iso={user.last_seen} />}
    </>
  );
}

function LastSeen({ iso }: { iso: string }) {
  const { locale } = useHereabouts('OnlineUsers');
  const text = useRelativeTime(iso);
  return (
    <time className="ha-last-seen" dateTime={iso} title={exactTime(iso, locale)} suppressHydrationWarning>
      {text}
    </time>
  );
}

/** `Ada Lovelace, online, In a meeting until 15:00`: all that a person's card says, in one line. */
export function labelOf(user: PresenceUser, messages: Messages, locale: string): string {
  const values = { name: user.username, status: statusText(user, messages) };
  const custom = customText(user, messages, locale);
  return custom ? fill(messages.userLabelCustom, { ...values, custom }) : fill(messages.userLabel, values);
}

/** What somebody wrote about themselves, and until when; empty without it. */
export function customText(
  { custom_status }: Pick<PresenceUser, 'custom_status'>,
  messages: Messages,
  locale: string,
): string {
  const custom = [custom_status?.emoji, custom_status?.text].filter(Boolean).join(' ');
  if (!custom || !custom_status?.until) return custom;
  return fill(messages.customUntil, { custom, time: untilText(custom_status.until, new Date(), locale) });
}

export function statusText(user: Pick<PresenceUser, 'status'>, messages: Messages): string {
  const texts = {
    online: messages.statusOnline,
    away: messages.statusAway,
    dnd: messages.statusDnd,
    offline: messages.statusOffline,
  };
  return texts[user.status];
}

export function join(...names: (string | undefined | false)[]): string {
  return names.filter(Boolean).join(' ');
}
