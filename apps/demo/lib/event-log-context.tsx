'use client';

import { useLostConnection, useUserStatus } from 'hereabouts/react';
import { createContext, type ReactNode, useContext, useState } from 'react';
import { addChange, addNote, type LogEntry } from '@/lib/event-log';
import { usePeople } from '@/lib/people-context';
import { useMe } from '@/lib/use-me';

interface EventLog {
  entries: readonly LogEntry[];
  note: (text: string) => void;
  clear: () => void;
}

const EventLogContext = createContext<EventLog>({ entries: [], note: () => {}, clear: () => {} });

/** Collects who came and went since this window opened; lives above the pages, so walking about keeps it. */
export function EventLogProvider({ children }: { children: ReactNode }) {
  const [entries, setEntries] = useState<readonly LogEntry[]>([]);
  const people = usePeople();
  const me = useMe();

  useUserStatus((change) => {
    const isKnown = change.user_id === me?.id || people.some((person) => person.id === change.user_id);
    const event = { userId: change.user_id, isOnline: change.is_online, isKnown };
    setEntries((log) => addChange(log, event, Date.now()));
  });

  const note = (text: string) => setEntries((log) => addNote(log, text, Date.now()));
  useLostConnection((event) => note(LOST_CONNECTION_TEXT[event]));

  return <EventLogContext value={{ entries, note, clear: () => setEntries([]) }}>{children}</EventLogContext>;
}

const LOST_CONNECTION_TEXT = {
  lost: 'The connection was lost; trying again',
  restored: 'The connection is back',
  failed: 'The sign-in has ended',
} as const;

export function useEventLog(): EventLog {
  return useContext(EventLogContext);
}
