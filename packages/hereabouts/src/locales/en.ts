import { ENGLISH } from '../react/messages';
import { type AllMessages, PANEL_ENGLISH } from '../react/panel-messages';

/** English, whole: to start a translation from. Without `messages` the components speak it anyway. */
export default { ...ENGLISH, ...PANEL_ENGLISH } satisfies AllMessages;
