import type { ActivityRow } from '../core/protocol';

/** One line of a timeline: a row, or several that say the same in short. */
export type TimelineEntry =
  | { kind: 'row'; id: string; row: ActivityRow }
  /** Somebody who came and went again and again: how often, from when to when. */
  | { kind: 'flaps'; id: string; row: ActivityRow; n: number; from: string; to: string };

export interface TimelineDay {
  /** Midnight of the day on this machine's clock. */
  readonly day: Date;
  readonly entries: readonly TimelineEntry[];
}

/** Coming and going within this time of each other is flapping. */
const FLAP_MS = 10 * 60_000;
/** From so many rows on they are one line; one visit stays two lines. */
const MIN_FLAPS = 4;

/** The rows (newest first) by the days of this machine's zone, flaps in one line. */
export function timelineOf(rows: readonly ActivityRow[]): TimelineDay[] {
  const days: { day: Date; rows: ActivityRow[] }[] = [];
  for (const row of rows) {
    const day = dayOf(row.at);
    const last = days.at(-1);
    if (last?.day.getTime() === day.getTime()) last.rows.push(row);
    else days.push({ day, rows: [row] });
  }
  return days.map(({ day, rows }) => ({ day, entries: groupFlaps(rows) }));
}

/** Of each person the runs of comings and goings, at the place of the newest; others' rows in between do not end them. */
function groupFlaps(rows: readonly ActivityRow[]): TimelineEntry[] {
  const runs = new Map<string, ActivityRow[]>();
  const open = new Map<string, ActivityRow[]>();
  for (const row of rows) {
    const run = open.get(row.user_id);
    const last = run?.at(-1);
    const goesOn =
      run && last && row.kind !== 'changed' && Date.parse(last.at) - Date.parse(row.at) <= FLAP_MS;
    const mine = goesOn ? run : [];
    mine.push(row);
    if (row.kind === 'changed') open.delete(row.user_id);
    else open.set(row.user_id, mine);
    if (!goesOn) runs.set(row.id, mine);
  }
  return [...runs.values()].flatMap(entriesOf).sort((a, b) => place(b) - place(a));
}

function entriesOf(run: readonly ActivityRow[]): TimelineEntry[] {
  const [newest] = run;
  const oldest = run.at(-1);
  if (!newest || !oldest || run.length < MIN_FLAPS)
    return run.map((row) => ({ kind: 'row', id: row.id, row }));
  const n = run.filter((row) => row.kind === 'joined').length;
  return [{ kind: 'flaps', id: newest.id, row: newest, n, from: oldest.at, to: newest.at }];
}

function place({ row }: TimelineEntry): number {
  return Date.parse(row.at);
}

function dayOf(iso: string): Date {
  const moment = new Date(iso);
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
}

/** Rows of two answers as one list, newest first, each once. */
export function mergeRows(
  one: readonly ActivityRow[],
  other: readonly ActivityRow[],
): readonly ActivityRow[] {
  const known = new Set(one.map((row) => row.id));
  const fresh = other.filter((row) => !known.has(row.id));
  if (fresh.length === 0) return one;
  return [...one, ...fresh].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
