// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UnauthorizedError } from '../../src/core/errors';
import { createAuthBackend } from '../../src/react/auth-backend';
import { type AuthSession, createAuthSession } from '../../src/react/auth-session';
import { type AuthState, createAuthStorage } from '../../src/react/auth-storage';
import { FakeAccounts } from '../fake-accounts';

const KEY = 'liberty_auth_v1';
const { signal } = new AbortController();
let accounts: FakeAccounts;

beforeEach(() => {
  localStorage.clear();
  accounts = new FakeAccounts();
  vi.useFakeTimers({ now: Date.parse('2026-11-24T01:02:03Z') });
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) =>
    accounts.answer(url, String(init.body ?? '')),
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** One tab: a session of its own over the browser's one storage. */
function tab(backend = createAuthBackend('/api')): AuthSession {
  return createAuthSession(KEY, createAuthStorage(KEY, 'localStorage'), backend);
}

/** What Web Locks do, for one name. */
function stubLocks(): void {
  let last: Promise<unknown> = Promise.resolve();
  vi.stubGlobal('navigator', {
    locks: {
      request: (_: string, task: () => Promise<unknown>) => {
        const run = last.then(task);
        last = run.catch(() => {});
        return run;
      },
    },
  });
}

async function signIn(session: AuthSession): Promise<AuthState> {
  const state = await createAuthBackend('/api').register({ username: 'ada', password: 'long enough' });
  session.write(state);
  return state;
}

const kept = () => JSON.parse(localStorage.getItem(KEY) ?? 'null') as AuthState | null;

describe('what is kept', () => {
  it('is {accessToken, refreshToken, user} under the key, and gone after a sign-out', async () => {
    const session = tab();
    const state = await signIn(session);
    expect(kept()).toEqual(state);
    expect(Object.keys(state)).toEqual(['accessToken', 'refreshToken', 'user']);
    expect(session.snapshot).toEqual({ state, isEnded: false });
    session.write(null);
    expect(localStorage.getItem(KEY)).toBeNull();
    expect(session.snapshot.state).toBeNull();
  });

  it('is the same in every tab', async () => {
    const [one, other] = [tab(), tab()];
    const heard = vi.fn();
    const stop = other.subscribe(heard);
    await signIn(one);
    // Browsers tell the other tabs.
    window.dispatchEvent(new StorageEvent('storage', { key: KEY }));
    expect(heard).toHaveBeenCalledTimes(1);
    expect(other.snapshot.state?.user?.username).toBe('ada');
    stop();
  });
});

describe('a refused token', () => {
  it('is renewed, and the new refresh token is kept', async () => {
    const session = tab();
    const before = await signIn(session);
    expect(await session.getToken({ reason: 'initial', signal })).toBe(before.accessToken);
    const fresh = await session.getToken({ reason: 'rejected', signal });
    expect(fresh).not.toBe(before.accessToken);
    expect(kept()).toMatchObject({ accessToken: fresh, user: before.user });
    expect(kept()?.refreshToken).not.toBe(before.refreshToken);
  });

  it('that is not the newest any more needs no renewal', async () => {
    const session = tab();
    const before = await signIn(session);
    await session.getToken({ reason: 'initial', signal });
    localStorage.setItem(KEY, JSON.stringify({ ...before, accessToken: 'newer' }));
    expect(await session.getToken({ reason: 'rejected', signal })).toBe('newer');
    expect(accounts.refreshes()).toBe(0);
  });

  it('is renewed once for all who ask at the same time', async () => {
    const session = tab();
    await signIn(session);
    await session.getToken({ reason: 'initial', signal });
    const tokens = await Promise.all([1, 2, 3].map(() => session.getToken({ reason: 'rejected', signal })));
    expect(new Set(tokens).size).toBe(1);
    expect(accounts.refreshes()).toBe(1);
  });

  it('is renewed by one tab for all: a refresh token is good once', async () => {
    stubLocks();
    const tabs = [tab(), tab(), tab()];
    await signIn(tabs[0] as AuthSession);
    await Promise.all(tabs.map((each) => each.getToken({ reason: 'initial', signal })));
    const tokens = await Promise.all(tabs.map((each) => each.getToken({ reason: 'rejected', signal })));
    expect(new Set(tokens).size).toBe(1);
    expect(accounts.refreshes()).toBe(1);
    expect(tabs.map((each) => each.snapshot.isEnded)).toEqual([false, false, false]);
  });

  it('without locks: the slower tab takes what the faster one got', async () => {
    const tabs = [tab(), tab()];
    const state = await signIn(tabs[0] as AuthSession);
    await Promise.all(tabs.map((each) => each.getToken({ reason: 'initial', signal })));
    const backend = createAuthBackend('/api');
    // The faster one is through before the slower one's answer comes.
    const slow = tab({
      ...backend,
      refresh: async (before) => {
        localStorage.setItem(
          KEY,
          JSON.stringify({ ...state, accessToken: 'of the faster', refreshToken: 'x' }),
        );
        return backend.refresh({ ...before, refreshToken: 'used' });
      },
    });
    await slow.getToken({ reason: 'initial', signal });
    expect(await slow.getToken({ reason: 'rejected', signal })).toBe('of the faster');
    expect(slow.snapshot.isEnded).toBe(false);
  });

  it('that cannot be renewed ends the sign-in; who it was is still known', async () => {
    const session = tab();
    const state = await signIn(session);
    session.write({ ...state, refreshToken: 'used already' });
    await session.getToken({ reason: 'initial', signal });
    const heard = vi.fn();
    session.subscribe(heard);
    await expect(session.getToken({ reason: 'rejected', signal })).rejects.toThrow(UnauthorizedError);
    expect(session.snapshot).toMatchObject({ isEnded: true, state: { user: { username: 'ada' } } });
    expect(heard).toHaveBeenCalled();
    // The next sign-in starts anew.
    await signInAgain(session);
    expect(session.snapshot.isEnded).toBe(false);
  });

  it('without a refresh token asks nobody', async () => {
    const session = tab();
    session.write({ accessToken: 'only', refreshToken: null, user: null });
    await session.getToken({ reason: 'initial', signal });
    await expect(session.getToken({ reason: 'rejected', signal })).rejects.toThrow(UnauthorizedError);
    expect(accounts.calls).toEqual([]);
  });

  it('is not the end while the server is away', async () => {
    const session = tab();
    await signIn(session);
    await session.getToken({ reason: 'initial', signal });
    accounts.isDown = true;
    await expect(session.getToken({ reason: 'rejected', signal })).rejects.toThrow('Failed to fetch');
    expect(session.snapshot.isEnded).toBe(false);
  });

  it('a sign-out during a renewal stays a sign-out', async () => {
    const session = tab();
    await signIn(session);
    await session.getToken({ reason: 'initial', signal });
    const renewal = session.getToken({ reason: 'rejected', signal });
    session.write(null);
    expect(await renewal).toBeNull();
    expect(kept()).toBeNull();
  });
});

async function signInAgain(session: AuthSession): Promise<void> {
  session.write(await createAuthBackend('/api').login({ username: 'ada', password: 'long enough' }));
}

describe('a token that ends', () => {
  it('is renewed a minute before, without anybody asking', async () => {
    accounts.lifeS = 600;
    const session = tab();
    const { accessToken } = await signIn(session);
    const stop = session.keepFresh();
    await vi.advanceTimersByTimeAsync(539_000);
    expect(kept()?.accessToken).toBe(accessToken);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(kept()?.accessToken).not.toBe(accessToken);
    await vi.advanceTimersByTimeAsync(1_200_000);
    expect(accounts.refreshes()).toBe(3);
    stop();
    await vi.advanceTimersByTimeAsync(1_200_000);
    expect(accounts.refreshes()).toBe(3);
  });

  it('is renewed at half its life when it is short', async () => {
    accounts.lifeS = 10;
    const session = tab();
    await signIn(session);
    const stop = session.keepFresh();
    await vi.advanceTimersByTimeAsync(4_900);
    expect(accounts.refreshes()).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(accounts.refreshes()).toBe(1);
    stop();
  });

  it('a wrong clock renews once too often, and not for ever', async () => {
    accounts.lifeS = 600;
    const session = tab();
    const state = await signIn(session);
    // This machine's clock is a day ahead of the server's, whose tokens all look old.
    vi.setSystemTime(Date.now() + 86_400_000);
    const backend = createAuthBackend('/api');
    const behind = tab({ ...backend, refresh: async () => ({ accessToken: shifted(accounts) }) });
    behind.write(state);
    const stop = behind.keepFresh();
    await vi.advanceTimersByTimeAsync(1_000);
    const first = kept()?.accessToken;
    expect(first).not.toBe(state.accessToken);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(kept()?.accessToken).toBe(first);
    stop();
  });

  it('is renewed before it is given away', async () => {
    accounts.lifeS = 600;
    const session = tab();
    const { accessToken } = await signIn(session);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(await session.getToken({ reason: 'reconnect', signal })).not.toBe(accessToken);
  });

  it('is tried again when the server was away', async () => {
    accounts.lifeS = 600;
    const session = tab();
    const { accessToken } = await signIn(session);
    const stop = session.keepFresh();
    accounts.isDown = true;
    await vi.advanceTimersByTimeAsync(550_000);
    expect(kept()?.accessToken).toBe(accessToken);
    accounts.isDown = false;
    await vi.advanceTimersByTimeAsync(31_000);
    expect(kept()?.accessToken).not.toBe(accessToken);
    stop();
  });
});

/** A token that began and ended a day ago, as the other clock says. */
function shifted(from: FakeAccounts): string {
  const part = (value: unknown) => btoa(JSON.stringify(value));
  const iat = Math.floor(Date.now() / 1_000) - 86_400;
  return `${part({})}.${part({ user_id: 'ada', iat, exp: iat + (from.lifeS ?? 0) })}.${Date.now()}`;
}
