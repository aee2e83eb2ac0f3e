import type { ClientMessage, Scope } from './protocol';
import type { ClientState } from './state';
import { NO_WANTS, type Wants } from './wants';

/** The server follows at most this many single people for one connection. */
const MAX_IDS = 1_000;

/** Keeps what the server sends in step with what is wanted. Pure but for the memory of what was sent. */
export interface Subscriptions {
  /** A new connection: nothing is subscribed there yet. */
  reset(): void;
  /** What to send now. `state` says what a resume can go on from, and what the server can do. */
  update(wants: Wants, state: ClientState): ClientMessage[];
  /** Ask for a whole new window. */
  renewWindow(): ClientMessage[];
  readonly limit: number;
}

export function createSubscriptions(): Subscriptions {
  let sent: Wants = NO_WANTS;
  /** The people a resumed subscription would go on with: those of the connection before. */
  let resumable = '';
  // Only the first subscription of a connection can resume: the cursor says where the one before stood.
  let canResume = true;

  function update(asked: Wants, state: ClientState): ClientMessage[] {
    const wants = within(asked, state.features);
    const messages: ClientMessage[] = [];
    const { cursor } = state;
    const change = (
      scope: Scope,
      [now, before]: [now: number, before: number],
      resumes: boolean,
      rest?: { limit: number } | { ids: string[] },
    ) => {
      if (now > before) {
        const resume = canResume && cursor !== null && resumes && state[scope] !== null;
        messages.push({ type: 'subscribe', scope, ...rest, ...(resume && { cursor }) });
      } else if (now === 0 && before > 0) messages.push({ type: 'unsubscribe', scope });
    };
    const { limit } = wants;
    change('window', [limit, sent.limit], state.windowLimit === limit, { limit });
    change('everyone', [+wants.everyone, +sent.everyone], true);
    change('friends', [+wants.friends, +sent.friends], true);
    const ids = [...wants.ids].sort();
    const key = String(ids);
    const isOther = key !== String(sent.ids);
    change('users', [ids.length, isOther ? 0 : ids.length], key === resumable, { ids });
    if (ids.length === 0) change('users', [0, sent.ids.length], false);
    resumable = key;
    canResume = false;
    // A smaller window is not worth a new subscription: the views cut it down.
    sent = { ...wants, ids, limit: limit === 0 ? 0 : Math.max(limit, sent.limit) };
    return messages;
  }

  return {
    reset() {
      sent = NO_WANTS;
      canResume = true;
    },
    update,
    renewWindow: () => (sent.limit > 0 ? [{ type: 'subscribe', scope: 'window', limit: sent.limit }] : []),
    get limit() {
      return sent.limit;
    },
  };
}

/** A server that cannot follow single people, or not so many, is asked for everyone. */
function within(wants: Wants, features: readonly string[]): Wants {
  const friends = wants.friends && features.includes('friends');
  const isMany = wants.ids.length > (features.includes('users') ? MAX_IDS : 0);
  return { ...wants, friends, ...(isMany && { everyone: true, ids: [] }) };
}
