import { describe, expect, it } from 'vitest';
import { initialsOf } from '../../src/react/initials';
import { ENGLISH, plural } from '../../src/react/messages';
import { relativeTime, secondsAgo } from '../../src/react/time';

describe('row 15: plurals by the locale', () => {
  const POLISH = { one: '{n} osoba', few: '{n} osoby', many: '{n} osób', other: '{n} osoby' };
  const ARABIC = { zero: '0', one: '1', two: '2', few: 'few {n}', many: 'many {n}', other: 'other {n}' };

  it.each([
    [1, '1 osoba'],
    [3, '3 osoby'],
    [5, '5 osób'],
    [22, '22 osoby'],
    [25, '25 osób'],
  ])('Polish %i', (n, text) => {
    expect(plural(POLISH, n, 'pl')).toBe(text);
  });

  it('Arabic has six forms, with its own digits', () => {
    const forms = [0, 1, 2, 3, 11, 100].map((n) => plural(ARABIC, n, 'ar-EG'));
    expect(forms).toEqual(['0', '1', '2', 'few ٣', 'many ١١', 'other ١٠٠']);
  });

  it('Japanese has one, and a missing form falls back to it', () => {
    expect(plural({ other: '{n}人' }, 1, 'ja')).toBe('1人');
    expect(plural({ one: 'unused', other: '{n}人' }, 2, 'ja')).toBe('2人');
  });

  it('large numbers are grouped as the locale does', () => {
    expect(plural(ENGLISH.moreLabel, 1_204, 'en')).toContain('1,204');
    expect(plural(ENGLISH.moreLabel, 12_040, 'pl')).toContain('12\u00a0040');
  });
});

describe('row 15: times by the locale', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  const ago = (ms: number, locale: string) =>
    relativeTime(new Date(now - ms).toISOString(), now, locale, ENGLISH);

  it.each([
    ['en', '5m ago', '2h ago', '3d ago'],
    ['pl', '5 min temu', '2 g. temu', '3 dni temu'],
    ['ja', '5分前', '2時間前', '3日前'],
    ['ar-EG', 'قبل ٥ دقائق', 'قبل ساعتين', 'قبل ٣ أيام'],
  ])('%s', (locale, minutes, hours, days) => {
    expect([ago(300_000, locale), ago(7_200_000, locale), ago(259_200_000, locale)]).toEqual([
      minutes,
      hours,
      days,
    ]);
  });

  it('a week ago is a date, and "last updated" counts seconds', () => {
    expect(ago(8 * 86_400_000, 'ja')).toBe('2026/11/16');
    expect(secondsAgo(12_000, 'ja')).toBe('12秒前');
  });
});

it.each([
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['👩‍👩‍👧‍👦 Family', '👩‍👩‍👧‍👦F'],
  ['é́clair', 'É́'],
  ['สมชาย ใจดี', 'สใ'],
  ['   ', '?'],
  ['<script>', '<'],
])('row 13: the initials of %j are whole graphemes', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
