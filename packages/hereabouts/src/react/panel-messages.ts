import { useMemo } from 'react';
import { type Hereabouts, useHereabouts } from './context';
import type { Messages, Plural } from './messages';

/** What the components beside the card say. Apart from its texts, so that a page with the card alone has none of these. */
export interface PanelMessages {
  modeLegend: string;
  modeAuto: string;
  modeAutoHint: string;
  modeAway: string;
  modeAwayHint: string;
  modeDnd: string;
  modeDndHint: string;
  modeInvisible: string;
  modeInvisibleHint: string;
  untilLabel: string;
  /** `{time}`. */
  until: string;
  untilNever: string;
  until30m: string;
  until1h: string;
  until4h: string;
  untilToday: string;
  untilWeek: string;
  untilDate: string;
  untilDateLabel: string;
  apply: string;
  customLegend: string;
  customEmoji: string;
  customText: string;
  customLeft: Plural;
  customShowOffline: string;
  customSave: string;
  customClear: string;
  customSaved: string;
  suggestions: string;
  suggestMeeting: string;
  suggestCommuting: string;
  suggestLunch: string;
  suggestSick: string;
  suggestHoliday: string;
  loadingStatus: string;
  /** `{reason}`: the server's sentence. */
  failed: string;
  lastSeenHidden: string;
  bannerLost: string;
  bannerRestored: string;
  toastsLabel: string;
  /** `{name}`. */
  toastOnline: string;
  toastMerged: Plural;
  /** `{text}`. */
  toastDismiss: string;
  activityTitle: string;
  activityEmpty: string;
  activityEmptyHint: string;
  activityOlder: string;
  activityEnd: string;
  activityToday: string;
  activityYesterday: string;
  /** `{name}`. */
  activityJoined: string;
  activityLeft: string;
  /** `{name}` and `{status}`. */
  activityChanged: string;
  /** `{name}`, how often (`{n}`), and the first and last time. */
  activityFlaps: Plural;
  requestsTitle: string;
  requestsEmpty: string;
  requestsSent: string;
  accept: string;
  acceptLabel: string;
  decline: string;
  declineLabel: string;
  withdraw: string;
  withdrawLabel: string;
  /** `{name}` and `{ago}`. */
  requestFrom: string;
  requestTo: string;
}

/** Everything any component says: what a translation has. */
export type AllMessages = Messages & PanelMessages;

export const PANEL_ENGLISH: PanelMessages = {
  modeLegend: 'My status',
  modeAuto: 'Online',
  modeAutoHint: 'Away by itself while you are idle',
  modeAway: 'Away',
  modeAwayHint: 'Shown as away, whatever you do',
  modeDnd: 'Do not disturb',
  modeDndHint: 'No notices reach you',
  modeInvisible: 'Invisible',
  modeInvisibleHint: 'Others see you offline',
  untilLabel: 'For how long',
  until: 'Until {time}',
  untilNever: 'Until I change it',
  until30m: '30 minutes',
  until1h: '1 hour',
  until4h: '4 hours',
  untilToday: 'Today',
  untilWeek: 'This week',
  untilDate: 'Until a date…',
  untilDateLabel: 'Date and time',
  apply: 'Set',
  customLegend: 'What are you up to?',
  customEmoji: 'Emoji',
  customText: 'Status',
  customLeft: { one: 'One character left', other: '{n} characters left' },
  customShowOffline: 'Show it while I am offline, too',
  customSave: 'Save',
  customClear: 'Clear',
  customSaved: 'Saved',
  suggestions: 'Suggestions',
  suggestMeeting: 'In a meeting',
  suggestCommuting: 'On the way',
  suggestLunch: 'At lunch',
  suggestSick: 'Out sick',
  suggestHoliday: 'On holiday',
  loadingStatus: 'Loading your status…',
  failed: 'That did not work. {reason}',
  lastSeenHidden: 'Last seen hidden',
  bannerLost: 'The connection is lost. Trying again…',
  bannerRestored: 'Connected again.',
  toastsLabel: 'People who came online',
  toastOnline: '{name} is online',
  toastMerged: { one: 'One more person came online', other: '{n} more people came online' },
  toastDismiss: 'Dismiss: {text}',
  activityTitle: 'Activity',
  activityEmpty: 'Nothing has happened yet',
  activityEmptyHint: 'Who comes and who goes will stand here.',
  activityOlder: 'Show older',
  activityEnd: 'That is everything of the last 30 days.',
  activityToday: 'Today',
  activityYesterday: 'Yesterday',
  activityJoined: '{name} came online',
  activityLeft: '{name} went offline',
  activityChanged: '{name}: {status}',
  activityFlaps: { one: '{name} came and went once', other: '{name} came and went {n} times' },
  requestsTitle: 'Friend requests',
  requestsEmpty: 'No open requests',
  requestsSent: 'Sent',
  accept: 'Accept',
  acceptLabel: 'Accept the request of {name}',
  decline: 'Decline',
  declineLabel: 'Decline the request of {name}',
  withdraw: 'Withdraw',
  withdrawLabel: 'Withdraw the request to {name}',
  requestFrom: '{name}, {ago}',
  requestTo: 'Waiting for {name}, {ago}',
};

/** What the provider gives, with the texts of these components: the app's own, else English. */
export function usePanel(caller: string): Hereabouts & { messages: AllMessages } {
  const outer = useHereabouts(caller);
  return useMemo(() => ({ ...outer, messages: { ...PANEL_ENGLISH, ...outer.messages } }), [outer]);
}
