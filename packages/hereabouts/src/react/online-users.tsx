import { type ComponentType, createElement, type ReactNode, useId, useMemo, useState } from 'react';
import type { PresenceUser } from '../core/types';
import { MAX_WINDOW } from '../core/wants';
import { Announcer } from './announcer';
import type { AvatarProps } from './avatar';
import { HereaboutsContext, useHereabouts } from './context';
import { fill, type Messages, plural } from './messages';
import { Problem, StaleNote } from './notice';
import { useTooltip } from './tooltip-host';
import { useFocusKeeper } from './use-focus-keeper';
import { type OnlineUsersOptions, useOnlineUsers } from './use-online-users';
import { join, type OnlineUsersClassNames, UserCard } from './user-card';

export interface OnlineUsersProps extends Pick<OnlineUsersOptions, 'filter' | 'sort' | 'fallback'> {
  /** Cards to show; a "+N" comes on top. */
  maxUsers?: number;
  title?: string;
  className?: string;
  onUserClick?: (user: PresenceUser) => void;
  /** Show the viewer too. */
  showSelf?: boolean;
  showLastSeen?: boolean;
  viewAllHref?: string;
  /** Makes each card a link. */
  hrefFor?: (user: PresenceUser) => string;
  /** What to do where nobody is: a link to find friends. */
  emptyAction?: ReactNode;
  headingLevel?: 2 | 3 | 4 | 5 | 6;
  /** Tell screen readers of arrivals. */
  announce?: 'off' | 'polite';
  layout?: 'grid' | 'list';
  renderUser?: (user: PresenceUser) => ReactNode;
  classNames?: OnlineUsersClassNames;
  slots?: { Avatar?: ComponentType<AvatarProps> };
  locale?: string;
  dir?: 'ltr' | 'rtl';
  messages?: Partial<Messages>;
}

/** Who is online now, as a card of faces. */
export function OnlineUsers({ locale, dir, messages, ...props }: OnlineUsersProps) {
  const outer = useHereabouts('OnlineUsers');
  const value = useMemo(
    () => ({
      ...outer,
      locale: locale ?? outer.locale,
      dir: dir ?? outer.dir,
      messages: { ...outer.messages, ...messages },
    }),
    [outer, locale, dir, messages],
  );
  return (
    <HereaboutsContext.Provider value={value}>
      <Card {...props} />
    </HereaboutsContext.Provider>
  );
}

function Card(props: Omit<OnlineUsersProps, 'locale' | 'dir' | 'messages'>) {
  const { maxUsers = 8, filter, sort, fallback, showSelf = false, announce = 'off', layout = 'grid' } = props;
  const { messages, dir } = useHereabouts('OnlineUsers');
  const [isOpen, setIsOpen] = useState(false);
  const titleId = useId();
  const limit = isOpen ? MAX_WINDOW - 1 : maxUsers;
  const { users, total, kind, state, error, refetch } = useOnlineUsers({
    filter,
    sort,
    fallback,
    limit,
    includeSelf: showSelf,
  });
  const retry = () => void refetch();
  const isEmpty = users.length === 0;
  return (
    <section
      className={join('ha-card', props.classNames?.root, props.className)}
      aria-labelledby={titleId}
      aria-busy={state === 'loading'}
      data-state={state}
      dir={dir}
    >
      {createElement(
        `h${props.headingLevel ?? 3}`,
        { id: titleId, className: join('ha-title', props.classNames?.title) },
        props.title ?? messages.title,
      )}
      {state === 'loading' && (
        <Skeleton count={Math.min(maxUsers, 8)} layout={layout} label={messages.loading} />
      )}
      {state === 'error' && <Problem error={error} onRetry={retry} />}
      {(state === 'ready' || state === 'stale') &&
        (isEmpty ? (
          <Nobody isOfFriends={filter === 'friends'} action={props.emptyAction} />
        ) : (
          <People
            {...props}
            layout={layout}
            users={users}
            more={kind === 'online' ? total - Math.min(users.length, maxUsers) : 0}
            hidden={total - users.length}
            isOpen={isOpen}
            onToggle={() => setIsOpen((now) => !now)}
            label={kind === 'recent' ? messages.badgeRecent : undefined}
          />
        ))}
      {!isEmpty && state !== 'error' && (
        <span className="ha-badge">{kind === 'recent' ? messages.badgeRecent : messages.badgeOnline}</span>
      )}
      {state === 'stale' && <StaleNote error={error} onRetry={retry} />}
      {props.viewAllHref !== undefined && (
        <a className="ha-view-all" href={props.viewAllHref}>
          {messages.viewAll}
        </a>
      )}
      <Announcer users={users} mode={announce} isReady={state === 'ready' && kind === 'online' && !isOpen} />
    </section>
  );
}

interface PeopleProps extends Omit<OnlineUsersProps, 'locale' | 'dir' | 'messages'> {
  layout: 'grid' | 'list';
  users: readonly PresenceUser[];
  /** How many there are beyond the cards. */
  more: number;
  /** How many there are beyond what is shown. */
  hidden: number;
  isOpen: boolean;
  onToggle(): void;
  label: string | undefined;
}

function People(props: PeopleProps) {
  const { users, more, isOpen, layout } = props;
  const { messages, locale } = useHereabouts('OnlineUsers');
  const ids = useMemo(() => users.map((user) => user.id), [users]);
  const focus = useFocusKeeper(ids);
  const { handlers, tooltip } = useTooltip(users);
  const beyond = isOpen ? props.hidden : more;
  const number = new Intl.NumberFormat(locale).format(more);
  return (
    <>
      <ul
        ref={focus.list}
        // Safari drops a list without bullets from what it reads out; the role brings it back.
        // biome-ignore lint/a11y/noRedundantRoles: see above
        role="list"
        aria-label={props.label}
        className={join('ha-list', props.classNames?.list)}
        data-layout={layout}
        data-open={isOpen || undefined}
        onPointerOver={handlers.onPointerOver}
        onPointerOut={handlers.onPointerOut}
        onFocus={(event) => {
          focus.onFocus(event);
          handlers.onFocus(event);
        }}
        onBlur={() => {
          focus.onBlur();
          handlers.onBlur();
        }}
      >
        {users.map((user) => (
          <UserCard
            key={user.id}
            user={user}
            href={props.hrefFor?.(user)}
            onUserClick={props.onUserClick}
            showLastSeen={props.showLastSeen ?? true}
            renderUser={props.renderUser}
            AvatarSlot={props.slots?.Avatar}
            classNames={props.classNames}
          />
        ))}
        {(more > 0 || isOpen) && (
          <li className="ha-item">
            <button type="button" className="ha-more" aria-expanded={isOpen} onClick={props.onToggle}>
              <span className="ha-figure" aria-hidden="true">
                <span className="ha-avatar">{isOpen ? '−' : fill(messages.more, { n: number })}</span>
              </span>
              <span className="ha-sr-only">
                {isOpen ? messages.lessLabel : plural(messages.moreLabel, more, locale)}
              </span>
            </button>
          </li>
        )}
      </ul>
      {isOpen && beyond > 0 && <p className="ha-note">{fill(messages.more, { n: beyond })}</p>}
      {tooltip}
    </>
  );
}

function Nobody({ isOfFriends, action }: { isOfFriends: boolean; action: ReactNode }) {
  const { messages } = useHereabouts('OnlineUsers');
  return (
    <div className="ha-note">
      <p>{isOfFriends ? messages.emptyFriends : messages.empty}</p>
      <p className="ha-hint">{isOfFriends ? messages.emptyFriendsHint : messages.emptyHint}</p>
      {action}
    </div>
  );
}

/** As tall as what will stand there. It becomes visible only after 150 ms, by CSS, so that it needs no script. */
function Skeleton({ count, layout, label }: { count: number; layout: string; label: string }) {
  return (
    <div className="ha-list ha-skeleton" data-layout={layout}>
      <span className="ha-sr-only">{label}</span>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the placeholders have no identity
        <span key={index} className="ha-item" aria-hidden="true">
          <span className="ha-user">
            <span className="ha-figure">
              <span className="ha-avatar" />
            </span>
            <span className="ha-name" />
          </span>
        </span>
      ))}
    </div>
  );
}
