import type { Messages } from './messages';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** `just now`, `5m ago`, `2h ago`, `3d ago`, then the date: as the original, in any language. */
export function relativeTime(iso: string, nowMs: number, locale: string, messages: Messages): string {
  const then = Date.parse(iso);
  if (Number.isNaN(then)) return '';
  const passed = Math.max(0, nowMs - then);
  if (passed < MINUTE_MS) return messages.justNow;
  if (passed >= WEEK_MS) return dateText(iso, locale);
  const format = new Intl.RelativeTimeFormat(locale, { style: 'narrow', numeric: 'always' });
  if (passed < HOUR_MS) return format.format(-Math.floor(passed / MINUTE_MS), 'minute');
  if (passed < DAY_MS) return format.format(-Math.floor(passed / HOUR_MS), 'hour');
  return format.format(-Math.floor(passed / DAY_MS), 'day');
}

/** The same on every machine, so that a server-rendered page and its hydration agree. */
export function dateText(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(iso));
}

/** `12s ago`, for "last updated". */
export function secondsAgo(passedMs: number, locale: string): string {
  const seconds = Math.max(0, Math.round(passedMs / 1000));
  const format = new Intl.RelativeTimeFormat(locale, { style: 'narrow', numeric: 'always' });
  return seconds < 60
    ? format.format(-seconds, 'second')
    : format.format(-Math.floor(seconds / 60), 'minute');
}

/** The exact moment, for a title. */
export function exactTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' }).format(new Date(iso));
}
