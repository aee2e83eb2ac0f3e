/** What stands beside the card, each on a page of its own: contrast, axe, narrow, right to left, resets, motion, words. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { PNG } from 'pngjs';
import { measureContrast } from '../support/contrast.ts';
import { type GalleryConfig, type PanelName, showGallery } from '../support/gallery.ts';
import { collectComplaints } from '../support/pages.ts';
import { difference } from '../support/pictures.ts';
import { BOOTSTRAP_REBOOT, TAILWIND_PREFLIGHT, UNIVERSAL_RESET } from '../support/resets.ts';

const PANELS: readonly PanelName[] = ['status', 'custom', 'activity', 'requests', 'toasts', 'banner', 'dots'];
const NAMES = ['Ada Lovelace', 'Grace Hopper', 'Linus', 'Ken', 'Margaret'];
/** What the gallery's people wrote, and signs that are no words. */
const DATA = [
  ...NAMES,
  'In a meeting with a rather long name for it',
  'Wolfeschlegelsteinhausenbergerdorff the Elder of Somewhere',
  '📅',
  '🙂',
  '×',
];
const DARK = 'body { background: #0b1020 !important; color: #eee !important }';

function configOf(panel: PanelName, more: Partial<GalleryConfig> = {}): GalleryConfig {
  const users = NAMES.map((username) => ({ username }));
  const broken = { connectionStatus: 'disconnected', error: 'unauthorized' } as const;
  return { users, panel, ...(panel === 'banner' && broken), ...more };
}

async function expectNoSideways(page: Page, name: string): Promise<void> {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(beyond, name).toBeLessThanOrEqual(0);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`rows 1, 9, 20: contrast, targets, axe and width at 320 (${colorScheme})`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme, viewport: { width: 320, height: 900 } });
    const page = await context.newPage();
    const complaints = await collectComplaints(page);
    for (const panel of PANELS) {
      await showGallery(page, configOf(panel), { css: colorScheme === 'dark' ? DARK : '' });
      const measured = await measureContrast(page, page.locator('#root'));
      expect(measured.length, panel).toBeGreaterThan(0);
      const faint = measured.filter(({ ratio }) => ratio < 4.5);
      expect(faint, panel).toEqual([]);

      const { violations } = await new AxeBuilder({ page })
        .disableRules(['landmark-one-main', 'page-has-heading-one', 'region'])
        .analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
        panel,
      ).toEqual([]);

      await expectNoSideways(page, panel);
      const small = await page
        .locator('#root :is(button, input:not([type=checkbox]), select, a)')
        .evaluateAll((targets) =>
          targets.flatMap((target) => {
            const { width, height } = target.getBoundingClientRect();
            return width < 44 || height < 44 ? [`${target.className} ${width}×${height}`] : [];
          }),
        );
      expect(small, panel).toEqual([]);
    }
    // Row 36: nothing breaks the policy, and nothing is written into the console.
    expect(complaints.all).toEqual([]);
    await context.close();
  });
}

test('row 21: wider text spacing clips nothing', async ({ page }) => {
  const css =
    '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }';
  await page.setViewportSize({ width: 320, height: 900 });
  for (const panel of PANELS) {
    await showGallery(page, configOf(panel), { css });
    await expectNoSideways(page, panel);
    const clipped = await page.locator('#root :is(button, p, li, b, label)').evaluateAll((elements) =>
      elements.flatMap((element) => {
        const isHidden = element.className.includes('ha-sr-only');
        const isCut =
          element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflow !== 'visible';
        return !isHidden && isCut ? [element.textContent ?? ''] : [];
      }),
    );
    expect(clipped, panel).toEqual([]);
  }
});

test('row 14: right to left the toasts stand bottom left, and the shapes before their words', async ({
  page,
}) => {
  await showGallery(page, configOf('toasts', { dir: 'rtl', locale: 'ar', translated: true }));
  const toast = await page.locator('.ha-toast').first().boundingBox();
  expect(toast?.x).toBeLessThan(40);
  await showGallery(page, configOf('status', { dir: 'rtl', locale: 'ar', translated: true }));
  const choice = page.getByRole('button', { name: /^عدم الإزعاج/ });
  const [dot, words] = [
    await choice.locator('.ha-dot').boundingBox(),
    await choice.locator('b').boundingBox(),
  ];
  expect(dot?.x ?? 0).toBeGreaterThan((words?.x ?? 0) + (words?.width ?? 0) / 2);
});

test('row 14: right to left, a Latin name stands before what is said of it', async ({ page }) => {
  await showGallery(page, configOf('requests', { dir: 'rtl', locale: 'ar', translated: true }));
  const places = await page
    .locator('.ha-entry time')
    .first()
    .evaluate((time) => {
      const text = time.firstChild as Text;
      const xOf = (word: string) => {
        const range = document.createRange();
        const at = text.data.indexOf(word);
        range.setStart(text, at);
        range.setEnd(text, at + word.length);
        return range.getBoundingClientRect().x;
      };
      return { name: xOf('Ada'), ago: xOf('قبل') };
    });
  expect(places.name).toBeGreaterThan(places.ago);
});

test('row 15: no English is left outside the messages', async ({ page }) => {
  for (const panel of PANELS) {
    for (const isEmpty of [false, true]) {
      await showGallery(page, configOf(panel, { pseudo: true, isEmpty }));
      const words = await page.locator('#root').evaluate((root) => {
        const texts = [...root.querySelectorAll('*')].flatMap((element) => [
          element.getAttribute('aria-label'),
          element.getAttribute('placeholder'),
          ...[...element.childNodes]
            .filter((node) => node.nodeType === Node.TEXT_NODE)
            .map((node) => node.textContent),
        ]);
        return texts.filter((text): text is string => !!text?.trim());
      });
      const foreign = words
        .map((text) => DATA.reduce((left, known) => left.replaceAll(known, ''), text).replace(/⟦[^⟧]*⟧/g, ''))
        // Times and dates are the platform's words, in the locale.
        .map((text) =>
          text.replace(
            /\b(AM|PM|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)\w*|\b\d+[mhd] ago|\b(January|February|March|April|May|June|July|August|September|October|November|December|\w{3} \d+)\b/g,
            '',
          ),
        )
        .filter((text) => /[a-z]{2}/i.test(text));
      expect(foreign, `${panel}, ${isEmpty ? 'empty' : 'full'}`).toEqual([]);
    }
  }
});

test('row 15: in Arabic everything is Arabic, the card too', async ({ page }) => {
  for (const panel of [undefined, ...PANELS]) {
    for (const isEmpty of [false, true]) {
      const users = isEmpty && !panel ? [] : NAMES.map((username) => ({ username }));
      const arabic = { locale: 'ar', dir: 'rtl', translated: true, isEmpty, users } as const;
      await showGallery(page, panel ? configOf(panel, arabic) : arabic);
      const words = await page
        .locator('#root')
        .evaluate((root) =>
          [...root.querySelectorAll('*')].flatMap((element) => [
            element.getAttribute('aria-label') ?? '',
            element.getAttribute('placeholder') ?? '',
            element.getAttribute('title') ?? '',
            ...[...element.childNodes]
              .filter((node) => node.nodeType === Node.TEXT_NODE)
              .map((node) => node.textContent ?? ''),
          ]),
        );
      const foreign = words
        .map((text) => DATA.reduce((left, known) => left.replaceAll(known, ''), text))
        // Initials of names.
        .filter((text) => /[a-z]{2}/i.test(text) && !/^[A-Z]{2}$/.test(text));
      expect(foreign, `${panel ?? 'card'}, ${isEmpty ? 'empty' : 'full'}`).toEqual([]);
    }
  }
});

for (const [name, css] of [
  ['Tailwind', TAILWIND_PREFLIGHT],
  ['Bootstrap', BOOTSTRAP_REBOOT],
  ['a universal reset', UNIVERSAL_RESET],
] as const) {
  test(`row 37: ${name} changes nothing`, async ({ page }) => {
    for (const panel of PANELS.filter((each) => each !== 'dots')) {
      await showGallery(page, configOf(panel));
      await page.evaluate(stopClock);
      const plain = PNG.sync.read(await page.screenshot({ animations: 'disabled' }));
      await showGallery(page, configOf(panel), { css });
      await page.evaluate(stopClock);
      const reset = PNG.sync.read(await page.screenshot({ animations: 'disabled' }));
      expect(difference(plain, reset), panel).toBe(0);
    }
  });
}

/** Times of day are data: the pictures are compared without them. */
function stopClock(): void {
  for (const time of document.querySelectorAll('time')) time.textContent = '12:00';
  for (const option of document.querySelectorAll('option[value="keep"]')) option.textContent = '12:00';
}

test('row 10: nothing moves where motion is not wanted', async ({ browser }) => {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  await showGallery(page, configOf('toasts'));
  const motion = await page
    .locator('.ha-toast')
    .first()
    .evaluate((toast) => getComputedStyle(toast).animationName);
  expect(motion).toBe('none');
  await showGallery(page, configOf('status'));
  const duration = await page
    .locator('.ha-choice')
    .first()
    .evaluate((each) => getComputedStyle(each).transitionDuration);
  expect(duration).toBe('0s');
  await context.close();
});

test('rows 2, 7: the focus is seen, with forced colours too, and so is what is chosen', async ({
  browser,
}) => {
  for (const forcedColors of ['none', 'active'] as const) {
    const context = await browser.newContext({ forcedColors });
    const page = await context.newPage();
    await showGallery(page, configOf('status'));
    const buttons = page.getByRole('button');
    await page.keyboard.press('Tab');
    await expect(buttons.first()).toBeFocused();
    const outline = await buttons.first().evaluate((each) => getComputedStyle(each).outlineStyle);
    expect(outline).toBe('solid');
    const border = (index: number) =>
      buttons.nth(index).evaluate((each) => getComputedStyle(each).borderTopColor);
    expect(await border(2)).not.toBe(await border(1));
    await context.close();
  }
});
