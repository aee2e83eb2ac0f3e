/** A text with one form for each plural category of the locale. `other` is always there. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/**
 * Every word the components show. Plain texts with `{names}` to fill in, not functions, so that a server
 * component can hand them over.
 */
export interface Messages {
  title: string;
  badgeOnline: string;
  badgeRecent: string;
  /** The one spoken line of a person: `{name}` and `{status}`. */
  userLabel: string;
  /** The same with what they wrote about themselves: `{name}`, `{status}`, `{custom}`. */
  userLabelCustom: string;
  /** What they wrote, with its end: `{custom}` and `{time}`. */
  customUntil: string;
  statusOnline: string;
  statusAway: string;
  statusDnd: string;
  statusOffline: string;
  /** `{n}`. */
  more: string;
  moreLabel: Plural;
  lessLabel: string;
  loading: string;
  empty: string;
  emptyHint: string;
  emptyFriends: string;
  emptyFriendsHint: string;
  viewAll: string;
  /** `{ago}`. */
  reconnecting: string;
  disconnected: string;
  connectAgain: string;
  errorTitle: string;
  retry: string;
  errorCode: string;
  signInEnded: string;
  signInAgain: string;
  signedOut: string;
  blocked: string;
  justNow: string;
  /** `{ago}`. */
  lastSeen: string;
  joined: Plural;
  /** `{name}`. */
  joinedOne: string;
}

export const ENGLISH: Messages = {
  title: "Who's Online?",
  badgeOnline: 'Online',
  badgeRecent: 'Recently Active',
  userLabel: '{name}, {status}',
  userLabelCustom: '{name}, {status}, {custom}',
  customUntil: '{custom} until {time}',
  statusOnline: 'online',
  statusAway: 'away',
  statusDnd: 'do not disturb',
  statusOffline: 'offline',
  more: '+{n}',
  moreLabel: { one: '+{n}: show one more person', other: '+{n}: show {n} more people' },
  lessLabel: 'Show fewer people',
  loading: 'Loading who is online…',
  empty: 'No one is online right now',
  emptyHint: 'When somebody arrives, you will see them here at once.',
  emptyFriends: 'None of your friends are online right now',
  emptyFriendsHint: 'When one of them arrives, you will see it here at once.',
  viewAll: 'View all',
  reconnecting: 'Reconnecting… last updated {ago}',
  disconnected: 'You are not connected.',
  connectAgain: 'Connect again',
  errorTitle: "We can't reach the list of people right now.",
  retry: 'Try again',
  errorCode: 'Code: {code}',
  signInEnded: 'Your sign-in has ended.',
  signInAgain: 'Sign in again',
  signedOut: 'Sign in to see who is online.',
  blocked: 'This account cannot see who is online.',
  justNow: 'just now',
  lastSeen: 'Last seen {ago}',
  joined: { one: 'One person came online', other: '{n} people came online' },
  joinedOne: '{name} came online',
};

/** Fills `{names}` in a text. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The form of a text for `n` in this locale, filled in. */
export function plural(text: Plural, n: number, locale: string): string {
  const form = text[new Intl.PluralRules(locale).select(n)] ?? text.other;
  return fill(form, { n: new Intl.NumberFormat(locale).format(n) });
}
