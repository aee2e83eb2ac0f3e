import { isUnauthorized } from '../core/errors';
import { claimsOf } from '../core/tokens';
import type { GetToken } from '../core/types';
import type { AuthBackend } from './auth-backend';
import type { AuthState, AuthStorage } from './auth-storage';

/** A token is renewed this long before it ends, or at half its life where that is sooner. */
const BEFORE_END_MS = 60_000;
/** A token that was renewed a moment ago is not the cause of a refusal that is on its way. */
const JUST_RENEWED_MS = 5_000;
const RETRY_MS = 30_000;
/** Timers cannot wait for longer than 24 days; looking once a day is enough. */
const LOOK_AGAIN_MS = 86_400_000;

export interface AuthSnapshot {
  state: AuthState | null;
  /** The server refused to renew it: who is signed in is still known, but they must sign in again. */
  isEnded: boolean;
}

/** One sign-in: kept in the browser, renewed before it ends, by one tab for all. */
export interface AuthSession {
  readonly snapshot: AuthSnapshot;
  subscribe(listener: () => void): () => void;
  write(state: AuthState | null): void;
  getToken: GetToken;
  /** Renews in time, until stopped. */
  keepFresh(): () => void;
}

export function createAuthSession(key: string, storage: AuthStorage, backend: AuthBackend): AuthSession {
  const listeners = new Set<() => void>();
  let snapshot: AuthSnapshot = { state: null, isEnded: false };
  let endedToken: string | null = null;
  let lastGiven: string | null = null;
  let renewed = { token: '', atMs: Number.NEGATIVE_INFINITY };
  let running: Promise<string | null> | null = null;

  function look(): AuthSnapshot {
    const state = storage.read();
    const isEnded = state !== null && state.accessToken === endedToken;
    if (state !== snapshot.state || isEnded !== snapshot.isEnded) snapshot = { state, isEnded };
    return snapshot;
  }

  /** Several callers share one renewal, and all tabs one lock: a refresh token is good once. */
  function renew(stale: string): Promise<string | null> {
    running ??= inOneTab(`hereabouts:${key}`, () => exchange(stale)).finally(() => {
      running = null;
    });
    return running;
  }

  async function exchange(stale: string): Promise<string | null> {
    const before = storage.read();
    // Another tab was here first, or somebody signed out.
    if (before?.accessToken !== stale) return before?.accessToken ?? null;
    let fresh: Partial<AuthState> = {};
    try {
      fresh = await backend.refresh(before);
    } catch (error) {
      const now = storage.read();
      // Without locks another tab may have used the refresh token before us.
      if (now?.accessToken !== stale) return now?.accessToken ?? null;
      if (isUnauthorized(error)) {
        endedToken = stale;
        for (const listener of [...listeners]) listener();
      }
      throw error;
    }
    const now = storage.read();
    if (now?.accessToken !== stale) return now?.accessToken ?? null;
    const next = { ...before, ...fresh };
    renewed = { token: next.accessToken, atMs: Date.now() };
    storage.write(next);
    return next.accessToken;
  }

  /** When to renew a token, in milliseconds of this machine's clock; null when it does not say when it ends. */
  function dueAtMs(token: string): number | null {
    const { exp, iat } = claimsOf(token);
    if (typeof exp !== 'number') return null;
    const lifeMs = typeof iat === 'number' ? (exp - iat) * 1_000 : Number.POSITIVE_INFINITY;
    // This machine's clock may be wrong. Of a token that came just now we know when it came.
    const endsAtMs =
      token === renewed.token && lifeMs < Number.POSITIVE_INFINITY ? renewed.atMs + lifeMs : exp * 1_000;
    return endsAtMs - Math.min(BEFORE_END_MS, lifeMs / 2);
  }

  return {
    get snapshot() {
      return look();
    },
    subscribe(listener) {
      listeners.add(listener);
      const stop = storage.subscribe(listener);
      return () => {
        listeners.delete(listener);
        stop();
      };
    },
    write(state) {
      endedToken = null;
      storage.write(state);
    },

    async getToken({ reason }) {
      const token = storage.read()?.accessToken ?? null;
      if (token === null) return null;
      const isUsedUp = (reason === 'rejected' || reason === 'expiring') && token === lastGiven;
      const isOld = (dueAtMs(token) ?? Number.POSITIVE_INFINITY) <= Date.now();
      const isNew = token === renewed.token && Date.now() - renewed.atMs < JUST_RENEWED_MS;
      lastGiven = (isUsedUp || isOld) && !isNew ? await fresh(token, reason) : token;
      return lastGiven;
    },

    keepFresh() {
      let stopTimer = () => {};
      function plan(leastMs: number): void {
        stopTimer();
        const { state, isEnded } = look();
        const dueMs = state && !isEnded ? dueAtMs(state.accessToken) : null;
        if (!state || dueMs === null) return;
        const waitMs = Math.min(Math.max(dueMs - Date.now(), leastMs), LOOK_AGAIN_MS);
        const timer = setTimeout(() => {
          if ((dueAtMs(state.accessToken) ?? 0) > Date.now()) plan(0);
          else
            renew(state.accessToken).then(
              () => plan(0),
              () => plan(RETRY_MS),
            );
        }, waitMs);
        stopTimer = () => clearTimeout(timer);
      }
      plan(0);
      const stopListening = storage.subscribe(() => plan(0));
      return () => {
        stopListening();
        stopTimer();
      };
    },
  };

  /** A token that only might end soon still is a token when it cannot be renewed now. */
  function fresh(token: string, reason: string): Promise<string | null> {
    return renew(token).catch((error) => {
      if (reason === 'rejected' || isUnauthorized(error)) throw error;
      return token;
    });
  }
}

function inOneTab<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
  return locks ? (locks.request(name, task) as Promise<Result>) : task();
}
