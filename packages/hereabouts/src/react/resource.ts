import { useSyncExternalStore } from 'react';
import { messageOf } from '../core/errors';
import type { PresenceClient } from '../core/types';

/** Something of the API that several views of a page show: read once for all of them, while somebody looks. */
export interface Resource<Value> {
  readonly state: ResourceState<Value>;
  subscribe(listener: () => void): () => void;
  load(): Promise<void>;
  /** Changes something on the server, and reads again. */
  change(what: () => Promise<unknown>): Promise<void>;
}

export interface ResourceState<Value> {
  readonly value: Value | null;
  /** The server's sentence about what failed. */
  readonly error: string | null;
}

const NOTHING: ResourceState<never> = { value: null, error: null };

const kept = new WeakMap<PresenceClient, Map<string, Resource<unknown>>>();

/** The one resource of this name for this client. It is read at each connection, and every `pollMs` while the page is seen. */
export function resourceOf<Value>(
  client: PresenceClient,
  name: string,
  read: () => Promise<Value>,
  pollMs: number,
): Resource<Value> {
  const mine = kept.get(client) ?? new Map<string, Resource<unknown>>();
  kept.set(client, mine);
  const known = mine.get(name) ?? createResource(client, read, pollMs);
  mine.set(name, known);
  return known as Resource<Value>;
}

export function useResource<Value>(resource: Resource<Value>): ResourceState<Value> {
  return useSyncExternalStore(
    resource.subscribe,
    () => resource.state,
    () => NOTHING,
  );
}

function createResource<Value>(
  client: PresenceClient,
  read: () => Promise<Value>,
  pollMs: number,
): Resource<Value> {
  const listeners = new Set<() => void>();
  let state: ResourceState<Value> = NOTHING;
  let stop = () => {};
  /** Only the newest answer counts. */
  let turn = 0;

  function become(next: ResourceState<Value>): void {
    state = next;
    for (const listener of [...listeners]) listener();
  }

  async function load(): Promise<void> {
    turn += 1;
    const mine = turn;
    try {
      const value = await read();
      if (mine === turn) become({ value, error: null });
    } catch (error) {
      if (mine === turn) become({ ...state, error: messageOf(error) });
    }
  }

  function start(): () => void {
    let who: string | null = null;
    const look = () => {
      const { isConnected, userId } = client.getSnapshot();
      const now = isConnected ? userId : null;
      if (now === who) return;
      who = now;
      // Another person's is nobody's business; a lost connection leaves what is known.
      if (userId === null) become(NOTHING);
      if (now !== null) void load();
    };
    const timer = setInterval(() => {
      if (who !== null && document.visibilityState === 'visible') void load();
    }, pollMs);
    const stopLooking = client.subscribe(look);
    look();
    return () => {
      stopLooking();
      clearInterval(timer);
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
    async change(what) {
      try {
        await what();
      } catch (error) {
        return become({ ...state, error: messageOf(error) });
      }
      await load();
    },
  };
}
