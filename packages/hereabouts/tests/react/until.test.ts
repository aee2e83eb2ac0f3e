/** Row 44: the ends a person can choose, on their own clock. */
import { afterEach, describe, expect, it } from 'vitest';
import { localText, untilOf, untilText } from '../../src/react/until';

const ZONE = process.env.TZ;

afterEach(() => {
  if (ZONE === undefined) delete process.env.TZ;
  else process.env.TZ = ZONE;
});

const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Europe/Madrid'];

describe.each(ZONES)('44. presets in %s', (zone) => {
  const at = (text: string) => {
    process.env.TZ = zone;
    return new Date(text);
  };

  it('minutes and hours count from now', () => {
    const now = at('2026-11-24T22:50:00');
    const minutes = (['30m', '1h', '4h'] as const).map(
      (preset) => (Number(untilOf(preset, now, 'en')) - Number(now)) / 60_000,
    );
    expect(minutes).toEqual([30, 60, 240]);
  });

  it('today ends at the next midnight here', () => {
    for (const time of ['2026-11-24T00:00:00', '2026-11-24T15:00:00', '2026-11-24T23:59:59']) {
      const end = untilOf('today', at(time), 'en');
      expect(end && localText(end)).toBe('2026-11-25T00:00');
    }
  });

  it('this week ends where the next begins: on a Monday, or as the locale counts', () => {
    // A Tuesday.
    const now = at('2026-11-24T15:00:00');
    const end = (locale: string) => localText(untilOf('week', now, locale) ?? now);
    expect(end('es')).toBe('2026-11-30T00:00');
    expect(end('pl')).toBe('2026-11-30T00:00');
    expect(end('en-US')).toBe('2026-11-29T00:00');
    expect(end('ar-EG')).toBe('2026-11-28T00:00');
    // On its first day there is a whole week.
    expect(localText(untilOf('week', at('2026-11-30T08:00:00'), 'es') ?? now)).toBe('2026-12-07T00:00');
  });

  it('never has no end', () => {
    expect(untilOf('never', at('2026-11-24T15:00:00'), 'en')).toBeNull();
  });
});

describe('44. days of other lengths', () => {
  it('the day on which clocks go back has 25 hours, the one on which they go forward 23', () => {
    process.env.TZ = 'Europe/Madrid';
    const hours = (noon: string) => {
      const begin = new Date(noon.replace('T12', 'T00'));
      return (Number(untilOf('today', new Date(noon), 'es')) - Number(begin)) / 3_600_000;
    };
    expect(hours('2026-10-25T12:00:00')).toBe(25);
    expect(hours('2026-03-29T12:00:00')).toBe(23);
    expect(hours('2026-11-24T12:00:00')).toBe(24);
  });

  it('an end is told with its day when it is not today', () => {
    process.env.TZ = 'Europe/Madrid';
    const now = new Date('2026-11-24T10:00:00Z');
    expect(untilText('2026-11-24T14:00:00.000000Z', now, 'en-GB')).toBe('15:00');
    expect(untilText('2026-11-25T14:00:00.000000Z', now, 'en-GB')).toMatch(/Wed,? 25 Nov(,| at) 15:00/);
  });
});
