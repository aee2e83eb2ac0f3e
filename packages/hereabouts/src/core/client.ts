import { addressesOf } from './addresses';
import { createApi } from './api';
import { MAX_DELAY_MS, MIN_DELAY_MS } from './backoff';
import { browserEnvironment } from './browser-environment';
import { SIGNED_OUT } from './connection';
import { createConnectionDriver } from './connection-driver';
import { type ConnectionState, statusOf } from './connection-state';
import { createCredentials } from './credentials';
import type { Environment } from './environment';
import { isUnauthorized, messageOf } from './errors';
import { createListPoll } from './list-poll';
import { createListReader } from './list-reader';
import { watchLoss } from './loss';
import type { ServerMessage } from './protocol';
import { createRecentReader } from './recent';
import type { Action, ClientState, News } from './state';
import { createStore } from './store';
import { createSubscriptions } from './subscriptions';
import { createTabs } from './tabs';
import { createTokens } from './tokens';
import type { Logger, PresenceClient, PresenceClientOptions } from './types';
import { createWantsBook, isLess, mergeWants, NO_WANTS, type Wants } from './wants';
import { type World, watchWorld } from './world';

const IDLE_AFTER_MS = 300_000;
const LOST_AFTER_MS = 5_000;
/** A socket that brings the list this late has the list read over REST instead. */
const LIST_PATIENCE_MS = 1_500;
/** A view that goes away often comes back at once, on another page. */
const UNSUBSCRIBE_AFTER_MS = 1_000;

const CONSOLE: Logger = { warn: (message, ...details) => console.warn(`hereabouts: ${message}`, ...details) };

/** What a leader says to the tabs that follow it. */
type Leading = { state: ClientState; sequence: number } | { action: Action; sequence: number };
/** What they ask of it. */
type Asking = { wants: Wants; hello?: boolean } | { ping: true } | { refetch: true };

/** Makes a client. Nothing happens before `connect`: no socket, no timer, no listener. */
export function createPresenceClient(
  options: PresenceClientOptions,
  environment: Environment = browserEnvironment(),
): PresenceClient {
  const logger = options.logger ?? CONSOLE;
  const { minDelay = MIN_DELAY_MS, maxDelay = MAX_DELAY_MS } = options.reconnect ?? {};
  const addresses = addressesOf(options.url, options.wsUrl, environment.page);
  const tokens = createTokens(options.getToken);
  const book = createWantsBook((wants, before) => onWants(wants, before));
  const store = createStore(options.initialUsers, addresses.pictures, (id) => book.isFollowed(id));
  const subscriptions = createSubscriptions();
  const followers = new Map<string, Wants>();
  const loss = watchLoss(environment, options.lostConnectionAfter ?? LOST_AFTER_MS, {
    onInterrupted: () => apply({ type: 'interrupted' }),
    onLoss: (event) => store.emit('lost-connection', event),
  });
  let world: World | null = null;
  let stopSync = () => {};
  let syncDueAt = Infinity;
  /** Of the leader's actions: a follower that missed one asks for the whole state. */
  let sequence = -1;

  const tabs = createTabs<Leading, Asking>(environment, {
    onElected() {
      followers.clear();
      driver.dispatch({ type: 'elected' });
      tabs.tellFollowers({ state: store.state, sequence });
    },
    onDemoted: () => driver.dispatch({ type: 'demoted' }),
    onLeading: follow,
    onAsking: answer,
    onInput: () => world?.idle.input(),
    onBye: () => signOut(true),
  });

  const driver = createConnectionDriver(
    {
      environment,
      tokens,
      logger,
      credentials: createCredentials(environment, addresses, options.credentials),
      backoff: { minDelayMs: minDelay, maxDelayMs: maxDelay },
      tabKey: (userId) =>
        options.multiTab === 'per-tab' || userId === null ? null : `hereabouts:${addresses.api}:${userId}`,
      onState,
      onMessage,
      onReady() {
        subscriptions.reset();
        sync();
        // Always: a resumed session would else be shown as it was before.
        driver.send({ type: 'activity', idle: world?.idle.isIdle ?? false });
        poll.within(0);
      },
    },
    tabs,
  );

  const api = createApi(environment, addresses.api, tokens);
  const reader = createListReader(api);
  const onError = (error: unknown) => {
    const message = messageOf(error);
    if (isUnauthorized(error)) driver.dispatch({ type: 'unauthorized' });
    else logger.warn(message);
    return message;
  };
  const poll = createListPoll({
    environment,
    reader,
    store,
    // While there is no socket, the list is asked even for nobody: its 401 is all a page learns of a failed upgrade.
    limit: () => wanted().limit || (driver.state.phase === 'waiting' ? 1 : 0),
    wantsFriends: () => wanted().friends && driver.state.phase !== 'open',
    isMine: () => world !== null && driver.state.phase !== 'following' && driver.state.phase !== 'paused',
    apply,
    onMismatch: () => subscriptions.renewWindow().forEach(driver.send),
    onError,
  });
  const recent = createRecentReader({
    environment,
    reader,
    isRunning: () => world !== null,
    apply: (rows) => store.apply({ type: 'recent', rows, at: environment.now() }),
    onError,
  });

  function apply(news: News): void {
    const action = { ...news, at: environment.now() };
    store.apply(action);
    sequence += 1;
    tabs.tellFollowers({ action, sequence });
  }

  function wanted(): Wants {
    return mergeWants([book.wants, ...followers.values()]);
  }

  function sync(): void {
    stopSync();
    syncDueAt = Infinity;
    if (driver.state.phase === 'following') return tabs.askLeader({ wants: book.wants });
    if (driver.state.phase !== 'open') return;
    for (const message of subscriptions.update(wanted(), store.state)) {
      driver.send(message);
      if (message.type === 'unsubscribe') apply({ type: 'unsubscribed', scope: message.scope });
    }
  }

  /** Many views come and go at once: the server hears of them in one frame. */
  function syncWithin(ms: number): void {
    const at = environment.now() + ms;
    if (at >= syncDueAt) return;
    stopSync();
    syncDueAt = at;
    stopSync = environment.after(ms, sync);
  }

  function onWants(wants: Wants, before: Wants): void {
    if (!world) return;
    syncWithin(isLess(wants, before) ? UNSUBSCRIBE_AFTER_MS : 0);
    if (before.limit === 0) poll.within(LIST_PATIENCE_MS);
  }

  function onState(state: ConnectionState, before: ConnectionState): void {
    if (state.phase === before.phase && state.error === before.error) return;
    if (state.phase === 'following') {
      tabs.askLeader({ wants: book.wants, hello: true });
      // Who waits for the leader's word is connecting, until that word comes.
      if (store.state.connectionStatus === 'connected') return;
    }
    const status = statusOf(state);
    if (status !== store.state.connectionStatus || state.error) {
      apply({ type: 'status', status, error: state.error });
    }
    if (state.phase === 'opening') poll.within(LIST_PATIENCE_MS);
    if (state.phase === 'waiting') poll.within(store.state.updatedAt === null ? 0 : LIST_PATIENCE_MS);
    loss.update(store.state.connectionStatus, state.online);
    if (state.phase === 'stopped') {
      halt();
      if (state.error) store.emit('unauthorized', state.error);
    }
  }

  function onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'connection.ack': {
        const serverMs = Date.parse(message.server_now);
        const clockOffsetMs = Number.isNaN(serverMs) ? 0 : serverMs - environment.now();
        const { user_id: userId, features = [] } = message;
        return apply({ type: 'ack', userId, clockOffsetMs, features });
      }
      case 'presence.snapshot':
      case 'presence.diff': {
        const limit = subscriptions.limit;
        return message.type === 'presence.snapshot'
          ? apply({ ...message, type: 'snapshot', limit })
          : apply({ ...message, type: 'diff', limit });
      }
      case 'pong':
        return message.cursor ? apply({ type: 'cursor', cursor: message.cursor }) : undefined;
      case 'auth.expiring':
        return driver.onExpiring(message.expires_in_ms);
      case 'watch.online':
        return apply({ type: 'watch', presence: message.user });
      case 'error':
        return logger.warn(`${message.code}: ${message.message}`);
      default:
        // A frame of a newer server: nothing to do with it.
        return;
    }
  }

  function follow(body: Leading): void {
    if ('state' in body) {
      sequence = body.sequence;
      store.replace(body.state);
    } else if (body.sequence === sequence + 1) {
      sequence = body.sequence;
      store.apply(body.action);
    } else {
      tabs.askLeader({ wants: book.wants, hello: true });
    }
    loss.update(store.state.connectionStatus, environment.isOnline());
  }

  function answer(body: Asking, from: string): void {
    if ('ping' in body) driver.dispatch({ type: 'ping' });
    else if ('refetch' in body) void poll.now();
    else {
      const before = wanted();
      const shrinks = isLess(body.wants, followers.get(from) ?? NO_WANTS);
      followers.set(from, body.wants);
      if (body.hello) tabs.tellFollowers({ state: store.state, sequence });
      if (before.limit === 0) poll.within(LIST_PATIENCE_MS);
      syncWithin(shrinks ? UNSUBSCRIBE_AFTER_MS : 0);
    }
  }

  function start(): void {
    world = watchWorld(environment, options.idleAfter ?? IDLE_AFTER_MS, {
      dispatch: driver.dispatch,
      onIdle: (idle) => driver.send({ type: 'activity', idle }),
      tellInput: tabs.tellInput,
      onPageHide: () => {
        if (driver.state.phase === 'following') tabs.askLeader({ wants: NO_WANTS });
      },
    });
    recent.start();
  }

  function halt(): void {
    world?.stop();
    world = null;
    stopSync();
    syncDueAt = Infinity;
    poll.stop();
    recent.stop();
  }

  function signOut(everyTab: boolean): void {
    driver.dispatch({ type: 'disconnect', everyTab });
    tokens.forget();
    store.apply({ type: 'forget', error: SIGNED_OUT, at: environment.now() });
  }

  return {
    connect() {
      if (!world) start();
      driver.dispatch({ type: 'connect' });
    },
    disconnect({ everyTab = false, forget = everyTab } = {}) {
      if (forget) signOut(everyTab);
      else driver.dispatch({ type: 'disconnect', everyTab });
    },
    subscribe: store.subscribe,
    getSnapshot: () => store.snapshot,
    getServerSnapshot: () => store.serverSnapshot,
    watchOnline: book.watchOnline,
    watchRecent: recent.watch,
    follow: book.follow,
    on: store.on,
    sendPing() {
      if (driver.state.phase === 'following') tabs.askLeader({ ping: true });
      else driver.dispatch({ type: 'ping' });
    },
    request: api.json,
    setMode: (mode, until) => api.json('PUT', '/me/status/', { mode, until }),
    setCustomStatus: (custom) => api.json('PUT', '/me/status/', { custom }),
    async watch(id, options) {
      await api.json('POST', '/me/watches/', { user_id: id, ...options });
      return () => api.json('DELETE', `/me/watches/${id}/`);
    },
    renewToken: () => driver.renew('initial'),
    refetch() {
      if (driver.state.phase !== 'following') return poll.now();
      tabs.askLeader({ refetch: true });
      return Promise.resolve();
    },
  };
}
