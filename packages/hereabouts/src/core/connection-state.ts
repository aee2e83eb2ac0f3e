import type { ClientMessage } from './protocol';
import type { ConnectionStatus, PresenceError, TokenReason } from './types';

/* The words of the connection's table: its states, what happens to it, and what it asks to be done. */

export type Phase =
  | 'initial'
  /** Asking the host app for a token. */
  | 'authorizing'
  /** Another tab holds the socket. */
  | 'following'
  /** The socket is on its way; until the server's ack. */
  | 'opening'
  | 'open'
  /** Waiting for the next try. */
  | 'waiting'
  /** The page is hidden for good or cached for going back. */
  | 'paused'
  | 'stopped';

export interface ConnectionState {
  phase: Phase;
  /** Failed tries since the last stable connection. */
  attempt: number;
  /** Counts tokens asked for and sockets opened: late events of an older one are ignored. */
  generation: number;
  wasOpen: boolean;
  /** The connection lasted long enough to be believed in. */
  isStable: boolean;
  /** The server refused the last token. */
  rejected: boolean;
  /** This tab holds the socket for all tabs of this person. */
  leader: boolean;
  userId: string | null;
  tokenAtMs: number;
  /** What the browser says of the network. */
  online: boolean;
  pingIntervalMs: number;
  /** When a ping that is out must be answered; null when none is. */
  pongDueMs: number | null;
  error: PresenceError | null;
}

export type TimerName = 'retry' | 'token' | 'ack' | 'ping' | 'pong' | 'stable';

export type ConnectionEvent = { nowMs: number; random: number } & EventBody;

export type EventBody =
  | { type: 'connect' }
  | { type: 'disconnect'; everyTab: boolean }
  | { type: 'token'; generation: number; userId: string | null; signedIn: boolean }
  | { type: 'token-failed'; generation: number; unauthorized: boolean; message: string }
  | { type: 'elected' }
  | { type: 'demoted' }
  | { type: 'ack'; generation: number; pingIntervalMs: number }
  | { type: 'frame'; generation: number }
  | { type: 'closed'; generation: number; code: number; reason: string }
  | { type: 'timer'; name: TimerName }
  | { type: 'ping' }
  | { type: 'unauthorized' }
  | { type: 'visible' }
  | { type: 'woke' }
  | { type: 'online' }
  | { type: 'offline' }
  | { type: 'pagehide' }
  | { type: 'pageshow' };

export type Effect =
  | { type: 'get-token'; reason: TokenReason; generation: number }
  /** Find out whether this tab or another one holds the socket. */
  | { type: 'join-tabs'; userId: string | null }
  | { type: 'leave-tabs' }
  | { type: 'open-socket'; generation: number }
  | { type: 'send'; message: ClientMessage }
  /** Leave the tabs and close for good. `bye` is said when no other tab of this person lives on. */
  | { type: 'leave'; everyTab: boolean }
  /** Drop the socket as a lost one: the server's grace covers what comes next. */
  | { type: 'let-go' }
  /** Stop listening to the socket, but keep it until a new one is acknowledged: nobody sees us leave meanwhile. */
  | { type: 'abandon' }
  | { type: 'close-abandoned' }
  /** A timer belongs to its phase: whatever leads to another phase stops it. */
  | { type: 'start-timer'; name: TimerName; ms: number }
  | { type: 'stop-timer'; name: TimerName }
  /** Acknowledged: tell the server what to send. */
  | { type: 'resubscribe' };

export function initialState(): ConnectionState {
  return {
    phase: 'initial',
    attempt: 0,
    generation: 0,
    wasOpen: false,
    isStable: false,
    rejected: false,
    leader: false,
    userId: null,
    tokenAtMs: 0,
    online: true,
    pingIntervalMs: 30_000,
    pongDueMs: null,
    error: null,
  };
}

export function statusOf(state: ConnectionState): ConnectionStatus {
  switch (state.phase) {
    case 'initial':
      return 'initial';
    case 'stopped':
      return 'disconnected';
    case 'open':
      return 'connected';
    default:
      return state.wasOpen ? 'reconnecting' : 'connecting';
  }
}
