/** Going away in every way there is, and how soon others see it. */
import { cardOf, eventsAbout, expect, expectConnected, idOf, test } from '../support/test.ts';

test('"Go offline" is seen at once, and so is coming back', async ({ openAs }) => {
  const ada = await openAs('ada');
  const linus = await openAs('linus');
  await expect(cardOf(ada, 'Linus')).toBeVisible();

  await linus.getByRole('button', { name: 'Go offline' }).click();
  await expect(cardOf(ada, 'Linus')).toHaveCount(0, { timeout: 2_000 });
  await expect(linus.getByTestId('connection')).toContainText('Offline');

  await linus.getByRole('button', { name: 'Come back' }).click();
  await expect(cardOf(ada, 'Linus')).toBeVisible({ timeout: 2_000 });
});

test('signing out is seen at once, without a reload', async ({ openAs }) => {
  const ada = await openAs('ada');
  const linus = await openAs('linus');
  await expect(cardOf(ada, 'Linus')).toBeVisible();

  await linus.locator('.hero').getByRole('button', { name: 'Sign out' }).click();
  await expect(cardOf(ada, 'Linus')).toHaveCount(0, { timeout: 2_000 });
  await expect(linus.getByTestId('connection')).toContainText('Signed out');
  await expect(linus.getByRole('link', { name: 'Open as Ada' })).toBeVisible();
});

test('a window that just closes is gone within 17 seconds', async ({ openAs }) => {
  const ada = await openAs('ada');
  const linus = await openAs('linus');
  await expect(cardOf(ada, 'Linus')).toBeVisible();
  await linus.close({ runBeforeUnload: true });
  await expect(cardOf(ada, 'Linus')).toHaveCount(0, { timeout: 17_000 });
});

test('nobody notices five reloads', async ({ openAs, server }) => {
  const ada = await openAs('ada');
  const linus = await openAs('linus');
  const linusId = await idOf(server, 'linus');
  await expect.poll(() => eventsAbout(ada, linusId)).toEqual(['joined']);
  for (let round = 0; round < 5; round += 1) {
    await linus.reload();
    await expectConnected(linus);
    await expect(cardOf(ada, 'Linus')).toBeVisible();
  }
  // Longer than the grace that covered the last of them.
  const end = Date.now() + 17_000;
  while (Date.now() < end) {
    expect(await eventsAbout(ada, linusId)).toEqual(['joined']);
    await ada.waitForTimeout(1_000);
  }
});

test('a token that runs out is renewed by itself, and nobody notices', async ({ openAs, server }) => {
  const ada = await openAs('ada');
  const linus = await openAs('linus');
  const linusId = await idOf(server, 'linus');
  await expect.poll(() => eventsAbout(ada, linusId)).toEqual(['joined']);

  const tokens = new Set<string>();
  const tokenNow = async () => {
    const text = await linus.evaluate(() => sessionStorage.getItem('liberty_auth_v1'));
    return (JSON.parse(text ?? '{}') as { accessToken?: string }).accessToken ?? '';
  };
  tokens.add(await tokenNow());
  await linus.getByRole('button', { name: 'Expire my token' }).click();
  // First the short one, then its successor.
  await expect
    .poll(async () => tokens.add(await tokenNow()).size, { timeout: 20_000 })
    .toBeGreaterThanOrEqual(3);
  await expectConnected(linus);
  expect(await eventsAbout(ada, linusId)).toEqual(['joined']);
});
