'use client';

import { useAuth, useOnlineUsers, useUserPresence, useUserStatusContext } from 'hereabouts/react';
import Link from 'next/link';
import { usePeople } from '@/lib/people-context';
import type { ServerPerson } from '@/lib/server';
import { useMe } from '@/lib/use-me';

/** The twelve as a list, each row following one person with `useUserPresence`. */
export function Team() {
  const people = usePeople();
  const { isAuthenticated } = useAuth();
  return (
    <section className="panel team" aria-labelledby="team-title">
      <header className="team-head">
        <h1 id="team-title">The team</h1>
        {isAuthenticated && <Total />}
      </header>
      {isAuthenticated ? (
        <ul>
          {people.map((person) => (
            <Row key={person.id} person={person} />
          ))}
        </ul>
      ) : (
        <div className="talk-empty">
          <p>Sign in as one of the twelve, and each row follows its person.</p>
          <p>
            <Link className="button" href="/">
              Choose who you are
            </Link>
          </p>
          <noscript>
            <p>The list is live, so it needs JavaScript.</p>
          </noscript>
        </div>
      )}
    </section>
  );
}

function Total() {
  const { total, kind, state } = useOnlineUsers({ limit: 10 });
  if (state === 'loading' || kind !== 'online') return null;
  return <p>{total === 1 ? '1 other person online' : `${total.toLocaleString('en')} others online`}</p>;
}

function Row({ person }: { person: ServerPerson }) {
  const isOnline = useUserPresence(person.id)?.is_online === true;
  const { isConnected } = useUserStatusContext();
  const me = useMe();
  return (
    <li data-online={isOnline} data-slug={person.slug}>
      {person.profile_image_url && (
        <img
          className="face"
          src={person.profile_image_url}
          alt=""
          width={36}
          height={36}
          loading="lazy"
          decoding="async"
        />
      )}
      <span className="team-name">
        {person.username}
        {person.id === me?.id && <small> you</small>}
      </span>
      <span className="talk-state" data-online={isOnline}>
        <span className="state-dot" aria-hidden="true" />
        {isOnline ? 'Online' : isConnected ? 'Offline' : '…'}
      </span>
    </li>
  );
}
