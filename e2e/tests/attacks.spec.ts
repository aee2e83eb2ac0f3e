/** Row A40 of the attacks: what people put into their names and pictures is shown as text, or not at all. */
import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import WebSocket from 'ws';
import { collectComplaints } from '../support/pages.ts';
import type { Server } from '../support/server.ts';
import { card, expect, signIn, test } from '../support/test.ts';
import { signToken } from '../support/tokens.ts';

test.use({ serverOptions: { args: ['--directory', 'token'] } });

const NAMES = [
  '<script>alert(1)</script>',
  '"><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><img src=x onerror="alert(1)">',
  "'><img src=x onerror='alert(1)'>",
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><animate onbegin=alert(1)>',
  '<iframe src="javascript:alert(1)">',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<body onload=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '<math><mi href="javascript:alert(1)">x',
  '<input autofocus onfocus=alert(1)>',
  '<video><source onerror=alert(1)>',
  '<marquee onstart=alert(1)>',
  '<object data="javascript:alert(1)">',
  '<embed src="javascript:alert(1)">',
  '<style>@import "javascript:alert(1)"</style>',
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
  '</title><script>alert(1)</script>',
  '</script><script>alert(1)</script>',
  '<!--><script>alert(1)</script>-->',
  '{{constructor.constructor("alert(1)")()}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the payload
  '${alert(1)}',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '\\u003cscript\\u003ealert(1)\\u003c/script\\u003e',
  '__proto__',
  'javascript:alert(1)//" onclick="alert(1)',
] as const;

const PICTURES = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
  '//evil.invalid/pixel.png',
  '/\\evil.invalid/pixel.png',
  'http://evil.invalid/pixel.png',
  'x" onerror="alert(1)',
] as const;

interface Guest {
  name: string;
  picture?: string;
}

/** Lets them all in, and keeps them there. */
async function bringIn(server: Server, guests: readonly Guest[]): Promise<WebSocket[]> {
  const sockets = guests.map(({ name, picture }) => {
    const token = signToken(server.secret(), randomUUID(), { username: name, ...(picture && { picture }) });
    return new WebSocket(`${server.url.replace('http', 'ws')}/ws/user-status/?token=${token}`);
  });
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          socket.once('message', (data) =>
            String(data).includes('connection.ack') ? resolve() : reject(new Error(String(data))),
          );
          socket.once('error', reject);
          socket.once('close', (code) => reject(new Error(`closed with ${code}`)));
        }),
    ),
  );
  return sockets;
}

/** Must not be called, whoever calls it. */
async function watchAlerts(page: Page): Promise<string[]> {
  const calls: string[] = [];
  page.on('dialog', (dialog) => {
    calls.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.exposeFunction('__alerted', (text: string) => calls.push(text));
  await page.addInitScript(() => {
    const report = (window as unknown as { __alerted: (text: string) => void }).__alerted;
    for (const name of ['alert', 'confirm', 'prompt', 'print'] as const) {
      window[name] = ((text: unknown) => report(`${name}(${text})`)) as never;
    }
  });
  return calls;
}

test('a40 forty payloads in names and pictures run nowhere', async ({ browser, server }) => {
  test.setTimeout(90_000);
  const guests: Guest[] = [
    ...NAMES.map((name) => ({ name })),
    ...PICTURES.map((picture, index) => ({ name: `Guest ${index}`, picture })),
  ];
  expect(guests).toHaveLength(40);
  const sockets = await bringIn(server, guests);

  const context = await browser.newContext();
  const page = await context.newPage();
  const alerts = await watchAlerts(page);
  const complaints = await collectComplaints(page);
  const strangers: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url)) strangers.push(request.url());
  });

  for (const path of ['/', '/messages/', '/sidebar/']) {
    await signIn(page, server.url, 'ada', { path });
    const people = page.locator('.ha-card').first();
    await people.locator('.ha-more').click();
    await expect(people.locator('.ha-item').filter({ hasText: 'Guest 0' })).toBeVisible();
    const shown = await people.locator('.ha-name').allTextContents();
    for (const { name } of guests) expect(shown, name).toContain(name);
    // Each name alone in its element; nothing was made of it.
    const made = await page.evaluate(() => ({
      nInNames: document.querySelectorAll('.ha-name bdi *, .ha-initials *, .ha-sr-only *').length,
      inCards: [...document.querySelectorAll('.ha-card *')]
        .filter((element) => !/^(H2|H3|UL|LI|BUTTON|A|DIV|SPAN|BDI|IMG|P|TIME)$/.test(element.tagName))
        .map((element) => element.outerHTML),
      handlers: [...document.querySelectorAll('*')].flatMap((element) =>
        element.getAttributeNames().filter((name) => name.startsWith('on')),
      ),
      pictures: [...document.querySelectorAll<HTMLImageElement>('.ha-card img')].map((image) => image.src),
    }));
    expect(made).toMatchObject({ nInNames: 0, inCards: [], handlers: [] });
    for (const picture of made.pictures) expect(picture).toMatch(`${server.url}/avatars/`);
    // The tooltip says the name in full.
    for (const name of [NAMES[0], NAMES[2], NAMES[8]]) {
      await people.locator('.ha-user').filter({ hasText: name }).first().hover();
      await expect(page.getByRole('tooltip')).toContainText(name);
      expect(await page.getByRole('tooltip').locator('script, img, iframe').count()).toBe(0);
    }
  }
  expect(alerts).toEqual([]);
  expect(strangers).toEqual([]);
  // A payload that became markup would have met the policy.
  expect(complaints.all.filter((text) => text.startsWith('policy:'))).toEqual([]);

  for (const socket of sockets) socket.removeAllListeners('close').close();
  await context.close();
});

test('a40 the hook itself: an alert would be noticed', async ({ page }) => {
  const alerts = await watchAlerts(page);
  await page.goto('about:blank');
  await page.setContent('<img src="x" onerror="alert(1)">');
  await expect.poll(() => alerts).toEqual(['alert(1)']);
});

test('a10 the token stands in no address the page asks for', async ({ browser, server }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url(), request.headers().referer ?? ''));
  page.on('websocket', (socket) => addresses.push(socket.url()));
  await signIn(page, server.url, 'ada');
  await page.getByRole('button', { name: 'Go offline' }).click();
  await page.getByRole('button', { name: 'Come back' }).click();
  await expect(card(page)).toBeVisible();
  const kept = await page.evaluate(() => sessionStorage.getItem('liberty_auth_v1'));
  const { accessToken, refreshToken } = JSON.parse(kept ?? '{}') as Record<string, string>;
  const [, payload = ''] = (accessToken ?? '').split('.');
  expect(payload.length).toBeGreaterThan(20);
  expect(addresses.some((address) => address.includes('/ws/user-status/'))).toBe(true);
  for (const address of addresses) {
    expect(address).not.toContain(payload);
    expect(address).not.toContain(refreshToken?.split('.')[1] ?? payload);
  }
  expect(server.log).not.toContain(payload);
  await context.close();
});
