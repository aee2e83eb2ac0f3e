import type { Backoff } from './backoff';
import { transition } from './connection';
import {
  type ConnectionState,
  type Effect,
  type EventBody,
  initialState,
  type TimerName,
} from './connection-state';
import type { Credentials, Refusal } from './credentials';
import type { Environment, Socket } from './environment';
import { isUnauthorized, messageOf } from './errors';
import type { ClientMessage, ServerMessage } from './protocol';
import { SUBPROTOCOL_V1 } from './protocol';
import { type Tokens, userIdOf } from './tokens';
import type { Logger, TokenReason } from './types';

/** What the driver needs of the tabs; `Tabs` has it. */
export interface TabGroup {
  join(key: string | null): void;
  leave(options: { everyTab: boolean }): Promise<boolean> | false;
}

export interface DriverOptions {
  environment: Environment;
  tokens: Tokens;
  backoff: Backoff;
  logger: Logger;
  credentials: Credentials;
  /** Key of the tabs of one person; null in per-tab mode. */
  tabKey(userId: string | null): string | null;
  onState(state: ConnectionState, before: ConnectionState): void;
  onMessage(message: ServerMessage): void;
  /** The server knows us: time to subscribe. */
  onReady(): void;
}

/** The notice comes a minute before the end. Tokens that live shorter come with one each: halfway is soon enough. */
const PROMPT_FROM_MS = 50_000;
const RENEW_EVERY_MS = 5_000;

const LOST: Refusal = { code: 1006, reason: '' };

/** Carries out what the connection's table asks for, and tells it what came of it. */
export interface ConnectionDriver {
  readonly state: ConnectionState;
  dispatch(event: EventBody): void;
  send(message: ClientMessage): void;
  /** Asks for a token and gives it to the running connection. */
  renew(reason: TokenReason): void;
  /** The token of the running connection ends soon. */
  onExpiring(expiresInMs: number): void;
}

export function createConnectionDriver(options: DriverOptions, tabs: TabGroup): ConnectionDriver {
  const { environment, tokens, logger } = options;
  const timers = new Map<TimerName, () => void>();
  let state = initialState();
  let socket: Socket | null = null;
  const abandoned: Socket[] = [];
  let token: string | null = null;
  let stopRenewal = () => {};

  function dispatch(event: EventBody): void {
    const before = state;
    const [next, effects] = transition(
      before,
      { ...event, nowMs: environment.now(), random: environment.random() },
      options.backoff,
    );
    state = next;
    if (next.phase !== before.phase) for (const name of [...timers.keys()]) stopTimer(name);
    for (const effect of effects) run(effect);
    if (next !== before) options.onState(state, before);
  }

  function run(effect: Effect): void {
    switch (effect.type) {
      case 'get-token':
        return void askForToken(effect.reason, effect.generation);
      case 'join-tabs':
        return tabs.join(options.tabKey(effect.userId));
      case 'leave-tabs':
        return void tabs.leave({ everyTab: false });
      case 'open-socket':
        return void openSocket(effect.generation);
      case 'send':
        return send(effect.message);
      case 'leave':
        return leave(effect.everyTab);
      case 'let-go':
        for (const each of abandoned.splice(0)) each.letGo();
        return takeSocket()?.letGo();
      case 'abandon': {
        const old = takeSocket();
        if (old) abandoned.push(old);
        return;
      }
      case 'close-abandoned':
        return closeAbandoned();
      case 'start-timer':
        timers.get(effect.name)?.();
        timers.set(
          effect.name,
          environment.after(effect.ms, () => onTimer(effect.name)),
        );
        return;
      case 'stop-timer':
        return stopTimer(effect.name);
      case 'resubscribe':
        return options.onReady();
    }
  }

  function onTimer(name: TimerName): void {
    timers.delete(name);
    if (name === 'token') tokens.cancel();
    dispatch({ type: 'timer', name });
  }

  function stopTimer(name: TimerName): void {
    timers.get(name)?.();
    timers.delete(name);
  }

  async function askForToken(reason: TokenReason, generation: number): Promise<void> {
    try {
      const fresh = await tokens.fresh(reason);
      if (generation !== state.generation) return;
      token = fresh;
      dispatch({ type: 'token', generation, userId: fresh && userIdOf(fresh), signedIn: fresh !== null });
    } catch (error) {
      if (generation !== state.generation) return;
      const message = failed(error);
      dispatch({ type: 'token-failed', generation, unauthorized: isUnauthorized(error), message });
    }
  }

  function failed(error: unknown): string {
    const message = messageOf(error);
    logger.warn(`getToken failed: ${message}`);
    return message;
  }

  async function openSocket(generation: number): Promise<void> {
    const key = token ?? '';
    const close = (end: Refusal) => dispatch({ type: 'closed', generation, ...end });
    try {
      const entry = await options.credentials(key);
      if (generation !== state.generation) return;
      if ('code' in entry) return close(entry);
      socket = environment.openSocket(entry.url, SUBPROTOCOL_V1, {
        onOpen() {
          if (entry.saysToken && generation === state.generation) send({ type: 'auth', token: key });
        },
        onMessage(text) {
          if (generation === state.generation) receive(text, generation);
        },
        onClose(code, reason) {
          if (generation !== state.generation) return;
          socket = null;
          close({ code, reason });
        },
      });
    } catch (error) {
      logger.warn('No socket:', error);
      close(LOST);
    }
  }

  function receive(text: string, generation: number): void {
    const message = parse(text);
    if (!message) return logger.warn('Not a frame.');
    dispatch({ type: 'frame', generation });
    options.onMessage(message);
    if (message.type === 'connection.ack') {
      // An ack without an interval is the original server's; its clients ping every 30 s.
      dispatch({ type: 'ack', generation, pingIntervalMs: message.ping_interval_ms ?? 30_000 });
    }
  }

  function send(message: ClientMessage): void {
    socket?.send(JSON.stringify(message));
  }

  async function renew(reason: TokenReason): Promise<void> {
    const { generation } = state;
    try {
      const fresh = await tokens.fresh(reason);
      // The token we have already would only be answered with another notice.
      if (generation !== state.generation || fresh === null || fresh === token) return;
      token = fresh;
      send({ type: 'auth', token });
    } catch (error) {
      failed(error);
    }
  }

  function takeSocket(): Socket | null {
    const taken = socket;
    socket = null;
    return taken;
  }

  function closeAbandoned(): void {
    for (const old of abandoned.splice(0)) old.close();
  }

  function leave(everyTab: boolean): void {
    tokens.cancel();
    stopRenewal();
    closeAbandoned();
    const leaving = takeSocket();
    const goOn = tabs.leave({ everyTab });
    if (goOn === false) sayBye(leaving);
    else void goOn.then((others) => (others ? leaving?.letGo() : sayBye(leaving)));
  }

  return {
    get state() {
      return state;
    },
    dispatch,
    send,
    renew,
    onExpiring(expiresInMs) {
      stopRenewal();
      const waitMs = expiresInMs > PROMPT_FROM_MS ? 0 : Math.max(RENEW_EVERY_MS, expiresInMs / 2);
      stopRenewal = environment.after(waitMs, () => void renew('expiring'));
    },
  };
}

function sayBye(socket: Socket | null): void {
  socket?.send(JSON.stringify({ type: 'bye' } satisfies ClientMessage));
  socket?.close();
}

function parse(text: string): ServerMessage | null {
  try {
    const message: unknown = JSON.parse(text);
    return (message as ServerMessage | null)?.type ? (message as ServerMessage) : null;
  } catch {
    return null;
  }
}
