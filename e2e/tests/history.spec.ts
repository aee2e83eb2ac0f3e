/** Going back in history: a page out of the cache is a page whose socket was let go. */
import { card, expect, expectConnected, test } from '../support/test.ts';

// Playwright turns the back/forward cache off; here it is the point.
test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
  },
});

test('a page out of the back/forward cache connects again', async ({ openAs, server }) => {
  const linus = await openAs('linus');
  await linus.evaluate(() => {
    window.addEventListener('pageshow', (event) => {
      document.documentElement.dataset.cached = String(event.persisted);
    });
  });
  await linus.goto(`${server.url}/avatars/ada.svg`);
  const ada = await openAs('ada');
  await linus.goBack({ waitUntil: 'commit' });

  await expectConnected(linus);
  await expect(card(linus)).toContainText('Ada Lovelace');
  await expect(card(ada)).toContainText('Linus');
  // Chromium may refuse to keep a page while it is driven; then this was an ordinary load, which must work as well.
  const cached = await linus.evaluate(() => document.documentElement.dataset.cached);
  test
    .info()
    .annotations.push({ type: 'bfcache', description: cached === 'true' ? 'restored' : 'loaded anew' });
});
