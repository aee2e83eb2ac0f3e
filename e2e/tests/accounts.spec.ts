/** An account on the real server: made on a page, seen by others, renewed by a reload, and signed out. */
import { cardOf, expect, expectConnected, test } from '../support/test.ts';

const PASSWORD = 'correct horse battery';

test('an account is made on a page, others see it arrive, and signing out is seen at once', async ({
  openAs,
  context,
  server,
}) => {
  const ada = await openAs('ada');
  const page = await context.newPage();
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await page.goto(`${server.url}/sign-in/`);
  await page.getByRole('button', { name: 'I need an account' }).click();
  await page.getByLabel('Name').fill('Grete Hermann');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create it and sign in' }).click();
  await expect(page.getByRole('heading', { name: 'You are Grete Hermann' })).toBeVisible();
  await expect(cardOf(ada, 'Grete')).toBeVisible({ timeout: 5_000 });
  expect(sockets.filter((url) => url.includes('/ws/')).every((url) => url.includes('?ticket='))).toBe(true);

  await page.goto(`${server.url}/`);
  await expectConnected(page);
  await page.goto(`${server.url}/sign-in/`);
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(cardOf(ada, 'Grete')).toHaveCount(0, { timeout: 2_000 });
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a wrong name or password is told in one sentence', async ({ page, server }) => {
  await page.goto(`${server.url}/sign-in/`);
  await page.getByLabel('Name').fill('Nobody at all');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(
    page.getByRole('alert').filter({ hasText: 'The name or the password is wrong' }),
  ).toBeVisible();
});
