/** Every page, signed out and signed in: nothing in the console, nothing against the policy, nothing axe can find. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { collectComplaints, PAGES } from '../support/pages.ts';
import { card, expect, expectConnected, signIn, test } from '../support/test.ts';

const SCREENSHOTS = path.join(import.meta.dirname, '../../artifacts/screenshots');
/** 305 is a window of 320 with a classic scroll bar. */
const WIDTHS = [305, 320, 768, 1280] as const;

test.beforeAll(() => {
  mkdirSync(SCREENSHOTS, { recursive: true });
});

test('no page has anything to complain about, and the policy is strict', async ({ browser, server }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = await collectComplaints(page);
  for (const { path: address } of PAGES) {
    const response = await page.goto(server.url + address);
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('unsafe');
    await expect(page.getByTestId('connection')).toContainText('Signed out');
  }
  await signIn(page, server.url, 'ada');
  for (const { path: address } of PAGES) {
    await page.goto(server.url + address);
    await expectConnected(page);
  }
  // By its own links, too: without a page load, as people go.
  await page.getByRole('link', { name: 'Messages', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Linus' })).toBeVisible();
  await page.getByRole('link', { name: 'Sidebar', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'The team' })).toBeVisible();
  await page.getByRole('link', { name: 'Hereabouts, start page' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('See who’s here');
  // A server of before tickets answers 404 to the first question for one, and browsers print that.
  const { status } = await fetch(`${server.url}/api/auth/ws-ticket/`, { method: 'POST' });
  const known = status === 404 ? /status of 404.*\/auth\/ws-ticket\// : /^$/;
  expect(complaints.all.filter((text) => !known.test(text))).toEqual([]);
  await context.close();
});

test('an unknown address says so in our words, with the same policy', async ({ page, server }) => {
  const response = await page.goto(`${server.url}/no/such/page`);
  expect(response?.status()).toBe(404);
  expect(response?.headers()['content-security-policy'] ?? '').not.toContain('unsafe');
  await expect(page.getByRole('heading', { name: 'Nobody here.' })).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing (${colorScheme})`, async ({ browser, server }) => {
    test.setTimeout(120_000);
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    const findings: string[] = [];
    const check = async (address: string, state: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const { id, nodes } of violations) {
        findings.push(
          ...nodes.map(
            (node) => `${address} ${state} ${id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`,
          ),
        );
      }
    };
    for (const { path: address } of PAGES) {
      await page.goto(server.url + address);
      await expect(page.getByTestId('connection')).toContainText('Signed out');
      await check(address, 'signed out');
    }
    await signIn(page, server.url, 'ada');
    for (const { path: address, hasPeople } of PAGES) {
      await page.goto(server.url + address);
      await expectConnected(page);
      if (hasPeople) await peopleShown(page);
      await check(address, 'signed in');
    }
    expect(findings).toEqual([]);
    await context.close();
  });
}

/** Waits until the card has settled: six of the twelve are always about. */
async function peopleShown(page: Page): Promise<void> {
  await expect(page.locator('section', { has: page.getByRole('listitem') }).first()).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

test('without JavaScript the shell, the skeleton and a word about it are there', async ({
  browser,
  server,
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(server.url);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('See who’s here');
  await expect(page.locator('.skeleton-face')).toHaveCount(8);
  // Text selectors leave out what stands in <noscript>.
  await expect(page.locator('.hero noscript p')).toBeVisible();
  await expect(page.locator('.hero noscript p')).toContainText('needs JavaScript');
  await context.close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page fits 320, 768 and 1280 px; pictures kept (${colorScheme})`, async ({
    browser,
    server,
  }) => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    const shoot = async (name: string, address: string, hasPeople: boolean) => {
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width <= 320 ? 640 : 800 });
        await page.goto(server.url + address);
        await expect(page.getByTestId('connection')).toContainText(
          name.startsWith('out') ? 'Signed out' : 'Connected',
        );
        if (hasPeople) await peopleShown(page);
        const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(scrollWidth, `${address} scrolls sideways at ${width} px`).toBeLessThanOrEqual(width);
        // A section that clips does not scroll: ask each control where it ends.
        const clipped = await page.evaluate((edge) => {
          const controls = [...document.querySelectorAll<HTMLElement>('main a, main button')];
          return controls
            .filter((control) => control.checkVisibility() && control.getBoundingClientRect().right > edge)
            .map((control) => control.textContent);
        }, width);
        expect(clipped, `${address} cuts controls off at ${width} px`).toEqual([]);
        await page.screenshot({
          path: path.join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`),
          fullPage: true,
          animations: 'disabled',
        });
      }
    };
    await shoot('out-start', '/', false);
    await shoot('out-sign-in', '/sign-in/', false);
    await signIn(page, server.url, 'ada');
    for (const { name, path: address, hasPeople } of PAGES) await shoot(name, address, hasPeople);
    await context.close();
  });
}

test('on a phone, everything is within reach and large enough for a thumb', async ({ browser, server }) => {
  const context = await browser.newContext({
    viewport: { width: 320, height: 640 },
    hasTouch: true,
    isMobile: true,
  });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByRole('link', { name: 'Open as Ada' }).tap();
  await expectConnected(page);
  const tooSmall = await page.locator('main').evaluate((main) =>
    [...main.querySelectorAll('button, a[href], [role="button"]')]
      .filter((target) => target.checkVisibility())
      .map((target) => ({ text: target.textContent, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 24 || box.height < 24)
      .map(({ text, box }) => `${text} ${box.width}x${box.height}`),
  );
  expect(tooSmall).toEqual([]);
  await page.getByRole('link', { name: 'Messages', exact: true }).tap();
  await expect(page.getByRole('heading', { level: 1, name: 'Linus' })).toBeVisible();
  await expect(card(page).getByRole('listitem').first()).toBeVisible();
  await context.close();
});
