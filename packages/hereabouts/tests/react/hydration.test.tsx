// @vitest-environment jsdom
import { act } from '@testing-library/react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { expect, it, vi } from 'vitest';
import { OnlineUsers, UserStatusProvider } from '../../src/react';
import { clientIn } from '../client-world';
import { FakeBrowser, row } from '../fake-browser';

it('hydrates a server-rendered list with last-seen texts without a warning', async () => {
  const initialUsers = [
    row('1', { username: 'Ada', is_online: false, last_seen: new Date(Date.now() - 300_000).toISOString() }),
  ];
  const app = (browser: FakeBrowser) => (
    <UserStatusProvider client={clientIn(browser.openTab(), { initialUsers })}>
      <OnlineUsers />
    </UserStatusProvider>
  );
  const html = renderToString(app(new FakeBrowser()));
  const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  const container = document.createElement('div');
  container.innerHTML = html;
  document.body.append(container);
  const onRecoverableError = vi.fn();
  const browser = new FakeBrowser();
  const root = await act(async () => hydrateRoot(container, app(browser), { onRecoverableError }));
  await act(() => browser.settle());
  expect(onRecoverableError).not.toHaveBeenCalled();
  expect(errors).not.toHaveBeenCalled();
  act(() => root.unmount());
});
