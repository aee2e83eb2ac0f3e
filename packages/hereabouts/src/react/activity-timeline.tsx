import { createElement, useEffect, useId, useMemo, useRef, useState } from 'react';
import { isolate } from './isolate';
import { fill, plural } from './messages';
import { type AllMessages, type PanelMessages, usePanel } from './panel-messages';
import { type HeadingLevel, PanelTitle } from './panel-title';

import { PresenceDot } from './presence-dot';
import { exactTime } from './time';
import { type TimelineEntry, timelineOf } from './timeline';
import { type ActivityOptions, useActivity } from './use-activity';
import { statusText } from './user-card';

export interface ActivityTimelineProps extends ActivityOptions {
  title?: string;
  /** Of the title; the days stand one below it. */
  headingLevel?: HeadingLevel;
  className?: string;
}

/** Who came and went, by days; somebody who flaps is one line. */
export function ActivityTimeline({
  title,
  headingLevel = 3,
  className = '',
  ...options
}: ActivityTimelineProps) {
  const { messages, locale, dir } = usePanel('ActivityTimeline');
  const { rows, state, error, hasMore, loadMore, refetch } = useActivity(options);
  const days = useMemo(() => timelineOf(rows), [rows]);
  const id = useId();
  const root = useRef<HTMLElement>(null);
  const [focusId, setFocusId] = useState<string | null>(null);

  useEffect(() => {
    if (focusId === null) return;
    // What was loaded by keyboard is read on from its beginning.
    const entry = [...(root.current?.querySelectorAll<HTMLElement>('[data-entry]') ?? [])].find(
      (each) => each.dataset.entry === focusId,
    );
    entry?.focus();
    setFocusId(null);
  }, [focusId]);

  async function showOlder() {
    const known = new Set(days.flatMap(({ entries }) => entries.map((entry) => entry.id)));
    const older = await loadMore();
    setFocusId(older.find((row) => !known.has(row.id))?.id ?? null);
  }

  return (
    <section
      ref={root}
      className={`ha-panel ${className}`}
      aria-labelledby={id}
      aria-busy={state === 'loading'}
      dir={dir}
    >
      <PanelTitle level={headingLevel} id={id} text={title ?? messages.activityTitle} />
      {state === 'loading' && <p className="ha-quiet">{messages.loading}</p>}
      {state === 'ready' && rows.length === 0 && (
        <div className="ha-empty">
          <p>{messages.activityEmpty}</p>
          <p className="ha-quiet">{messages.activityEmptyHint}</p>
        </div>
      )}
      {days.map(({ day, entries }) => (
        <section key={day.getTime()} className="ha-day">
          {createElement(
            `h${headingLevel + 1}`,
            { className: 'ha-day-title' },
            dayText(day, new Date(), locale, messages),
          )}
          {/* biome-ignore lint/a11y/noRedundantRoles: Safari drops a list without bullets from what it reads out */}
          <ol role="list" className="ha-entries">
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} messages={messages} locale={locale} dir={dir} />
            ))}
          </ol>
        </section>
      ))}
      {error !== null && (
        <div className="ha-empty" role="alert">
          <p>{fill(messages.failed, { reason: error })}</p>
          <button type="button" className="ha-button" onClick={() => void refetch()}>
            {messages.retry}
          </button>
        </div>
      )}
      {hasMore && (
        <button type="button" className="ha-button ha-plain" onClick={() => void showOlder()}>
          {messages.activityOlder}
        </button>
      )}
      {state === 'ready' && !hasMore && rows.length > 0 && <p className="ha-quiet">{messages.activityEnd}</p>}
    </section>
  );
}

interface EntryProps {
  entry: TimelineEntry;
  messages: AllMessages;
  locale: string;
  dir: 'ltr' | 'rtl' | undefined;
}

function Entry(props: EntryProps) {
  const { entry, locale } = props;
  const clock = (iso: string) =>
    new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }).format(new Date(iso));
  const { row } = entry;
  return (
    // It takes the focus only from "Show older".
    <li className="ha-entry" data-entry={entry.id} tabIndex={-1}>
      <PresenceDot status={row.kind === 'left' ? 'offline' : row.status} />
      <span className="ha-entry-text">{entryText(props)}</span>
      <time className="ha-quiet" dateTime={row.at} title={exactTime(row.at, locale)}>
        {entry.kind === 'flaps' ? `${clock(entry.from)} – ${clock(entry.to)}` : clock(row.at)}
      </time>
    </li>
  );
}

function entryText({ entry, messages, locale, dir }: EntryProps): string {
  const { row } = entry;
  const name = isolate(row.username, dir);
  if (entry.kind === 'flaps') return fill(plural(messages.activityFlaps, entry.n, locale), { name });
  if (row.kind === 'joined') return fill(messages.activityJoined, { name });
  if (row.kind === 'left') return fill(messages.activityLeft, { name });
  return fill(messages.activityChanged, { name, status: statusText(row, messages) });
}

function dayText(day: Date, now: Date, locale: string, messages: PanelMessages): string {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (day.getTime() === today.getTime()) return messages.activityToday;
  if (day.getTime() === yesterday.getTime()) return messages.activityYesterday;
  return new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }).format(day);
}
