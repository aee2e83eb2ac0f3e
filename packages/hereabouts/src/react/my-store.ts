import { messageOf } from '../core/errors';
import type { MyStatus } from '../core/protocol';
import type { PresenceClient } from '../core/types';

/** What this person chose for themselves, as the server has it. */
export interface MyState {
  readonly status: MyStatus | null;
  /** Why the last call failed. */
  readonly error: string | null;
}

export const NOTHING_KNOWN: MyState = { status: null, error: null };

/** One for each client: all views of a page share what it read. Reads only while somebody looks. */
export interface MyStore {
  readonly state: MyState;
  subscribe(listener: () => void): () => void;
  load(): Promise<void>;
  /** Takes over what a change was answered with; passes on why it failed. */
  save(change: Promise<MyStatus>): Promise<void>;
}

/** A timer of a browser cannot be longer. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** What ends by itself is read again this long after its end. */
const AFTER_END_MS = 250;

const stores = new WeakMap<PresenceClient, MyStore>();

export function myStoreOf(client: PresenceClient): MyStore {
  const store = stores.get(client) ?? createMyStore(client);
  stores.set(client, store);
  return store;
}

function createMyStore(client: PresenceClient): MyStore {
  const listeners = new Set<() => void>();
  let state = NOTHING_KNOWN;
  let stop = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Only the newest answer counts. */
  let turn = 0;

  function become(next: MyState): void {
    state = next;
    clearTimeout(timer);
    timer = undefined;
    const ends = [next.status?.until, next.status?.custom?.until].filter((end) => !!end).map(String);
    if (ends.length > 0 && listeners.size > 0) {
      const now = Date.now() + client.getSnapshot().clockOffsetMs;
      const wait = Math.min(...ends.map((end) => Date.parse(end))) - now + AFTER_END_MS;
      timer = setTimeout(() => void load(), Math.min(Math.max(wait, AFTER_END_MS), MAX_TIMER_MS));
    }
    for (const listener of [...listeners]) listener();
  }

  async function settle(answer: Promise<MyStatus>): Promise<void> {
    turn += 1;
    const mine = turn;
    try {
      const status = await answer;
      if (mine === turn) become({ status, error: null });
    } catch (error) {
      if (mine === turn) become({ ...state, error: messageOf(error) });
      throw error;
    }
  }

  function load(): Promise<void> {
    // Why it failed stands in the state.
    return settle(client.request<MyStatus>('GET', '/me/status/')).catch(() => {});
  }

  /** Reads at the start, after each reconnect, when others see a change of mine, and when the person comes back. */
  function start(): () => void {
    let known = '';
    let follows: string | null = null;
    let stopFollowing = () => {};
    const look = () => {
      const { isConnected, userId, byId } = client.getSnapshot();
      if (userId !== follows) {
        stopFollowing();
        follows = userId;
        if (userId !== null) stopFollowing = client.follow([userId]);
        else become(NOTHING_KNOWN);
      }
      const now = isConnected && userId !== null ? `${userId} ${byId.get(userId)?.version}` : '';
      if (now === known) return;
      known = now;
      if (now !== '') void load();
    };
    const onVisible = () => {
      if (document.visibilityState === 'visible' && known !== '') void load();
    };
    const stopLooking = client.subscribe(look);
    document.addEventListener('visibilitychange', onVisible);
    look();
    return () => {
      stopLooking();
      stopFollowing();
      document.removeEventListener('visibilitychange', onVisible);
      clearTimeout(timer);
    };
  }

  return {
    get state() {
      return state;
    },
    subscribe(listener) {
      listeners.add(listener);
      if (listeners.size === 1) stop = start();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) stop();
      };
    },
    load,
    save: settle,
  };
}
