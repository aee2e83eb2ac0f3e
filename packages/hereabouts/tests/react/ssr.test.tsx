// @vitest-environment node
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { AuthProvider, OnlineUsers, UserStatusProvider } from '../../src/react';
import { row } from '../fake-browser';

const page = (props: object = {}) =>
  renderToString(
    <AuthProvider>
      <UserStatusProvider {...props}>
        <OnlineUsers maxUsers={8} />
      </UserStatusProvider>
    </AuthProvider>,
  );

it('renders without a window: the shell and the skeleton', () => {
  expect(typeof window).toBe('undefined');
  const html = page();
  expect(html).toContain('Who&#x27;s Online?');
  expect(html).toContain('aria-busy="true"');
  expect(html).toContain('ha-skeleton');
});

it('shows the initial people before any script runs', () => {
  const html = page({
    initialUsers: [row('1', { username: 'Ada Lovelace' }), row('2', { username: 'Linus' })],
  });
  expect(html).toContain('Ada Lovelace');
  expect(html).toContain('Linus, online');
  expect(html).toContain('aria-busy="false"');
});

it('is the same on every run: what a server sends, a browser can hydrate', () => {
  const people = [row('1', { is_online: false, last_seen: '2026-11-24T01:02:03.000000Z' })];
  expect(page({ initialUsers: people })).toBe(page({ initialUsers: people }));
});

it('original fault: styles injected at import (breaks SSR and CSP)', () => {
  const html = page({ initialUsers: [row('1', { profile_image_url: '/a.png' })] });
  expect(html).not.toMatch(/<style|\sstyle=|<script|onclick=/);
  expect(typeof document).toBe('undefined');
  expect(createElement(OnlineUsers).type).toBe(OnlineUsers);
});
