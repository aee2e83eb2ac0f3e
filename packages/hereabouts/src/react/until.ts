/** The ends a person can choose for a mode or a custom status. `date` is a moment of their own. */
export const UNTIL_PRESETS = ['never', '30m', '1h', '4h', 'today', 'week', 'date'] as const;

export type UntilPreset = (typeof UNTIL_PRESETS)[number];

const MINUTES: Partial<Record<UntilPreset, number>> = { '30m': 30, '1h': 60, '4h': 240 };

/**
 * The moment a preset means, in the zone of this machine; null for never. Days end at midnight on the person's
 * clock, also where a day has 23 or 25 hours.
 */
export function untilOf(preset: Exclude<UntilPreset, 'date'>, now: Date, locale: string): Date | null {
  const minutes = MINUTES[preset];
  if (minutes !== undefined) return new Date(now.getTime() + minutes * 60_000);
  const midnightIn = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  if (preset === 'today') return midnightIn(1);
  if (preset === 'week') return midnightIn(7 - ((now.getDay() - firstDayOf(locale) + 7) % 7));
  return null;
}

/** What a `datetime-local` field holds for a moment. */
export function localText(moment: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${date}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** `15:00` for today, with the day when it is another one. */
export function untilText(iso: string, now: Date, locale: string): string {
  const moment = new Date(iso);
  const isToday = moment.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(locale, {
    ...(!isToday && { weekday: 'short', day: 'numeric', month: 'short' }),
    hour: 'numeric',
    minute: '2-digit',
  }).format(moment);
}

/** 0 is Sunday. */
function firstDayOf(locale: string): number {
  const at = new Intl.Locale(locale) as Intl.Locale & {
    getWeekInfo?(): { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return ((at.getWeekInfo?.() ?? at.weekInfo)?.firstDay ?? 1) % 7;
}
