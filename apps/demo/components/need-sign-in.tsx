'use client';

import { useAuth } from 'hereabouts/react';
import Link from 'next/link';
import type { ReactNode } from 'react';

/** What only somebody can see who is signed in; the way there for everybody else. */
export function NeedSignIn({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  const { isAuthenticated } = useAuth();
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        <p>{text}</p>
      </header>
      {isAuthenticated ? (
        children
      ) : (
        <section className="panel talk-empty need-sign-in">
          <p>Sign in as one of the twelve, or as yourself.</p>
          <p>
            <Link className="button" href="/">
              Choose who you are
            </Link>
          </p>
          <noscript>
            <p>This page is live, so it needs JavaScript.</p>
          </noscript>
        </section>
      )}
    </>
  );
}
