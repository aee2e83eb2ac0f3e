'use client';

import { AuthProvider, PresenceToasts, UserStatusProvider } from 'hereabouts/react';
import type { ReactNode } from 'react';
import { DEMO_BACKEND } from '@/lib/demo-backend';
import { EventLogProvider } from '@/lib/event-log-context';
import { PeopleProvider } from '@/lib/people-context';
import { useSwitches } from '@/lib/switches';

/**
 * The two providers of the quick start, with what the demo needs beyond: the sign-in is kept per window, so that
 * two windows of one browser are two people, and the twelve sign in without a password.
 */
export function Providers({ children }: { children: ReactNode }) {
  const { storage, multiTab } = useSwitches();
  return (
    <AuthProvider storage={storage} backend={DEMO_BACKEND}>
      <UserStatusProvider key={multiTab} multiTab={multiTab}>
        <PeopleProvider>
          <EventLogProvider>{children}</EventLogProvider>
          <PresenceToasts />
        </PeopleProvider>
      </UserStatusProvider>
    </AuthProvider>
  );
}
