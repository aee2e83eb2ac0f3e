/** Row 1 of the checklist: every piece of text ≥ 4.5:1, measured on pixels, hover included, in both themes. */
import type { Page } from '@playwright/test';
import { contrast, measureContrast } from '../support/contrast.ts';
import { PAGES } from '../support/pages.ts';
import { card, expect, expectConnected, signIn, test } from '../support/test.ts';

const NEEDED = 4.5;
const CARD_SIZES = [
  [320, 560],
  [640, 420],
  [1100, 330],
  [256, 640],
] as const;

function tooFaint(measured: Awaited<ReturnType<typeof measureContrast>>): string[] {
  return measured
    .filter(({ ratio }) => ratio < NEEDED)
    .map(({ text, ratio, colour, background }) => `"${text}" ${ratio.toFixed(2)} ${colour} on ${background}`);
}

/** Gives the card a size of its own, in a window large enough to show all of it. */
async function resizeCard(page: Page, width: number, height: number): Promise<void> {
  await card(page).evaluate(
    (section, [w, h]) => {
      const place = section.closest<HTMLElement>('.hero-card');
      if (!place) throw new Error('the card is not in its place');
      for (const element of [place, section as HTMLElement]) {
        element.style.boxSizing = 'border-box';
        element.style.width = `${w}px`;
        element.style.maxWidth = 'none';
      }
      (section as HTMLElement).style.minHeight = `${h}px`;
      place.style.position = 'fixed';
      place.style.inset = '80px auto auto 20px';
      place.style.zIndex = '100';
    },
    [width, height] as const,
  );
}

test('the measure itself: gold on the bare red fails, as the design computed', () => {
  expect(contrast([251, 191, 36], [220, 38, 38])).toBeCloseTo(2.89, 1);
  expect(contrast([255, 255, 255], [0, 0, 0])).toBeCloseTo(21, 5);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the card at its four sizes (${colorScheme})`, async ({ browser, server }) => {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 1000 } });
    const page = await context.newPage();
    await signIn(page, server.url, 'ada');
    await expect(card(page).getByRole('listitem').first()).toBeVisible();
    for (const [width, height] of CARD_SIZES) {
      await resizeCard(page, width, height);
      const calm = await measureContrast(page, card(page));
      // The title, and at least one name.
      expect(calm.length).toBeGreaterThanOrEqual(2);
      expect(tooFaint(calm), `${width}×${height}`).toEqual([]);

      await card(page).getByRole('listitem').first().hover();
      expect(tooFaint(await measureContrast(page, card(page))), `${width}×${height}, hover`).toEqual([]);
      await page.mouse.move(0, 0);
    }
    await context.close();
  });

  test(`the rest of the pages (${colorScheme})`, async ({ browser, server }) => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await page.goto(server.url);
    await expect(page.getByRole('heading', { name: 'Who are you today?' })).toBeVisible();
    expect(tooFaint(await measureWhole(page))).toEqual([]);
    await signIn(page, server.url, 'ada');
    for (const address of PAGES.map(({ path }) => path)) {
      await page.goto(server.url + address);
      await expectConnected(page);
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
      expect(tooFaint(await measureWhole(page)), address).toEqual([]);
    }
    await context.close();
  });
}

/** Makes the window as tall as the page, so that all of it is in one picture. */
async function measureWhole(page: Page): Promise<Awaited<ReturnType<typeof measureContrast>>> {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: 1280, height: Math.min(height, 4_000) });
  const measured = await measureContrast(page, page.locator('body'));
  expect(measured.length).toBeGreaterThan(10);
  return measured;
}
