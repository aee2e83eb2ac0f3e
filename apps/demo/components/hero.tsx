'use client';

import { OnlineUsers, useAuth } from 'hereabouts/react';
import Link from 'next/link';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { WindowIcon } from '@/components/icons';
import { PeoplePicker } from '@/components/people-picker';
import { avatarOf, companionOf, firstName, personBySlug } from '@/lib/people';
import { useSwitches } from '@/lib/switches';
import { useDemoSignIn } from '@/lib/use-demo-sign-in';
import { useMe } from '@/lib/use-me';

const never = () => () => {};

/** False in the prerendered page and while it comes to life: who this window is, is not known there. */
function useIsBrowser(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}

/** The first screen: what this is, two doors into it, and the card itself. */
export function Hero() {
  const { isAuthenticated } = useAuth();
  const { as, showSelf } = useSwitches();
  const { signInAs, pendingSlug, error } = useDemoSignIn();
  const isBrowser = useIsBrowser();
  useSignInFromAddress(as, signInAs);

  const isOpening = pendingSlug !== null || (as !== null && !isAuthenticated && !error);
  return (
    <section className="hero" aria-labelledby="hero-title">
      <div className="hero-text">
        <p className="eyebrow">Presence for your app, in real time</p>
        <h1 id="hero-title">
          See who’s here, <em>the moment they are.</em>
        </h1>
        <p className="lead">
          One binary and one React component. The green dot lights up within a blink, goes out when somebody
          leaves, and does not flicker when they reload.
        </p>
        {isAuthenticated ? (
          <SignedIn />
        ) : (
          <Doors isOpening={isOpening} error={error} onOpen={(slug) => void signInAs(slug)} />
        )}
      </div>
      <div className="hero-card">
        {!isBrowser || (isOpening && !isAuthenticated) ? (
          <CardSkeleton />
        ) : isAuthenticated ? (
          <OnlineUsers maxUsers={8} title="Who's Online?" showSelf={showSelf} headingLevel={2} />
        ) : (
          <PeoplePicker isBusy={isOpening} onPick={(slug) => void signInAs(slug)} />
        )}
      </div>
    </section>
  );
}

/** `/?as=ada` opens the window as Ada; the switch then leaves the address, so a reload keeps who you became. */
function useSignInFromAddress(slug: string | null, signInAs: (slug: string) => Promise<boolean>) {
  const isDone = useRef(false);
  useEffect(() => {
    if (isDone.current || !personBySlug(slug) || slug === null) return;
    isDone.current = true;
    const address = new URL(window.location.href);
    if (!address.searchParams.has('as')) return;
    address.searchParams.delete('as');
    window.history.replaceState(window.history.state, '', address);
    void signInAs(slug);
  }, [slug, signInAs]);
}

function Doors({
  isOpening,
  error,
  onOpen,
}: {
  isOpening: boolean;
  error: string | null;
  onOpen: (slug: string) => void;
}) {
  return (
    <>
      <div className="doors">
        {['ada', 'linus'].map((slug) => (
          // A link, so that it also opens a window of its own with the middle button.
          <a
            key={slug}
            className="button door"
            href={`/?as=${slug}`}
            aria-disabled={isOpening || undefined}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              if (!isOpening) onOpen(slug);
            }}
          >
            <img src={avatarOf(slug)} alt="" width={36} height={36} />
            Open as {firstName(personBySlug(slug)?.username ?? slug)}
          </a>
        ))}
      </div>
      {error ? (
        <p className="hint hint-error" role="alert">
          {error}
        </p>
      ) : (
        <p className="hint">
          No account needed. Each window is its own person.{' '}
          <Link href="/sign-in/">Or sign in as yourself</Link>.
        </p>
      )}
    </>
  );
}

function SignedIn() {
  const { logout } = useAuth();
  const me = useMe();
  const companion = companionOf(me?.slug);
  return (
    <>
      <div className="doors">
        {/* noopener: a window opened with an opener would inherit this one's sign-in. */}
        <a className="button door" href={`/?as=${companion.slug}`} target="_blank" rel="noopener">
          <img src={avatarOf(companion.slug)} alt="" width={36} height={36} />
          Open a window as {firstName(companion.username)}
          <WindowIcon />
        </a>
        <button type="button" className="button button-quiet" onClick={logout}>
          Sign out
        </button>
      </div>
      <p className="hint">
        This window is <b>{me?.username}</b>. Put the two side by side, then close one.
      </p>
    </>
  );
}

/** The shape of the card, for the page as it comes from the server. */
function CardSkeleton() {
  return (
    <div className="people-card skeleton" aria-busy="true" aria-label="Loading who is online" role="group">
      <span className="skeleton-title" />
      <ul aria-hidden="true">
        {[1, 2, 3, 4, 5, 6, 7, 8].map((n) => (
          <li key={n}>
            <span className="skeleton-face" />
            <span className="skeleton-name" />
          </li>
        ))}
      </ul>
      <noscript>
        <p>The list of who is online is live, so it needs JavaScript.</p>
      </noscript>
    </div>
  );
}
