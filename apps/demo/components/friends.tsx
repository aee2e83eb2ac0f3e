'use client';

import type { FriendRow, Page } from 'hereabouts';
import {
  FriendRequests,
  LastSeen,
  OnlineUsers,
  PresenceDot,
  useFriendRequests,
  usePresenceClient,
  usePresenceEvents,
  useUserPresence,
  useWatches,
  type Watches,
} from 'hereabouts/react';
import { useEffect } from 'react';
import { usePeople } from '@/lib/people-context';
import type { ServerPerson } from '@/lib/server';
import { type Answer, useApi } from '@/lib/use-api';
import { useMe } from '@/lib/use-me';

type Friends = Answer<Page<FriendRow>>;

/** Friends and the way to them: whom one knows, who asks, who is here, and whose coming one waits for. */
export function Friends() {
  const people = usePeople();
  const me = useMe();
  const friends: Friends = useApi('/auth/friends/?page_size=100');
  const requests = useFriendRequests();
  const watches = useWatches();
  const n = friends.value?.count;
  // Who accepted a request of mine comes into this scope.
  usePresenceEvents({ onJoin: () => void friends.reload(), onLeave: () => void friends.reload() }, 'friends');
  useReloadWith(requests.received.length + requests.sent.length, friends.reload);
  return (
    <div className="two-columns">
      <section className="panel team" aria-labelledby="people-title">
        <header className="team-head">
          <h2 id="people-title">The twelve</h2>
          <p role="status">{n === undefined ? '' : n === 1 ? '1 friend' : `${n} friends`}</p>
        </header>
        <ul>
          {people
            .filter((person) => person.id !== me?.id)
            .map((person) => (
              <Row key={person.id} person={person} friends={friends} requests={requests} watches={watches} />
            ))}
        </ul>
        {(friends.error ?? requests.error ?? watches.error) !== null && (
          <p className="page-problem" role="alert">
            {friends.error ?? requests.error ?? watches.error}
          </p>
        )}
      </section>
      <div className="stack">
        <OnlineUsers
          filter="friends"
          title="Online Friends"
          headingLevel={2}
          emptyAction={<p className="ha-hint">Ask somebody on this page.</p>}
        />
        <FriendRequests headingLevel={2} />
      </div>
    </div>
  );
}

function useReloadWith(n: number, reload: () => Promise<void>): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a request that is answered may have made a friend
  useEffect(() => void reload(), [n, reload]);
}

function Row(props: {
  person: ServerPerson;
  friends: Friends;
  requests: ReturnType<typeof useFriendRequests>;
  watches: Watches;
}) {
  const { person, friends, requests, watches } = props;
  const presence = useUserPresence(person.id);
  const isFriend = friends.value?.results.some(({ friend }) => friend.id === person.id) ?? false;
  return (
    <li data-slug={person.slug} className="friend-row">
      {person.profile_image_url && (
        <img className="face" src={person.profile_image_url} alt="" width={36} height={36} loading="lazy" />
      )}
      <span className="team-name">
        {person.username}
        {presence && (
          <span className="friend-state">
            <PresenceDot status={presence.status} />
            <LastSeen user={presence} />
          </span>
        )}
      </span>
      <span className="friend-actions">
        <Watch person={person} watches={watches} />
        <Befriend person={person} isFriend={isFriend} friends={friends} requests={requests} />
      </span>
    </li>
  );
}

function Watch({ person, watches }: { person: ServerPerson; watches: Watches }) {
  const isWatched = watches.isWatched(person.id);
  return (
    <button
      type="button"
      className="button button-quiet button-small"
      aria-pressed={isWatched}
      aria-label={`Tell me when ${person.username} comes online`}
      disabled={watches.watches === null}
      onClick={() =>
        void (isWatched ? watches.unwatch(person.id) : watches.watch(person.id, { repeat: true }))
      }
    >
      {isWatched ? '🔔 Waiting' : 'Tell me'}
    </button>
  );
}

function Befriend(props: {
  person: ServerPerson;
  isFriend: boolean;
  friends: Friends;
  requests: ReturnType<typeof useFriendRequests>;
}) {
  const { person, isFriend, friends, requests } = props;
  const client = usePresenceClient();
  const isAsked = requests.sent.some((request) => request.to_user.id === person.id);
  async function end() {
    await client.request('DELETE', `/auth/friends/${person.id}/`).catch(() => {});
    await friends.reload();
  }
  if (isFriend) {
    return (
      <button
        type="button"
        className="button button-quiet button-small"
        aria-label={`End the friendship with ${person.username}`}
        onClick={() => void end()}
      >
        Friends
      </button>
    );
  }
  return (
    <button
      type="button"
      className="button button-small"
      aria-label={`Ask ${person.username} to be friends`}
      disabled={isAsked || friends.value === null}
      onClick={() => void requests.send(person.id)}
    >
      {isAsked ? 'Asked' : 'Ask'}
    </button>
  );
}
