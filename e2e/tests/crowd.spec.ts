/** A thousand people online, and a page that does not grow. */
import { card, expect, test } from '../support/test.ts';

test('a thousand online: at most nine cards, "+N", and the same again when they leave', async ({
  openAs,
}) => {
  test.setTimeout(90_000);
  const ada = await openAs('ada');
  await ada.getByRole('button', { name: 'Add 1,000 people' }).click();

  const rest = card(ada).getByRole('button', { name: /\+\s?(99\d|1,?0\d\d)/ });
  await expect(rest).toBeVisible({ timeout: 30_000 });
  expect(await card(ada).getByRole('listitem').count()).toBeLessThanOrEqual(9);
  // The log folds a thousand arrivals into a few lines.
  expect(await ada.locator('.log-entry').count()).toBeLessThanOrEqual(40);
  await expect(ada.getByTestId('event-log')).toContainText('people came online');

  await ada.getByRole('button', { name: 'Send them home' }).click();
  await expect(rest).toHaveCount(0, { timeout: 30_000 });
});
