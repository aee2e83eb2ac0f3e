'use client';

import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { fetchPeople, type ServerPerson } from '@/lib/server';

const RETRY_MS = 3_000;

const PeopleContext = createContext<readonly ServerPerson[]>([]);

/** The twelve with their ids, asked from the server once per load. */
export function PeopleProvider({ children }: { children: ReactNode }) {
  const [people, setPeople] = useState<readonly ServerPerson[]>([]);
  const [attempt, setAttempt] = useState(0);
  const isMissing = people.length === 0;

  // `attempt` is not read: it only starts the effect again after a refusal.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (!isMissing) return;
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    fetchPeople().then(
      (found) => isCurrent && setPeople(found),
      () => {
        if (isCurrent) timer = setTimeout(() => setAttempt((n) => n + 1), RETRY_MS);
      },
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [isMissing, attempt]);

  return <PeopleContext value={people}>{children}</PeopleContext>;
}

export function usePeople(): readonly ServerPerson[] {
  return useContext(PeopleContext);
}
