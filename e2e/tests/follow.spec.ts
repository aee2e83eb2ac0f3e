/** Single people, each row of a page following its own, against the real server. */
import { expect, signIn, test } from '../support/test.ts';

test('all rows of a page share one frame, follow their person, and know those who are not here', async ({
  browser,
  server,
  openAs,
}) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const sent: { type: string; scope?: string; ids?: string[] }[] = [];
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => sent.push(JSON.parse(String(payload)))),
  );
  await signIn(page, server.url, 'ada', { path: '/sidebar/', query: 'multiTab=per-tab' });
  const row = page.locator('[data-slug="linus"]');
  await expect(row).toHaveAttribute('data-online', 'false');
  await expect(row).toContainText('Offline');

  const subscriptions = () => sent.filter(({ type, scope }) => type === 'subscribe' && scope === 'users');
  await expect.poll(() => subscriptions().at(-1)?.ids?.length).toBe(12);
  expect(subscriptions()).toHaveLength(1);

  const linus = await openAs('linus');
  await expect(row).toHaveAttribute('data-online', 'true', { timeout: 2_000 });
  await linus.getByRole('button', { name: 'Go offline' }).click();
  await expect(row).toHaveAttribute('data-online', 'false', { timeout: 3_000 });
  await context.close();
});
