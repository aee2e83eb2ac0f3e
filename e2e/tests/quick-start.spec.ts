/** Tests 1 to 4 of the original's quick start, as it words them, and with two people where that says more. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { card, cardOf, eventsAbout, expect, idOf, signIn, test } from '../support/test.ts';

const ONE_BROWSER = 'storage=local&showSelf=1';
const KEY = 'liberty_auth_v1';

async function tokenOf(page: Page): Promise<string> {
  const session = await page.evaluate((key) => localStorage.getItem(key), KEY);
  return (JSON.parse(session ?? '{}') as { accessToken?: string }).accessToken ?? '';
}

test('Test 1: two tabs at /app/messages both show me, with the same token', async ({ browser, server }) => {
  const context = await browser.newContext();
  const first = await context.newPage();
  await signIn(first, server.url, 'ada', { path: '/app/messages', query: ONE_BROWSER });
  const second = await context.newPage();
  // The sign-in is the browser's here, so the second tab needs none.
  await second.goto(`${server.url}/app/messages?${ONE_BROWSER}`);

  await expect(cardOf(first, 'Ada Lovelace')).toBeVisible();
  await expect(cardOf(second, 'Ada Lovelace')).toBeVisible();
  expect(await tokenOf(first)).not.toBe('');
  expect(await tokenOf(second)).toBe(await tokenOf(first));
  await context.close();
});

test('Test 1 with two people: each sees the other within a second', async ({ openAs }) => {
  const ada = await openAs('ada', { path: '/messages/' });
  // Linus' own start-up is not what is measured: his connection is.
  const linus = await openAs('linus');
  await expect(cardOf(ada, 'Linus')).toBeVisible({ timeout: 1_000 });
  await expect(cardOf(linus, 'Ada Lovelace')).toBeVisible();
  await expect(cardOf(ada, 'Ada Lovelace')).toHaveCount(0);
});

test('Test 2: the socket answers 101, and pings are answered every 30 seconds', async ({
  browser,
  server,
}) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.clock.install();
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  const statuses: number[] = [];
  network.on('Network.webSocketHandshakeResponseReceived', ({ response }) => statuses.push(response.status));
  const sent: string[] = [];
  const received: string[] = [];
  const addresses: string[] = [];
  page.on('websocket', (socket) => {
    if (!socket.url().includes('/ws/user-status/')) return;
    addresses.push(socket.url());
    socket.on('framesent', ({ payload }) => sent.push(String(payload)));
    socket.on('framereceived', ({ payload }) => received.push(String(payload)));
  });

  await signIn(page, server.url, 'ada', { query: 'multiTab=per-tab' });
  expect(statuses).toEqual([101]);
  expect(addresses[0]).not.toContain('token');

  const typesOf = (frames: string[], type: string) =>
    frames.filter((text) => JSON.parse(text).type === type).length;
  const before = typesOf(sent, 'ping');
  await page.clock.fastForward(31_000);
  await expect.poll(() => typesOf(sent, 'ping')).toBeGreaterThan(before);
  await expect.poll(() => typesOf(received, 'pong')).toBeGreaterThan(0);
  const pings = typesOf(sent, 'ping');
  await page.clock.fastForward(31_000);
  await expect.poll(() => typesOf(sent, 'ping')).toBeGreaterThan(pings);
  await context.close();
});

test('Test 3: closing one of my own tabs changes nothing, closing the last one takes me off the list', async ({
  openAs,
  server,
}) => {
  test.setTimeout(70_000);
  const linusId = await idOf(server, 'linus');
  const ada = await openAs('ada');
  const first = await openAs('linus');
  const second = await openAs('linus', { context: first.context() });
  await expect(cardOf(ada, 'Linus')).toBeVisible();

  await first.close();
  // Longer than it takes for a closed window to be noticed: 15 s of grace and the way there.
  await expect(second.getByTestId('connection')).toContainText('Connected');
  await holdsFor(ada, 17_500, async () => expect(await eventsAbout(ada, linusId)).toEqual(['joined']));

  await second.close();
  await expect(cardOf(ada, 'Linus')).toHaveCount(0, { timeout: 17_000 });
  expect(await eventsAbout(ada, linusId)).toEqual(['joined', 'left']);
});

/** Checks again and again that something stays true; the time itself is what is promised here. */
async function holdsFor(page: Page, ms: number, check: () => Promise<void>): Promise<void> {
  const end = Date.now() + ms;
  for (let round = 0; Date.now() < end && round < 1_000; round += 1) {
    await check();
    await page.waitForTimeout(500);
  }
}

test('Test 4: the token from local storage opens the list for curl', async ({ openAs, server }) => {
  await openAs('linus');
  const ada = await openAs('ada', { query: ONE_BROWSER });
  await expect(card(ada)).toContainText('Linus');
  const { stdout } = await promisify(execFile)('curl', [
    '-sS',
    '-H',
    `Authorization: Bearer ${await tokenOf(ada)}`,
    `${server.url}/api/users/online/`,
  ]);
  const rows = JSON.parse(stdout) as Record<string, unknown>[];
  const linus = rows.find((row) => row.slug === 'linus');
  expect(Object.keys(linus ?? {}).sort()).toEqual([
    'id',
    'is_online',
    'last_activity',
    'last_seen',
    'profile_image_url',
    'slug',
    'username',
  ]);
  expect(linus).toMatchObject({
    username: 'Linus',
    is_online: true,
    profile_image_url: '/avatars/linus.svg',
  });
  expect(rows.some((row) => row.slug === 'ada')).toBe(false);
});
