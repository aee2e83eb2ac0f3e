import type { ClientMessage, Scope } from './protocol';
import type { ClientState } from './state';
import { NO_WANTS, type Wants } from './wants';

/** Keeps what the server sends in step with what is wanted. Pure but for the memory of what was sent. */
export interface Subscriptions {
  /** A new connection: nothing is subscribed there yet. */
  reset(): void;
  /** What to send now. `state` says what a resume can go on from. */
  update(wants: Wants, state: ClientState): ClientMessage[];
  /** Ask for a whole new window. */
  renewWindow(): ClientMessage[];
  readonly limit: number;
}

export function createSubscriptions(): Subscriptions {
  let sent: Wants = NO_WANTS;
  // Only the first subscription of a connection can resume: the cursor says where the one before stood.
  let canResume = true;

  function update(wants: Wants, state: ClientState): ClientMessage[] {
    const messages: ClientMessage[] = [];
    const { cursor } = state;
    const change = (scope: Scope, now: number, before: number, resumes: boolean, limit?: number) => {
      if (now > before) {
        const resume = canResume && cursor !== null && resumes;
        messages.push({ type: 'subscribe', scope, ...(limit && { limit }), ...(resume && { cursor }) });
      } else if (now === 0 && before > 0) messages.push({ type: 'unsubscribe', scope });
    };
    change(
      'window',
      wants.limit,
      sent.limit,
      state.window !== null && state.windowLimit === wants.limit,
      wants.limit,
    );
    change('everyone', Number(wants.everyone), Number(sent.everyone), state.everyone !== null);
    canResume = false;
    // A smaller window is not worth a new subscription: the views cut it down.
    const limit = wants.limit === 0 ? 0 : Math.max(wants.limit, sent.limit);
    sent = { limit, everyone: wants.everyone };
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
