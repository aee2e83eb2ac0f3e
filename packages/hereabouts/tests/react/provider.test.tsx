// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react';
import { StrictMode, useState } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StatusChange } from '../../src/core/types';
import {
  AuthProvider,
  OnlineUsers,
  UserStatusProvider,
  useAuth,
  useLostConnection,
  useUserPresence,
  useUserStatus,
  useUserStatusContext,
} from '../../src/react';
import { type FakeBrowser, tokenFor } from '../fake-browser';
import { gone, person } from '../fake-server';
import { fakeGlobals } from './fake-globals';
import { show } from './render';

/** Real timers run here: until `what` holds, looked at every few milliseconds. */
async function until(what: () => boolean): Promise<void> {
  await act(() => vi.waitFor(() => expect(what()).toBe(true), { timeout: 3_000, interval: 5 }));
}

function Status() {
  const { isConnected, connectionStatus } = useUserStatusContext();
  return <p>{isConnected ? 'connected' : connectionStatus}</p>;
}

describe('hooks', () => {
  it('original fault: isConnected never re-renders', async () => {
    const page = await show(<Status />);
    expect(screen.getByText('connected')).toBeTruthy();
    page.browser.server.behaviour = 'refuses';
    await page.change(() => page.browser.server.last.close(1006));
    expect(screen.getByText('reconnecting')).toBeTruthy();
    page.browser.server.behaviour = 'normal';
    await page.change(() => page.tab.events?.onOnline());
    expect(screen.getByText('connected')).toBeTruthy();
  });

  it('original fault: an inline callback reconnects on every render', async () => {
    const heard: string[] = [];
    function Listener({ n }: { n: number }) {
      useUserStatus((change: StatusChange) => heard.push(`${n}: ${change.user_id} ${change.is_online}`));
      return null;
    }
    const page = await show(<Listener n={0} />);
    for (let n = 1; n <= 20; n += 1) page.rerender(<Listener n={n} />);
    await page.advance(5_000);
    expect(page.browser.server.connections).toHaveLength(1);
    expect(page.browser.server.last.types().filter((type) => type === 'subscribe')).toHaveLength(1);
    const ada = person('ada');
    await page.change(() => page.browser.server.change(ada, 'joined'));
    await page.change(() => page.browser.server.change(gone(ada), 'closed'));
    expect(heard).toEqual(['20: ada true', '20: ada false']);
  });

  it('asks for everyone only while a callback listens', async () => {
    function Listener({ listen }: { listen: boolean }) {
      useUserStatus(listen ? () => {} : undefined);
      return null;
    }
    const page = await show(<Listener listen={false} />);
    expect(page.browser.server.last.types()).not.toContain('subscribe');
    page.rerender(<Listener listen />);
    await page.advance(100);
    expect(page.browser.server.last.received.at(-1)).toEqual({ type: 'subscribe', scope: 'everyone' });
    page.rerender(<Listener listen={false} />);
    await page.advance(2_000);
    expect(page.browser.server.last.received.at(-1)).toEqual({ type: 'unsubscribe', scope: 'everyone' });
  });

  it('sendPing and disconnect do what they say', async () => {
    let status: ReturnType<typeof useUserStatus> | undefined;
    function Taker() {
      status = useUserStatus();
      return null;
    }
    const page = await show(<Taker />);
    const before = page.browser.server.last.received.length;
    status?.sendPing();
    expect(page.browser.server.last.received.slice(before)).toEqual([{ type: 'ping' }]);
    await page.change(() => status?.disconnect());
    expect(status?.isConnected).toBe(false);
    expect(page.browser.server.last.types().at(-1)).toBe('bye');
  });

  it('useUserPresence renders again for that person only, and knows them offline', async () => {
    const renders: (string | undefined)[] = [];
    function One() {
      renders.push(useUserPresence('ada')?.status);
      return null;
    }
    const ada = person('ada');
    const page = await show(<One />, { people: [ada] });
    renders.length = 0;
    await page.change(() => page.browser.server.change(person('bob'), 'joined'));
    expect(renders).toEqual([]);
    await page.change(() => page.browser.server.change({ ...ada, status: 'away', version: 2 }, 'idle'));
    await page.change(() => page.browser.server.change(gone(ada, { version: 3 }), 'closed'));
    expect(renders).toEqual(['away', 'offline']);
  });

  it('useLostConnection tells of a long loss', async () => {
    const events: string[] = [];
    function Listener() {
      useLostConnection((event) => events.push(event));
      return null;
    }
    const page = await show(<Listener />);
    page.browser.server.behaviour = 'refuses';
    await page.change(() => page.browser.server.last.close(1006));
    await page.advance(6_000);
    page.browser.server.behaviour = 'normal';
    await page.change(() => page.tab.events?.onOnline());
    expect(events).toEqual(['lost', 'restored']);
  });

  it('throw outside the provider, and say what to do', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(() => render(<Status />)).toThrow(
      /useUserStatusContext needs a <UserStatusProvider> above it.*<AuthProvider><UserStatusProvider>/,
    );
    expect(() => render(<OnlineUsers />)).toThrow(/OnlineUsers needs a <UserStatusProvider>/);
    const Auth = () => <p>{String(useAuth().isAuthenticated)}</p>;
    expect(() => render(<Auth />)).toThrow(/useAuth needs an <AuthProvider>/);
  });
});

describe('a provider without props', () => {
  let browser: FakeBrowser;
  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
    browser = fakeGlobals();
  });
  afterEach(() => {
    // Unmounted while the fakes still stand: a client that leaves must not meet a real socket.
    cleanup();
    vi.unstubAllGlobals();
    vi.unstubAllEnvs();
  });

  function SignIn() {
    const { user, login, logout, isAuthenticated } = useAuth();
    return (
      <>
        <p>{isAuthenticated ? `signed in as ${user?.username}` : 'signed out'}</p>
        <button
          type="button"
          onClick={() => login({ accessToken: tokenFor('me'), refreshToken: 'r', user: ME })}
        >
          in
        </button>
        <button type="button" onClick={() => login({ accessToken: tokenFor('me', { n: 2 }), user: ME })}>
          renew
        </button>
        <button
          type="button"
          onClick={() => login({ accessToken: tokenFor('linus'), user: { id: 'linus', username: 'Linus' } })}
        >
          other
        </button>
        <button type="button" onClick={logout}>
          out
        </button>
      </>
    );
  }
  const ME = { id: 'me', username: 'Me' };
  const click = (name: string) => act(() => screen.getByText(name).click());
  const app = (
    <AuthProvider>
      <UserStatusProvider>
        <SignIn />
        <Status />
      </UserStatusProvider>
    </AuthProvider>
  );

  it('connects on login and leaves on logout, without a reload', async () => {
    render(app);
    expect(screen.getByText('signed out')).toBeTruthy();
    expect(browser.server.connections).toHaveLength(0);
    click('in');
    expect(screen.getByText('signed in as Me')).toBeTruthy();
    await until(() => screen.queryByText('connected') !== null);
    expect(JSON.parse(localStorage.getItem('liberty_auth_v1') ?? '')).toEqual({
      accessToken: tokenFor('me'),
      refreshToken: 'r',
      user: ME,
    });
    click('out');
    await until(() => !browser.server.last.isOpen);
    expect(browser.server.last.types().at(-1)).toBe('bye');
    expect(localStorage.getItem('liberty_auth_v1')).toBeNull();
    expect(screen.getByText('disconnected')).toBeTruthy();
  });

  it('a new token of the same person does not reconnect; another person does', async () => {
    render(app);
    click('in');
    await until(() => screen.queryByText('connected') !== null);
    click('renew');
    // It goes on with the new one.
    await until(() => browser.server.last.types().at(-1) === 'auth');
    expect(browser.server.last.received.at(-1)).toEqual({ type: 'auth', token: tokenFor('me', { n: 2 }) });
    expect(browser.server.connections).toHaveLength(1);
    click('other');
    await until(() => browser.server.connections.length === 2 && browser.server.open.length === 1);
    expect(browser.server.connections[0]?.types().at(-1)).toBe('bye');
    expect(browser.server.ticketsFor).toEqual([tokenFor('me'), tokenFor('linus')]);
  });

  it('StrictMode makes one connection and says no bye', async () => {
    localStorage.setItem('liberty_auth_v1', JSON.stringify({ accessToken: tokenFor('me'), user: ME }));
    render(<StrictMode>{app}</StrictMode>);
    await until(() => screen.queryByText('connected') !== null);
    await act(() => browser.settle());
    expect(browser.server.connections).toHaveLength(1);
    expect(browser.server.last.types()).not.toContain('bye');
  });

  it('takes the addresses from the environment', async () => {
    vi.stubEnv('NEXT_PUBLIC_API_BASE_URL', 'http://localhost:8000/api');
    render(app);
    click('in');
    await until(() => browser.server.connections.length === 1);
    expect(browser.server.last.url).toMatch('ws://localhost:8000/ws/user-status/?ticket=');
  });

  it('takes the socket from its own name, where there is one', async () => {
    vi.stubEnv('NEXT_PUBLIC_API_BASE_URL', 'http://localhost:8000/api');
    vi.stubEnv('NEXT_PUBLIC_WS_BASE_URL', 'ws://localhost:8001');
    render(app);
    click('in');
    await until(() => browser.server.connections.length === 1);
    expect(browser.server.last.url).toMatch('ws://localhost:8001/ws/user-status/?ticket=');
  });

  it('keeps a sign-in for each window with sessionStorage and a key of its own', async () => {
    render(
      <AuthProvider storageKey="demo" storage="sessionStorage">
        <UserStatusProvider>
          <SignIn />
          <Status />
        </UserStatusProvider>
      </AuthProvider>,
    );
    click('in');
    await until(() => screen.queryByText('connected') !== null);
    expect(sessionStorage.getItem('demo')).not.toBeNull();
    expect(localStorage.length).toBe(0);
    click('out');
    await until(() => !browser.server.last.isOpen);
    expect(browser.server.last.types().at(-1)).toBe('bye');
  });

  it('finds the token an app without our AuthProvider keeps, and notices its going', async () => {
    render(
      <UserStatusProvider>
        <Status />
      </UserStatusProvider>,
    );
    localStorage.setItem(
      'liberty_auth_v1',
      JSON.stringify({ accessToken: tokenFor('me'), refreshToken: null }),
    );
    await until(() => screen.queryByText('connected') !== null);
    localStorage.removeItem('liberty_auth_v1');
    await until(() => !browser.server.last.isOpen);
    expect(browser.server.last.types().at(-1)).toBe('bye');
  });

  it('a refused token ends in "sign in again", which forgets the sign-in', async () => {
    browser.server.behaviour = 'rejects-token';
    render(
      <AuthProvider>
        <UserStatusProvider>
          <SignIn />
          <OnlineUsers />
        </UserStatusProvider>
      </AuthProvider>,
    );
    click('in');
    await until(() => screen.queryByText('Sign in again') !== null);
    expect(browser.server.ticketsFor).toEqual([tokenFor('me')]);
    click('Sign in again');
    expect(screen.getByText('signed out')).toBeTruthy();
    // A new sign-in works at once.
    browser.server.behaviour = 'normal';
    click('in');
    await until(() => screen.queryByText('No one is online right now') !== null);
  });

  it('a new token for the same person ends "sign in again" by itself', async () => {
    browser.server.acceptsTokens = (token) => token === tokenFor('me', { n: 2 });
    render(app);
    click('in');
    await until(() => screen.queryByText('disconnected') !== null);
    click('renew');
    await until(() => screen.queryByText('connected') !== null);
  });

  it('broken text in the storage is no sign-in', () => {
    localStorage.setItem('liberty_auth_v1', '{broken');
    render(app);
    expect(screen.getByText('signed out')).toBeTruthy();
  });

  it('a state that grows does not connect anew', async () => {
    function Growing() {
      const [n, setN] = useState(0);
      return (
        <UserStatusProvider url="/api" getToken={async () => tokenFor('me')} messages={{ title: String(n) }}>
          <button type="button" onClick={() => setN(n + 1)}>
            grow
          </button>
          <Status />
        </UserStatusProvider>
      );
    }
    render(<Growing />);
    await until(() => screen.queryByText('connected') !== null);
    for (let n = 0; n < 10; n += 1) click('grow');
    await act(() => browser.settle());
    expect(browser.server.connections).toHaveLength(1);
  });
});
