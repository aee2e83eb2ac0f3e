import { type Backoff, delayMs, retryMsOf } from './backoff';
import type { ConnectionEvent, ConnectionState, Effect, EventBody, TimerName } from './connection-state';
import type { PresenceError, TokenReason } from './types';

/*
 * The connection as a table: (state, event) → (new state, effects). No clock, no socket, no random number in here;
 * what they say arrives in the event. `connection-driver.ts` carries the effects out.
 */

export type Step = [ConnectionState, Effect[]];

const TOKEN_MS = 15_000;
const ACK_MS = 10_000;
/** A probe after waking up or coming back must be answered within this. */
const PROBE_MS = 1_000;
const PONG_MS = 10_000;
/** Only a connection that lasted this long starts the backoff afresh. */
const STABLE_MS = 5_000;
/** While the browser says "offline" we still try, seldom: it is not always right. */
const OFFLINE_RETRY_MS = 10_000;
/** A token this young is used for the first socket without asking again. */
const FRESH_TOKEN_MS = 10_000;

/** What happens next. Events that mean nothing in a phase change nothing. */
export function transition(state: ConnectionState, event: ConnectionEvent, backoff: Backoff): Step {
  switch (event.type) {
    case 'connect':
      return state.phase === 'initial' || state.phase === 'stopped'
        ? authorize({ ...state, attempt: 0, rejected: false, error: null, wasOpen: false }, 'initial')
        : [state, []];
    case 'disconnect':
      return disconnect(state, event.everyTab);
    case 'token':
      return onToken(state, event);
    case 'token-failed':
      return onTokenFailed(state, event, backoff);
    case 'elected':
      return onElected(state, event.nowMs);
    case 'demoted':
      return state.leader
        ? [{ ...state, leader: false, phase: 'following' }, [{ type: 'let-go' }]]
        : [state, []];
    case 'ack':
      return onAck(state, event);
    case 'frame':
      return onFrame(state, event);
    case 'closed':
      return onClosed(state, event, backoff);
    case 'timer':
      return onTimer(state, event, backoff);
    case 'ping':
      return state.phase === 'open' ? ping(state, event.nowMs, PONG_MS) : [state, []];
    case 'unauthorized':
      return state.phase === 'stopped' ? [state, []] : stop(state, SIGN_IN_ENDED);
    case 'online':
      return comeBack({ ...state, online: true }, event.nowMs);
    case 'visible':
    case 'woke':
      return comeBack(state, event.nowMs);
    case 'offline':
      return onOffline({ ...state, online: false }, event, backoff);
    case 'pagehide':
      return isIdle(state)
        ? [state, []]
        : [
            { ...state, phase: 'paused', leader: false, generation: state.generation + 1 },
            [{ type: 'let-go' }, { type: 'leave-tabs' }],
          ];
    case 'pageshow':
      return state.phase === 'paused' ? authorize({ ...state, attempt: 0 }, 'reconnect') : [state, []];
  }
}

/** The state of a client nobody is signed in to. */
export const SIGNED_OUT: PresenceError = { code: 'signed_out', message: 'Nobody is signed in.' };

const SIGN_IN_ENDED: PresenceError = { code: 'unauthorized', message: 'The sign-in has ended.' };

function timer(name: TimerName, ms: number): Effect {
  return { type: 'start-timer', name, ms };
}

function isIdle(state: ConnectionState): boolean {
  return state.phase === 'initial' || state.phase === 'stopped' || state.phase === 'paused';
}

function isCurrent(state: ConnectionState, event: { generation: number }): boolean {
  return event.generation === state.generation;
}

function authorize(state: ConnectionState, reason: TokenReason): Step {
  const generation = state.generation + 1;
  return [
    { ...state, phase: 'authorizing', generation },
    [timer('token', TOKEN_MS), { type: 'get-token', reason, generation }],
  ];
}

function open(state: ConnectionState): Step {
  const generation = state.generation + 1;
  return [
    { ...state, phase: 'opening', generation, isStable: false },
    [timer('ack', ACK_MS), { type: 'open-socket', generation }],
  ];
}

function wait(state: ConnectionState, ms: number): Step {
  return [
    { ...state, phase: 'waiting', attempt: state.attempt + 1, generation: state.generation + 1 },
    [{ type: 'start-timer', name: 'retry', ms }],
  ];
}

function tryNow(state: ConnectionState): Step {
  return state.phase === 'waiting' ? authorize(state, state.wasOpen ? 'reconnect' : 'initial') : [state, []];
}

function retry(state: ConnectionState, event: { random: number }, backoff: Backoff): Step {
  const ms = state.online
    ? delayMs(backoff, state.attempt, event.random)
    : OFFLINE_RETRY_MS * (1 + event.random);
  return wait(state, ms);
}

function stop(
  state: ConnectionState,
  error: PresenceError | null,
  effects: Effect[] = [{ type: 'let-go' }, { type: 'leave-tabs' }],
): Step {
  return [{ ...state, phase: 'stopped', leader: false, generation: state.generation + 1, error }, effects];
}

function disconnect(state: ConnectionState, everyTab: boolean): Step {
  if (state.phase === 'initial' || (state.phase === 'stopped' && !everyTab)) return [state, []];
  return stop({ ...state, userId: null }, null, [{ type: 'leave', everyTab }]);
}

function onToken(
  state: ConnectionState,
  event: Extract<EventBody, { type: 'token' }> & { nowMs: number },
): Step {
  if (!isCurrent(state, event) || state.phase !== 'authorizing') return [state, []];
  if (!event.signedIn) return stop(state, SIGNED_OUT);
  const known = { ...state, tokenAtMs: event.nowMs };
  if (state.leader && state.userId === event.userId) return open(known);
  return [
    { ...known, phase: 'following', leader: false, userId: event.userId },
    [{ type: 'join-tabs', userId: event.userId }],
  ];
}

function onTokenFailed(
  state: ConnectionState,
  event: Extract<EventBody, { type: 'token-failed' }> & { random: number },
  backoff: Backoff,
): Step {
  if (!isCurrent(state, event) || state.phase !== 'authorizing') return [state, []];
  if (event.unauthorized) return stop(state, { code: 'unauthorized', message: event.message });
  return retry(state, event, backoff);
}

function onElected(state: ConnectionState, nowMs: number): Step {
  if (state.phase !== 'following') return [state, []];
  const leading = { ...state, leader: true };
  return nowMs - state.tokenAtMs < FRESH_TOKEN_MS ? open(leading) : authorize(leading, 'reconnect');
}

function onAck(state: ConnectionState, event: Extract<ConnectionEvent, { type: 'ack' }>): Step {
  if (!isCurrent(state, event) || state.phase !== 'opening') return [state, []];
  const { pingIntervalMs } = event;
  // The answer brings the first cursor, so that a loss in the first half minute can be resumed too.
  const [next, pinged] = ping(
    { ...state, phase: 'open', wasOpen: true, pingIntervalMs, pongDueMs: null, error: null },
    event.nowMs,
    PONG_MS,
  );
  return [
    next,
    [
      { type: 'close-abandoned' },
      timer('stable', STABLE_MS),
      timer('ping', pingIntervalMs),
      { type: 'resubscribe' },
      ...pinged,
    ],
  ];
}

function onFrame(state: ConnectionState, event: Extract<EventBody, { type: 'frame' }>): Step {
  if (!isCurrent(state, event) || state.pongDueMs === null) return [state, []];
  return [{ ...state, pongDueMs: null }, [{ type: 'stop-timer', name: 'pong' }]];
}

function onClosed(
  state: ConnectionState,
  event: Extract<EventBody, { type: 'closed' }> & { random: number },
  backoff: Backoff,
): Step {
  if (!isCurrent(state, event) || (state.phase !== 'opening' && state.phase !== 'open')) return [state, []];
  switch (event.code) {
    case 4401:
      // One more token; when that is refused too, asking again would only hammer the server.
      return state.rejected
        ? stop(state, SIGN_IN_ENDED)
        : authorize({ ...state, rejected: true }, 'rejected');
    case 4403:
      return stop(state, { code: 'blocked', message: 'The account is blocked.' });
    // Too many messages, malformed messages, replaced by another connection: coming back fast would not help.
    case 4429:
    case 4409:
    case 1008:
      return retry({ ...state, attempt: Math.max(state.attempt, 4) }, event, backoff);
    default: {
      const asked = retryMsOf(event.reason);
      return patient(state, event, asked === null ? retry(state, event, backoff) : wait(state, asked));
    }
  }
}

/**
 * A server that lets us in and throws us out again will do so the next time too: the wait grows eightfold then, not
 * twofold. A server that cannot be reached may be back any moment.
 */
function patient(before: ConnectionState, event: { code: number }, [state, effects]: Step): Step {
  const isRefusal = !before.isStable && (before.phase === 'open' || event.code !== 1006);
  return [isRefusal ? { ...state, attempt: state.attempt + 2 } : state, effects];
}

function onTimer(
  state: ConnectionState,
  event: Extract<ConnectionEvent, { type: 'timer' }>,
  backoff: Backoff,
): Step {
  switch (event.name) {
    case 'retry':
      return tryNow(state);
    case 'token':
      return state.phase === 'authorizing' ? retry(state, event, backoff) : [state, []];
    case 'ack': {
      return state.phase === 'opening' ? abandon(retry(state, event, backoff)) : [state, []];
    }
    case 'stable':
      return [{ ...state, attempt: 0, rejected: false, isStable: true }, []];
    case 'ping':
      return state.phase === 'open' ? beat(state, event.nowMs) : [state, []];
    case 'pong':
      return state.phase === 'open' ? replaceSocket(state) : [state, []];
  }
}

/** Asks for a sign of life. A ping that must be answered sooner keeps its deadline. */
function ping(state: ConnectionState, nowMs: number, answerWithinMs: number): Step {
  const dueMs = nowMs + answerWithinMs;
  const send: Effect = { type: 'send', message: { type: 'ping' } };
  if (state.pongDueMs !== null && state.pongDueMs <= dueMs) return [state, [send]];
  return [{ ...state, pongDueMs: dueMs }, [send, timer('pong', answerWithinMs)]];
}

function beat(state: ConnectionState, nowMs: number): Step {
  const [next, pinged] = ping(state, nowMs, PONG_MS);
  return [next, [timer('ping', state.pingIntervalMs), ...pinged]];
}

/** No answer: a new socket first, the old one is closed once the new one stands. */
function replaceSocket(state: ConnectionState): Step {
  return abandon(authorize({ ...state, attempt: state.attempt + 1 }, 'reconnect'));
}

/** The person or the network is back: try now, or make sure of the socket we have. */
function comeBack(state: ConnectionState, nowMs: number): Step {
  return state.phase === 'open' ? ping(state, nowMs, PROBE_MS) : tryNow(state);
}

function onOffline(state: ConnectionState, event: { random: number }, backoff: Backoff): Step {
  if (state.phase !== 'open' && state.phase !== 'opening') return [state, []];
  return abandon(retry(state, event, backoff));
}

function abandon([state, effects]: Step): Step {
  return [state, [{ type: 'abandon' }, ...effects]];
}
