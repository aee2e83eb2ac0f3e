'use client';

import { AUTH_STORAGE_KEY, AuthProvider, UserStatusProvider, useAuth } from 'hereabouts/react';
import type { ReactNode } from 'react';
import { EventLogProvider } from '@/lib/event-log-context';
import { PeopleProvider } from '@/lib/people-context';
import { signIn } from '@/lib/server';
import { useSwitches } from '@/lib/switches';
import { useMe } from '@/lib/use-me';

/**
 * The two providers of the quick start, with what the demo needs beyond: the sign-in is kept per window, so that
 * two windows of one browser are two people, and a token that runs out is renewed by itself.
 */
export function Providers({ children }: { children: ReactNode }) {
  const { storage } = useSwitches();
  return (
    <AuthProvider storage={storage}>
      <Presence>
        <PeopleProvider>
          <EventLogProvider>{children}</EventLogProvider>
        </PeopleProvider>
      </Presence>
    </AuthProvider>
  );
}

function Presence({ children }: { children: ReactNode }) {
  const { multiTab, storage } = useSwitches();
  const { login } = useAuth();
  const me = useMe();

  async function getToken({ reason }: { reason: string }): Promise<string | null> {
    const isUsedUp = reason === 'rejected' || reason === 'expiring';
    // Read where it is kept: what this component was last rendered with may be older.
    const kept = window[storage].getItem(AUTH_STORAGE_KEY);
    if (!me || !isUsedUp) return kept && (JSON.parse(kept) as { accessToken: string }).accessToken;
    const session = await signIn(me.slug);
    login(session);
    return session.accessToken;
  }

  return (
    <UserStatusProvider key={multiTab} multiTab={multiTab} getToken={getToken}>
      {children}
    </UserStatusProvider>
  );
}
