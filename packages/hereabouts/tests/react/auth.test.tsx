// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react';
import { AuthError, AuthProvider, OnlineUsers, UserStatusProvider, useAuth } from 'hereabouts/react';
import { useState } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FakeBrowser } from '../fake-browser';
import { fakeGlobals } from './fake-globals';

let browser: FakeBrowser;
beforeEach(() => {
  localStorage.clear();
  browser = fakeGlobals();
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const ADA = { username: 'ada', password: 'long enough' };

function Form() {
  const { user, accessToken, isAuthenticated, login, register, logout } = useAuth();
  const [problem, setProblem] = useState('');
  const run = (what: () => Promise<unknown>) => {
    setProblem('');
    what().catch((error: unknown) =>
      setProblem(error instanceof AuthError ? `${error.status}: ${error.message}` : 'not ours'),
    );
  };
  return (
    <>
      <p>{isAuthenticated ? `hello ${user?.username}` : 'nobody'}</p>
      <p>{accessToken === null ? 'no token' : 'token'}</p>
      <p role="alert">{problem}</p>
      <button type="button" onClick={() => run(() => register(ADA))}>
        register
      </button>
      <button type="button" onClick={() => run(() => login(ADA))}>
        login
      </button>
      <button type="button" onClick={() => run(() => login({ ...ADA, password: 'wrong' }))}>
        wrong
      </button>
      <button type="button" onClick={logout}>
        logout
      </button>
    </>
  );
}

const app = (
  <AuthProvider>
    <UserStatusProvider>
      <Form />
      <OnlineUsers />
    </UserStatusProvider>
  </AuthProvider>
);
const click = (name: string) => act(async () => screen.getByText(name).click());
const until = (text: string) =>
  act(() => vi.waitFor(() => expect(screen.queryByText(text)).not.toBeNull(), { timeout: 3_000 }));

it('registers, signs out on the server and here, and signs in again: connected without a reload', async () => {
  render(app);
  await click('register');
  await until('hello ada');
  await until('No one is online right now');
  expect(browser.server.open).toHaveLength(1);

  await click('logout');
  await until('nobody');
  expect(browser.server.open).toHaveLength(0);
  expect(browser.server.accounts.calls.at(-1)).toEqual({
    path: 'logout/',
    body: { refresh_token: 'refresh-1' },
  });
  expect(localStorage.getItem('liberty_auth_v1')).toBeNull();

  await click('login');
  await until('hello ada');
  await act(() => vi.waitFor(() => expect(browser.server.open).toHaveLength(1)));
});

it("says what the server says, in the server's words", async () => {
  render(app);
  await click('wrong');
  await until('401: This name and password do not match.');
  browser.server.accounts.isDown = true;
  await click('login');
  await until('0: Failed to fetch');
  expect(screen.getByText('nobody')).toBeTruthy();
});

it('a socket that refuses the token gets a renewed one, unseen', async () => {
  render(app);
  await click('register');
  await until('No one is online right now');
  const old = browser.server.ticketsFor.at(-1);
  browser.server.acceptsTokens = (token) => token !== old;
  await act(async () => browser.server.last.close(4401));
  await act(() => vi.waitFor(() => expect(browser.server.open).toHaveLength(1)));
  expect(browser.server.accounts.refreshes()).toBe(1);
  expect(screen.getByText('hello ada')).toBeTruthy();
});

it('a sign-in that cannot be renewed ends: "sign in again", and the app knows', async () => {
  render(app);
  await click('register');
  await until('No one is online right now');
  // Used elsewhere: the server takes it for stolen.
  browser.server.accounts.answer('/auth/token/refresh/', JSON.stringify({ refresh_token: 'refresh-1' }));
  browser.server.acceptsTokens = () => false;
  await act(async () => browser.server.last.close(4401));
  await until('Sign in again');
  expect(screen.getByText('nobody')).toBeTruthy();
  await click('Sign in again');
  await until('Sign in to see who is online.');
  expect(screen.getByText('no token')).toBeTruthy();
});

it('takes sign-ins from a backend of the app', async () => {
  const logout = vi.fn(async () => {});
  const login = async ({ username }: { username: string }) => ({
    accessToken: 'theirs',
    refreshToken: null,
    user: { id: '1', username: username.toUpperCase() },
  });
  render(
    <AuthProvider backend={{ login, logout }}>
      <Form />
    </AuthProvider>,
  );
  await click('login');
  await until('hello ADA');
  await click('logout');
  expect(logout).toHaveBeenCalledWith(expect.objectContaining({ accessToken: 'theirs' }));
  expect(browser.server.accounts.calls).toEqual([]);
});
