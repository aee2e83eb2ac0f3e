'use client';

import { useAuth } from 'hereabouts/react';
import type { LogEntry } from '@/lib/event-log';
import { useEventLog } from '@/lib/event-log-context';
import { usePeople } from '@/lib/people-context';
import type { ServerPerson } from '@/lib/server';
import { useMe } from '@/lib/use-me';

const CLOCK = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** Who came and went while this window was open, newest first. */
export function EventLog() {
  const { entries, clear } = useEventLog();
  const people = usePeople();
  const { isAuthenticated } = useAuth();

  return (
    <section className="panel log" aria-labelledby="log-title">
      <header className="panel-head">
        <h3 id="log-title">Who came and went</h3>
        <button type="button" className="quiet" onClick={clear} disabled={entries.length === 0}>
          Clear
        </button>
      </header>
      {entries.length === 0 ? (
        <p className="log-empty">
          {isAuthenticated
            ? 'Quiet so far. Open or close another window, and it shows here.'
            : 'Sign in as somebody, and arrivals and departures show here.'}
        </p>
      ) : (
        <ol className="log-list" tabIndex={0} aria-label="Events, newest first" data-testid="event-log">
          {entries.map((entry) => (
            <li
              key={entry.key}
              className={`log-entry log-${entry.kind}`}
              data-user={entry.userId ?? undefined}
            >
              <EntryText entry={entry} person={people.find((one) => one.id === entry.userId)} />
              <time dateTime={new Date(entry.atMs).toISOString()}>{CLOCK.format(entry.atMs)}</time>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function EntryText({ entry, person }: { entry: LogEntry; person: ServerPerson | undefined }) {
  const me = useMe();
  if (entry.text !== null) {
    return (
      <>
        <span className="log-mark" aria-hidden="true" />
        <span className="log-text">{entry.text}</span>
      </>
    );
  }
  const verb = entry.kind === 'joined' ? 'came online' : 'left';
  const isMe = entry.userId !== null && entry.userId === me?.id;
  const who = isMe ? 'You' : (person?.username ?? strangers(entry.count));
  return (
    <>
      <span className="log-mark" aria-hidden="true" />
      {person?.profile_image_url && <img src={person.profile_image_url} alt="" width={24} height={24} />}
      <span className="log-text">
        <b>{who}</b> {verb}
      </span>
    </>
  );
}

function strangers(count: number): string {
  return count === 1 ? 'Somebody' : `${count.toLocaleString('en')} people`;
}
