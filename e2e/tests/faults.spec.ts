/** What an open page does while the server dies, and while the network is gone. */
import type { Page } from '@playwright/test';
import { card, cardOf, eventsAbout, expect, expectConnected, idOf, test } from '../support/test.ts';

test('the server is killed and comes back: the list stays, dims, and recovers by itself', async ({
  openAs,
  server,
}) => {
  const ada = await openAs('ada');
  await openAs('linus');
  await expect(cardOf(ada, 'Linus')).toBeVisible();
  const facesBefore = await card(ada).getByRole('listitem').count();

  await server.kill();
  await expect(ada.getByTestId('connection')).toContainText('Reconnecting…');
  await expect(card(ada)).toContainText('Reconnecting');
  // Not one face is lost, and the card says by its looks that this is an old list.
  expect(await card(ada).getByRole('listitem').count()).toBe(facesBefore);
  await expect.poll(() => lowestOpacity(ada)).toBeLessThan(1);

  await server.restart();
  await expectConnected(ada);
  await expect(cardOf(ada, 'Linus')).toBeVisible({ timeout: 25_000 });
  await expect(card(ada)).not.toContainText('Reconnecting');
  await expect.poll(() => lowestOpacity(ada)).toBe(1);
});

/** How strongly the first face is painted: its own opacity and that of everything around it. */
function lowestOpacity(page: Page): Promise<number> {
  return card(page)
    .getByRole('listitem')
    .first()
    .locator('img')
    .evaluate((face) => {
      let lowest = 1;
      for (let at: Element | null = face; at && at.tagName !== 'MAIN'; at = at.parentElement) {
        lowest = Math.min(lowest, Number(getComputedStyle(at).opacity));
      }
      return lowest;
    });
}

test('offline and back: the list is kept, the return is quick, nobody saw me go', async ({
  openAs,
  server,
}) => {
  const linusId = await idOf(server, 'linus');
  const ada = await openAs('ada');
  const linus = await openAs('linus');
  await expect.poll(() => eventsAbout(ada, linusId)).toEqual(['joined']);
  await expect(cardOf(linus, 'Ada Lovelace')).toBeVisible();

  await linus.context().setOffline(true);
  await expect(linus.getByTestId('connection')).toContainText('Reconnecting…');
  await expect(cardOf(linus, 'Ada Lovelace')).toBeVisible();

  await linus.context().setOffline(false);
  await expect(linus.getByTestId('connection')).toContainText('Connected', { timeout: 2_000 });
  await expect(card(linus)).not.toContainText('Reconnecting');
  expect(await eventsAbout(ada, linusId)).toEqual(['joined']);
});
