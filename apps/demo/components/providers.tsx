'use client';

import { AuthProvider, UserStatusProvider } from 'hereabouts/react';
import type { ReactNode } from 'react';
import { EventLogProvider } from '@/lib/event-log-context';
import { PeopleProvider } from '@/lib/people-context';
import { useSwitches } from '@/lib/switches';

/**
 * The two providers of the quick start, with two settings of the demo: the sign-in is kept per window,
 * so that two windows of one browser are two people, and the switches of the address.
 */
export function Providers({ children }: { children: ReactNode }) {
  const { storage, multiTab } = useSwitches();
  return (
    <AuthProvider key={storage} storage={storage}>
      <UserStatusProvider key={multiTab} multiTab={multiTab}>
        <PeopleProvider>
          <EventLogProvider>{children}</EventLogProvider>
        </PeopleProvider>
      </UserStatusProvider>
    </AuthProvider>
  );
}
