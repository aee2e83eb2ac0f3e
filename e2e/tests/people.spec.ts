/** Friends, modes, custom status, privacy and activity, in two windows on the real server. */
import type { Page } from '@playwright/test';
import { card, cardOf, expect, idOf, signIn, test } from '../support/test.ts';

/** The API as the person of this window, with the token the window has. */
function call(page: Page, method: string, path: string, body?: unknown): Promise<unknown> {
  return page.evaluate(
    async ([method, path, body]) => {
      const { accessToken } = JSON.parse(sessionStorage.getItem('liberty_auth_v1') ?? '{}');
      const response = await fetch(`/api${path}`, {
        method,
        headers: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return response.json().catch(() => null);
    },
    [method, path, body] as const,
  );
}

const rowOf = (page: Page, slug: string) => page.locator(`.friend-row[data-slug="${slug}"]`);

/** What a row shows, moments apart: of two absences at different times the words must be the same. */
function shownIn(page: Page, slug: string): Promise<string> {
  return rowOf(page, slug).evaluate((row) => row.outerHTML.replace(/ (datetime|title)="[^"]*"/g, ''));
}

/** A frame without times, versions and totals: others come and go too. */
function bare(frame: string): string {
  return frame.replace(/"\d{4}-[^"]*Z"/g, '""').replace(/"(version|total)":\d+/g, '"$1":0');
}

test('43. who becomes invisible looks exactly like who signs out, and stays so while they go on', async ({
  browser,
  openAs,
  server,
}) => {
  const context = await browser.newContext();
  const ada = await context.newPage();
  const id = await idOf(server, 'barbara');
  const frames: string[] = [];
  ada.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
  await signIn(ada, server.url, 'ada', { path: '/friends/', query: 'multiTab=per-tab' });
  const barbara = await openAs('barbara');
  const seen = async () => ({
    row: await shownIn(ada, 'barbara'),
    status: Object.keys((await call(ada, 'GET', `/users/${id}/status/`)) as object),
  });
  await expect(rowOf(ada, 'barbara')).toContainText('online');
  await barbara.getByRole('button', { name: 'Sign out' }).first().click();
  await expect(rowOf(ada, 'barbara')).toContainText('Last seen just now', { timeout: 3_000 });
  const signedOut = await seen();

  const again = await openAs('barbara', { path: '/status/' });
  await expect(rowOf(ada, 'barbara')).toContainText('online');
  await again.getByRole('button', { name: /^Invisible/ }).click();
  await expect(rowOf(ada, 'barbara')).toContainText('Last seen just now', { timeout: 3_000 });
  expect(await seen()).toEqual(signedOut);

  // She goes on: writes a custom status, moves about, reloads. Nothing of it shows.
  await again.getByRole('button', { name: 'At lunch' }).click();
  await again.getByRole('button', { name: 'Save' }).click();
  await expect(again.getByText('Saved')).toBeVisible();
  await again.reload();
  await expect(again.getByTestId('connection')).toContainText('Connected');
  await expect(again.getByRole('button', { name: /^Invisible/ })).toHaveAttribute('aria-pressed', 'true');
  expect(await seen()).toEqual(signedOut);
  expect(JSON.stringify(await call(ada, 'GET', `/users/${id}/status/`))).not.toContain('invisible');
  // The two departures are the same frame but for their times; after the second there is none about her.
  const departures = frames.filter((frame) => frame.includes(id) && frame.includes('"closed"')).map(bare);
  expect(departures.length % 2).toBe(0);
  expect(departures.slice(0, departures.length / 2)).toEqual(departures.slice(departures.length / 2));
  expect(frames.join()).not.toContain('invisible');
  await context.close();
});

test('44. a custom status is seen by others and ends on time, in both windows', async ({
  openAs,
  server,
}) => {
  const ada = await openAs('ada', { path: '/messages/' });
  const barbara = await openAs('barbara', { path: '/status/' });
  const id = await idOf(server, 'barbara');
  await barbara.getByRole('button', { name: 'In a meeting' }).click();
  await barbara.getByRole('button', { name: 'Save' }).click();
  const item = ada.locator(`[data-user-id="${id}"]`);
  await expect(item).toContainText('Barbara, online, 📅 In a meeting until ');
  await expect(barbara.locator('.as-shown')).toContainText('📅 In a meeting');

  const until = new Date(Date.now() + 3_000).toISOString();
  await call(barbara, 'PUT', '/me/status/', { custom: { text: 'Back in a moment', until } });
  await expect(item).toContainText('Barbara, online, Back in a moment until ');
  await expect(item).not.toContainText('Back in a moment', { timeout: 6_000 });
  await expect(barbara.locator('.as-shown')).not.toContainText('In a meeting');
});

test('3. do not disturb and away are seen by others, and end when I choose online', async ({ openAs }) => {
  const ada = await openAs('ada', { path: '/friends/' });
  const barbara = await openAs('barbara', { path: '/status/' });
  for (const [button, word, shape] of [
    [/^Do not disturb/, 'do not disturb', 'dnd'],
    [/^Away/, 'away', 'away'],
    [/^Online/, 'online', 'online'],
  ] as const) {
    await barbara.getByRole('button', { name: button }).click();
    await expect(rowOf(ada, 'barbara')).toContainText(word);
    await expect(rowOf(ada, 'barbara').locator('.ha-dot')).toHaveAttribute('data-status', shape);
  }
});

test('friends are asked, accepted and listed apart, and the end of it is seen at once', async ({
  openAs,
}) => {
  const ada = await openAs('ada', { path: '/friends/' });
  const barbara = await openAs('barbara', { path: '/friends/' });
  const friends = card(ada, 'Online Friends');
  await expect(friends).toContainText('None of your friends are online right now');

  await ada.getByRole('button', { name: 'Ask Barbara to be friends' }).click();
  await expect(ada.getByText(/^Waiting for Barbara/)).toBeVisible();
  await barbara.reload();
  await barbara.getByRole('button', { name: 'Accept the request of Ada Lovelace' }).click();
  await expect(card(barbara, 'Online Friends')).toContainText('Ada Lovelace');
  await expect(friends.getByRole('listitem')).toHaveCount(1);
  await expect(friends).toContainText('Barbara');
  await expect(barbara.getByRole('button', { name: 'End the friendship with Ada Lovelace' })).toBeVisible();

  await barbara.getByRole('button', { name: 'End the friendship with Ada Lovelace' }).click();
  await expect(friends).toContainText('None of your friends are online right now');
});

test('41, 42. a toast tells that somebody came whom I wait for, and of nobody else', async ({
  openAs,
  server,
}) => {
  // She must have been away for five minutes: the clock is not ours, but the database is.
  await server.kill();
  await server.sql(
    "UPDATE users SET last_seen = strftime('%Y-%m-%dT%H:%M:%S.000000Z', 'now', '-10 minutes') WHERE username = 'Hedy Lamarr'",
  );
  await server.restart();
  const ada = await openAs('ada', { path: '/friends/' });
  const wait = ada.getByRole('button', { name: 'Tell me when Hedy Lamarr comes online' });
  await wait.click();
  await expect(wait).toHaveAttribute('aria-pressed', 'true');
  await openAs('barbara');
  await expect(rowOf(ada, 'barbara')).toContainText('online');
  await openAs('hedy');
  // Who only looks in is no news: she must have stayed for ten seconds.
  const toasts = ada.getByRole('region', { name: 'People who came online' }).getByRole('listitem');
  await expect(toasts).toHaveText([/^Hedy Lamarr is online/], { timeout: 20_000 });
  await ada.getByRole('button', { name: 'Dismiss: Hedy Lamarr is online' }).click();
  await expect(toasts).toHaveCount(0);
});

test('view as: the rules, what one person gets, and why', async ({ openAs, server }) => {
  const ada = await openAs('ada', { path: '/messages/' });
  const barbara = await openAs('barbara', { path: '/privacy/' });
  const adaId = await idOf(server, 'ada');
  const shown = barbara.getByTestId('as-viewer');
  await barbara.getByLabel('What they see of me').selectOption(adaId);
  await expect(shown).toContainText('online');
  await expect(cardOf(ada, 'Barbara')).toHaveCount(1);

  await barbara.getByLabel('Who sees that I am here').selectOption('friends');
  await barbara.getByLabel('Who sees when I was last here').selectOption('friends');
  await barbara.getByRole('button', { name: 'Save' }).click();
  await expect(shown).toContainText('Your privacy rules do not let them see whether you are here.');
  await expect(shown).toContainText('Last seen hidden');
  await expect(cardOf(ada, 'Barbara')).toHaveCount(0);
});

test('46. my activity has my comings, and nothing of the time I was invisible', async ({ openAs }) => {
  const barbara = await openAs('barbara', { path: '/activity/' });
  const mine = card(barbara, 'Mine');
  await expect(mine.getByRole('listitem').first()).toContainText('Barbara came online', { timeout: 15_000 });
  await call(barbara, 'PUT', '/me/status/', { mode: 'invisible' });
  await call(barbara, 'PUT', '/me/status/', { custom: { text: 'Nobody reads this' } });
  await expect(async () => {
    await barbara.reload();
    await expect(mine.getByRole('listitem')).toHaveText([/^Barbara went offline/, /^Barbara came online/]);
  }).toPass({ timeout: 15_000 });
});
