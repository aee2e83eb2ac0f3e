/** The component on a page of its own: strange names, directions, languages, zoom, foreign styles, dark, strict policy. */
import { expect, type Page, test } from '@playwright/test';
import { PNG } from 'pngjs';
import { type GalleryConfig, showGallery } from '../support/gallery.ts';
import { collectComplaints } from '../support/pages.ts';
import { difference } from '../support/pictures.ts';
import { BOOTSTRAP_REBOOT, CLASS_NAMES, TAILWIND_PREFLIGHT, UNIVERSAL_RESET } from '../support/resets.ts';

const NAMES = [
  'A',
  'The quick brown fox jumps over the lazy dog and sixty chars!!',
  'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunter',
  '👩‍👩‍👧‍👦',
  'Z̴̡̛͓̼̺̩͙̔̓̈́̈a̶̢̜͎̹̼̎̈́͐̂l̷̛̰̝̱̭̐͗̃g̵̪̠̃̌̂ơ̶̡̙̻̮̑̓',
  'آدا لوفليس بنت اللورد بايرون',
  'สมชาย ใจดีมีความสุขมากที่สุด',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '   ',
] as const;

const people = (...usernames: string[]): GalleryConfig['users'] =>
  usernames.map((username) => ({ username }));
const FOUR: GalleryConfig['users'] = [
  { username: 'Ada Lovelace', profile_image_url: '/face.png' },
  { username: 'Linus', status: 'away' },
  { username: 'Grace Hopper', status: 'dnd', custom_status: { emoji: '🛠️', text: 'Fixing it', until: null } },
  { username: 'Ken' },
];

test('row 13: strange names keep to one line, whole in name and tooltip, and are never markup', async ({
  page,
}) => {
  await showGallery(page, { users: people(...NAMES), maxUsers: NAMES.length });
  const items = page.getByRole('listitem');
  await expect(items).toHaveCount(NAMES.length);
  for (const [index, name] of NAMES.entries()) {
    const item = items.nth(index);
    const shape = await item.locator('.ha-name').evaluate((element) => ({
      lines: element.getBoundingClientRect().height / Number.parseFloat(getComputedStyle(element).lineHeight),
      text: element.textContent,
      nElements: element.querySelectorAll('*').length,
      isInside:
        element.getBoundingClientRect().right <= (element.closest('li')?.getBoundingClientRect().right ?? 0),
    }));
    expect(shape).toMatchObject({ text: name, nElements: 1, isInside: true });
    expect(shape.lines, name).toBeLessThan(1.5);
    const initials = (await item.locator('.ha-initials').textContent()) ?? '';
    const graphemes = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(initials)];
    expect(graphemes.length, name).toBeGreaterThanOrEqual(1);
    expect(graphemes.length, name).toBeLessThanOrEqual(2);
    await item.getByRole('button').focus();
    await expect(page.getByRole('tooltip')).toContainText(name.trim());
    expect(await item.locator('.ha-sr-only').textContent()).toBe(`${name}, online`);
  }
  expect(await items.nth(3).locator('.ha-initials').textContent()).toBe('👩‍👩‍👧‍👦');
});

test('row 14: right to left, the dot stands bottom left and the order is mirrored', async ({ page }) => {
  for (const dir of ['ltr', 'rtl'] as const) {
    await showGallery(page, { users: FOUR, dir });
    const places = await page.locator('.ha-item').evaluateAll((items) =>
      items.map((item) => {
        const middle = (selector: string) => {
          const box = item.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect();
          return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        };
        return { avatar: middle('.ha-avatar'), dot: middle('.ha-dot') };
      }),
    );
    const sign = dir === 'rtl' ? -1 : 1;
    for (const { avatar, dot } of places) {
      expect(Math.sign(dot.x - avatar.x)).toBe(sign);
      expect(dot.y).toBeGreaterThan(avatar.y);
    }
    expect(Math.sign((places[1]?.avatar.x ?? 0) - (places[0]?.avatar.x ?? 0))).toBe(sign);
  }
});

const STATES: [string, Partial<GalleryConfig>][] = [
  ['people', { users: FOUR, total: 1_204, maxUsers: 3, viewAllHref: '/people' }],
  ['recent', { users: [{ username: 'Ada Lovelace', status: 'offline' }] }],
  ['nobody', {}],
  ['loading', { listState: 'loading' }],
  ['reconnecting', { users: FOUR, listState: 'stale', connectionStatus: 'reconnecting' }],
  ['unreachable', { listState: 'error', error: 'unreachable' }],
  ['sign-in ended', { listState: 'error', connectionStatus: 'disconnected', error: 'unauthorized' }],
  ['signed out', { listState: 'error', connectionStatus: 'disconnected', error: 'signed_out' }],
  ['blocked', { listState: 'error', connectionStatus: 'disconnected', error: 'blocked' }],
  ['disconnected', { users: FOUR, listState: 'stale', connectionStatus: 'disconnected' }],
];

test('row 15: no English is left outside the messages, in any state', async ({ page }) => {
  for (const [name, state] of STATES) {
    await showGallery(page, { users: [], ...state, locale: 'ja', pseudo: true });
    const first = page.locator('[data-user-id] .ha-user').first();
    if ((await first.count()) > 0) {
      await first.focus();
      await expect(page.getByRole('tooltip')).toBeVisible();
    }
    const texts = await page.locator('body').evaluate((body) => {
      const found: string[] = [];
      const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.parentElement?.tagName !== 'SCRIPT') found.push(node.textContent ?? '');
      }
      for (const element of body.querySelectorAll('*')) {
        for (const attribute of ['aria-label', 'title', 'alt', 'placeholder']) {
          found.push(element.getAttribute(attribute) ?? '');
        }
      }
      return found;
    });
    expect(texts.join(''), name).toContain('⟦');
    const names = FOUR.map(({ username }) => username);
    const foreign = texts
      .map((text) => names.reduce((left, each) => left.replaceAll(each, ''), unbracketed(text)))
      // Initials, and codes for programs and support.
      .filter((text) => /[A-Za-z]{3,}/.test(text));
    expect(foreign, name).toEqual([]);
  }
});

/** What is left of a text without its brackets; one may stand within another. */
function unbracketed(text: string): string {
  const left = text.replace(/⟦[^⟦⟧]*⟧/g, '');
  return left === text ? text : unbracketed(left);
}

for (const [name, options] of [
  ['320 px', { viewport: { width: 320, height: 640 } }],
  ['200 % of a 640 px window', { viewport: { width: 320, height: 320 }, deviceScaleFactor: 2 }],
  ['200 % of a 1280 px window', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
] as const) {
  test(`row 20: nothing scrolls sideways at ${name}`, async ({ browser }) => {
    const page = await browser.newPage(options);
    for (const [state, config] of [
      ['names', { users: people(...NAMES), total: 99_999 }],
      ...STATES,
    ] as const) {
      await showGallery(page, { users: [], ...config } as GalleryConfig);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, state).toBeLessThanOrEqual(options.viewport.width);
    }
    await page.close();
  });
}

test('row 21: wider text spacing clips nothing', async ({ page }) => {
  const css = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
               p { margin-bottom: 2em !important }`;
  for (const width of [320, 1_280]) {
    await page.setViewportSize({ width, height: 700 });
    for (const [state, config] of STATES) {
      await showGallery(page, { users: [], ...config }, { css });
      const clipped = await page.locator('.ha-card').evaluate((card) => {
        const edge = card.getBoundingClientRect();
        return [...card.querySelectorAll<HTMLElement>('*')]
          .filter((element) => element.checkVisibility() && !element.closest('.ha-sr-only'))
          .filter((element) => {
            const box = element.getBoundingClientRect();
            const cuts = getComputedStyle(element).overflow !== 'visible';
            // A name ends in an ellipsis where it must: whole in the tooltip. Its height is what counts.
            const isCut =
              cuts && !element.matches('.ha-avatar') && element.scrollHeight > element.clientHeight + 1;
            const isOutside =
              !element.closest('.ha-name') && (box.right > edge.right + 1 || box.bottom > edge.bottom + 1);
            return isCut || isOutside;
          })
          .map((element) => element.outerHTML.slice(0, 120));
      });
      expect(clipped, `${state} at ${width} px`).toEqual([]);
    }
  }
});

test('row 36: nothing breaks a policy without inline styles and scripts', async ({ page }) => {
  const complaints = await collectComplaints(page);
  for (const [, state] of STATES) {
    await showGallery(page, { users: [], ...state });
    const first = page.locator('[data-user-id] .ha-user').first();
    if ((await first.count()) > 0) {
      await first.hover();
      await expect(page.getByRole('tooltip')).toBeVisible();
      await page.mouse.move(0, 0);
    }
  }
  await showGallery(page, { users: FOUR, total: 9, maxUsers: 3 });
  await page.locator('.ha-more').click();
  expect(complaints.all).toEqual([]);
});

/** The card as it looks once nothing changes any more: a picture is decoded beside the page, and painted late. */
async function pictureOf(page: Page): Promise<PNG> {
  const picture = page.locator('.ha-picture[data-loaded="true"]');
  await picture.evaluate((image) => (image as HTMLImageElement).decode());
  const shoot = async () =>
    PNG.sync.read(await page.locator('.ha-card').screenshot({ animations: 'disabled' }));
  let last = await shoot();
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const next = await shoot();
    if (difference(last, next) === 0) return next;
    last = next;
  }
  throw new Error('the card does not stand still');
}

test("row 37: the host's resets and class names change nothing", async ({ page }) => {
  const config = { users: FOUR, total: 12, maxUsers: 4, viewAllHref: '/people' };
  await showGallery(page, config);
  const plain = await pictureOf(page);
  const sheets = { TAILWIND_PREFLIGHT, BOOTSTRAP_REBOOT, UNIVERSAL_RESET, CLASS_NAMES };
  for (const [name, css] of Object.entries(sheets)) {
    await showGallery(page, config, { css });
    expect(difference(plain, await pictureOf(page)), name).toBe(0);
  }
  // What can tell the difference: a sheet that does change something.
  await showGallery(page, config, { css: ':root { --ha-border: #fff }' });
  expect(difference(plain, await pictureOf(page))).toBeGreaterThan(0);
});

test('row 37: variables, class names and later layers of the host win', async ({ page }) => {
  const css = `:root { --ha-from: rgb(1 2 3) }
    .mine { border-radius: 3px; padding: 40px }
    .loud { text-transform: uppercase; font-size: 15px }
    @layer theme { .ha-badge { color: rgb(4 5 6) } }`;
  for (const reset of ['', TAILWIND_PREFLIGHT, UNIVERSAL_RESET]) {
    await showGallery(
      page,
      { users: FOUR, className: 'mine', classNames: { name: 'loud' } },
      { css: reset + css },
    );
    await expect(page.locator('.ha-card')).toHaveCSS('border-radius', '3px');
    await expect(page.locator('.ha-card')).toHaveCSS('padding', '40px');
    await expect(page.locator('.ha-card')).toHaveCSS('background-image', /rgb\(1, 2, 3\)/);
    await expect(page.locator('.ha-name').first()).toHaveCSS('text-transform', 'uppercase');
    await expect(page.locator('.ha-name').first()).toHaveCSS('font-size', '15px');
    await expect(page.locator('.ha-badge')).toHaveCSS('color', 'rgb(4, 5, 6)');
  }
});

for (const [name, media, html, isDark] of [
  ['the system is light', 'light', '', false],
  ['the system is dark', 'dark', '', true],
  ['.dark', 'light', 'class="dark"', true],
  ['data-theme=dark', 'light', 'data-theme="dark"', true],
  ['a light page in a dark system', 'dark', 'data-theme="light"', false],
  ['.light in a dark system', 'dark', 'class="light"', false],
] as const) {
  test(`row 38: ${name}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: media });
    await showGallery(page, { users: FOUR }, { html, css: isDark ? 'html { background: #111 }' : '' });
    const alpha = isDark ? '0.55' : '0.4';
    await expect(page.locator('.ha-title')).toHaveCSS('background-color', `rgba(15, 23, 42, ${alpha})`);
    // The look itself stays.
    await expect(page.locator('.ha-card')).toHaveCSS(
      'background-image',
      /rgb\(220, 38, 38\).*rgb\(30, 58, 138\)/,
    );
    await expect(page.locator('.ha-title')).toHaveCSS('color', 'rgb(251, 191, 36)');
  });
}

test('row 2: with forced colours the dot and the focus stay visible', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await showGallery(page, { users: FOUR });
  const dot = await page
    .locator('.ha-dot')
    .first()
    .evaluate((element) => {
      const { backgroundColor, boxShadow, forcedColorAdjust } = getComputedStyle(element);
      return { backgroundColor, boxShadow, forcedColorAdjust };
    });
  expect(dot.forcedColorAdjust).toBe('none');
  expect(dot.boxShadow).not.toBe('none');
  await page.keyboard.press('Tab');
  await expect(page.locator('.ha-user').first()).toHaveCSS('outline-style', 'solid');
});

test('row 3: without colour the four states still differ by shape', async ({ page }) => {
  const states = ['online', 'away', 'dnd', 'offline'] as const;
  const dots: PNG[] = [];
  for (const status of states) {
    await showGallery(
      page,
      { users: [{ username: 'Ada', status }] },
      { css: 'html { filter: grayscale(1) }' },
    );
    const dot = page.locator('.ha-dot').first();
    await expect(dot).toHaveAttribute('data-status', status);
    dots.push(PNG.sync.read(await dot.screenshot({ animations: 'disabled' })));
  }
  for (const [index, one] of dots.entries()) {
    for (const [place, other] of dots.entries()) {
      if (place <= index) continue;
      expect(difference(one, other), `${states[index]} and ${states[place]}`).toBeGreaterThan(20);
    }
  }
});

test('row 10: nothing moves where motion is not wanted', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await showGallery(page, { users: FOUR });
  const first = page.locator('.ha-user').first();
  await first.hover();
  await expect(first).toHaveCSS('transition-duration', '0s');
  await expect(first).toHaveCSS('transform', 'none');
});

test('row 11: the hovered card grows without moving or cutting anything', async ({ page }) => {
  await showGallery(page, { users: FOUR });
  const boxes = () =>
    page
      .locator('.ha-item')
      .evaluateAll((items) => items.map((item) => JSON.stringify(item.getBoundingClientRect())));
  const before = await boxes();
  const first = page.locator('.ha-user').first();
  await first.hover();
  await expect(first).toHaveCSS('transform', 'matrix(1.05, 0, 0, 1.05, 0, 0)');
  expect(await boxes()).toEqual(before);
  const cutting = await first.evaluate((element) => {
    const found: string[] = [];
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflow !== 'visible') found.push(at.className);
    }
    return found;
  });
  expect(cutting).toEqual([]);
});
