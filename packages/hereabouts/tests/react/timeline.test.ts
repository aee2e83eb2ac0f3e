/** Row 46: how rows become days and lines. */
import { describe, expect, it } from 'vitest';
import type { ActivityKind, ActivityRow } from '../../src/core/protocol';
import { mergeRows, timelineOf } from '../../src/react/timeline';

const NOON = new Date(2026, 10, 24, 12).getTime();
let n = 0;

/** Minutes before noon of the 24th, here. */
function row(minutesAgo: number, kind: ActivityKind, user = 'ada'): ActivityRow {
  n += 1;
  const at = new Date(NOON - minutesAgo * 60_000).toISOString();
  return {
    id: `r${n}`,
    user_id: user,
    username: user,
    kind,
    status: kind === 'left' ? 'offline' : 'online',
    at,
  };
}

function lines(rows: ActivityRow[]): string[] {
  return timelineOf(rows).flatMap(({ day, entries }) =>
    entries.map((entry) => {
      const what = entry.kind === 'flaps' ? `${entry.n} times` : entry.row.kind;
      return `${day.getDate()} ${entry.row.username} ${what}`;
    }),
  );
}

describe('46. the timeline', () => {
  it('has a heading for each day, newest first', () => {
    const rows = [row(1, 'left'), row(30, 'joined'), row(13 * 60, 'left'), row(48 * 60, 'joined')];
    expect(lines(rows)).toEqual(['24 ada left', '24 ada joined', '23 ada left', '22 ada joined']);
  });

  it('one visit stays two lines', () => {
    expect(lines([row(1, 'left'), row(3, 'joined')])).toEqual(['24 ada left', '24 ada joined']);
  });

  it('somebody who flaps is one line, at the place of the newest', () => {
    const rows = [
      row(0, 'joined', 'bob'),
      row(1, 'left'),
      row(2, 'joined'),
      row(3, 'joined', 'eve'),
      row(4, 'left'),
      row(8, 'joined'),
      row(12, 'left'),
      row(15, 'joined'),
    ];
    expect(lines(rows)).toEqual(['24 bob joined', '24 ada 3 times', '24 eve joined']);
  });

  it('a pause ends the flapping, and so does a change of status', () => {
    const rows = [
      row(1, 'left'),
      row(2, 'joined'),
      row(30, 'left'),
      row(31, 'joined'),
      row(32, 'changed'),
      row(33, 'left'),
      row(34, 'joined'),
    ];
    expect(lines(rows)).toHaveLength(7);
  });

  it('says from when to when', () => {
    const rows = [row(1, 'left'), row(2, 'joined'), row(4, 'left'), row(8, 'joined')];
    const entry = timelineOf(rows)[0]?.entries[0];
    expect(entry).toMatchObject({ kind: 'flaps', n: 2, from: rows[3]?.at, to: rows[0]?.at });
  });

  it('merges two answers into one list, each row once', () => {
    const [a, b, c] = [row(1, 'left'), row(2, 'joined'), row(3, 'left')];
    expect(mergeRows([b, c], [a, b])).toEqual([a, b, c]);
    const known = [a, b];
    expect(mergeRows(known, [b])).toBe(known);
  });
});
