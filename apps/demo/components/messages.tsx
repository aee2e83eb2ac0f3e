'use client';

import Link from 'next/link';
import { Conversation, type Partner } from '@/components/conversation';
import { companionOf } from '@/lib/people';
import { usePeople } from '@/lib/people-context';
import { useMe } from '@/lib/use-me';

/** The conversation side of the messages page: with whom was chosen in the card, or with a suggestion. */
export function Messages({ partner }: { partner: Partner | null }) {
  const me = useMe();
  const people = usePeople();

  if (!me) return <SignedOut />;
  const chosen = partner && partner.id !== me.id ? partner : null;
  const suggested = people.find((person) => person.slug === companionOf(me.slug).slug);
  const shown = chosen ?? suggested;
  return shown ? (
    <Conversation key={shown.id} partner={shown} />
  ) : (
    <div className="panel talk" aria-busy="true" />
  );
}

function SignedOut() {
  return (
    <section className="panel talk talk-empty">
      <h1>Messages</h1>
      <p>Sign in as one of the twelve to see who is online and to write to them.</p>
      <p>
        <Link className="button" href="/">
          Choose who you are
        </Link>
      </p>
      <noscript>
        <p>Messages and the list of who is online are live, so they need JavaScript.</p>
      </noscript>
    </section>
  );
}
