/** The examples as their README says, each driven against the real server. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import {
  browserWith,
  EXAMPLES,
  type Program,
  runPythonExample,
  serveNextApp,
  servePlainPage,
} from '../support/examples.ts';
import { collectComplaints } from '../support/pages.ts';
import { Server } from '../support/server.ts';
import { card, expect, test } from '../support/test.ts';

const PASSWORD = 'correct horse battery';

/** The page's server first, then ours, which must know the page's origin, then a browser. */
async function withExample(
  start: (apiUrl: string) => Program,
  origin: RegExp,
  drive: (context: {
    server: Server;
    url: string;
    browser: Awaited<ReturnType<typeof browserWith>>;
  }) => Promise<void>,
): Promise<void> {
  // The page asks for its server only when somebody opens it.
  const first = await Server.start();
  const page = start(`${first.url}/api`);
  try {
    const url = (await page.prints(origin))[0];
    await first.restart({ CORS_ALLOWED_ORIGINS: url });
    const browser = await browserWith(first);
    try {
      await drive({ server: first, url, browser });
    } finally {
      await browser.close();
    }
  } finally {
    await page.stop();
    await first.stop();
  }
}

async function createAccount(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create an account' }).click();
}

test('examples/plain-html: no framework, no bundler, a strict policy', async () => {
  await withExample(servePlainPage, /http:\/\/localhost:\d+/, async ({ url, browser }) => {
    const grete = await (await browser.newContext()).newPage();
    const complaints = await collectComplaints(grete);
    const emmy = await (await browser.newContext()).newPage();
    await grete.goto(url);
    await createAccount(grete, 'Grete Hermann');
    await expect(grete.getByRole('status')).toHaveText('Connected');

    await emmy.goto(url);
    await createAccount(emmy, 'Emmy <b>Noether</b>');
    const row = grete.getByRole('listitem').filter({ hasText: 'Emmy <b>Noether</b>' });
    await expect(row).toContainText('online');
    await expect(emmy.getByRole('listitem').filter({ hasText: 'Grete Hermann' })).toBeVisible();

    // A reload keeps the sign-in, and nobody sees it.
    await emmy.reload();
    await expect(emmy.getByRole('status')).toHaveText('Connected');
    await expect(row).toBeVisible();

    await emmy.getByRole('button', { name: 'Sign out' }).click();
    await expect(row).toHaveCount(0, { timeout: 2_000 });
    await expect(emmy.getByLabel('Name')).toBeVisible();
    expect(complaints.all).toEqual([]);
  });
});

test('35, 24, 40. examples/next-app: the quick start, with the list in the HTML before any script', async () => {
  await withExample(serveNextApp, /http:\/\/127\.0\.0\.1:\d+/, async ({ url, browser }) => {
    const grete = await (await browser.newContext()).newPage();
    const complaints = await collectComplaints(grete);
    await grete.goto(url);
    await expect(card(grete)).toContainText('Sign in to see who is online.');
    await createAccount(grete, 'Grete Hermann');
    await expect(grete.getByText('You are Grete Hermann.')).toBeVisible();

    const emmy = await (await browser.newContext()).newPage();
    await emmy.goto(url);
    await createAccount(emmy, 'Emmy Noether');
    await expect(card(grete)).toContainText('Emmy Noether');

    // What the server sends, without a script.
    const cookies = await grete.context().cookies();
    const still = await browser.newContext({ javaScriptEnabled: false });
    await still.addCookies(cookies);
    const page = await still.newPage();
    await page.goto(url);
    await expect(card(page)).toContainText('Emmy Noether');
    await expect(card(page)).not.toContainText('Grete Hermann');

    // The same page with scripts: no hydration warning, and the list is never emptied.
    await grete.goto(`${url}/messages`);
    await grete.getByRole('button', { name: /^Emmy Noether, online/ }).click();
    await expect(grete.getByLabel('Message to Emmy Noether')).toBeVisible();
    expect(complaints.all).toEqual([]);

    await emmy.getByRole('button', { name: 'Sign out' }).click();
    await expect(card(grete)).not.toContainText('Emmy Noether', { timeout: 2_000 });
    // The cookie is gone with the sign-in.
    await expect.poll(async () => (await emmy.context().cookies()).length).toBe(0);
  });
});

test('39. an app that shows the card alone gets none of the other components', () => {
  const folder = path.join(EXAMPLES, 'next-app/.next/static/chunks');
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const holds = (text: string) =>
    scripts.some((name) => readFileSync(path.join(folder, name), 'utf8').includes(text));
  expect(holds('ha-card')).toBe(true);
  expect(holds('ha-toast-text')).toBe(false);
});

test('examples/python: who is online, who comes and goes', async ({ server, openAs, page }) => {
  await openAs('ada');
  const python = runPythonExample(server, await server.command('token', '--user', 'linus'));
  try {
    await python.prints(/^\d+ online: Ada Lovelace, .*Linus/m);
    await page.goto(`${server.url}/sign-in/`);
    await page.getByRole('button', { name: 'I need an account' }).click();
    await page.getByLabel('Name').fill('Grete Hermann');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create it and sign in' }).click();
    await python.prints(/^Grete Hermann is online \(joined\)/m);
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await python.prints(/^Grete Hermann is offline \(closed\)/m);
  } finally {
    await python.stop();
  }
  expect(python.output).not.toContain('Traceback');
});

test('examples/python: a refused token is final', async ({ server }) => {
  const python = runPythonExample(server, 'not-a-token');
  await python.prints(/The server refused the token \(4401\)/);
  await python.stop();
});
