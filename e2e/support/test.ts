/** The fixtures: a server of its own for each test, and windows that are opened as somebody. */
import { type Browser, type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { Server, type ServerOptions } from './server.ts';

export interface WindowOptions {
  /** Where to go once signed in; the start page otherwise. */
  path?: string;
  /** Switches of the demo, such as `multiTab=per-tab`. */
  query?: string;
  /** A browser that is open already: then the window is another of its tabs. */
  context?: BrowserContext;
}

interface Fixtures {
  serverOptions: ServerOptions;
  server: Server;
  /** Opens a window (a browser of its own, unless told) as one of the twelve and waits for its connection. */
  openAs: (slug: string, options?: WindowOptions) => Promise<Page>;
}

export const test = base.extend<Fixtures>({
  serverOptions: [{}, { option: true }],

  server: async ({ serverOptions }, use) => {
    const server = await Server.start(serverOptions);
    await use(server);
    await server.stop();
  },

  openAs: async ({ browser, server }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (slug, options = {}) => {
      const context = options.context ?? (await newContext(browser, opened));
      const page = await context.newPage();
      await signIn(page, server.url, slug, options);
      return page;
    });
    await Promise.all(opened.map((context) => context.close()));
  },
});

async function newContext(browser: Browser, opened: BrowserContext[]): Promise<BrowserContext> {
  const context = await browser.newContext();
  opened.push(context);
  return context;
}

/** Signs a page in through the demo's own address switch. */
export async function signIn(
  page: Page,
  url: string,
  slug: string,
  options: WindowOptions = {},
): Promise<void> {
  const query = options.query ? `&${options.query}` : '';
  await page.goto(`${url}/?as=${slug}${query}`);
  await expectConnected(page);
  if (options.path) {
    await page.goto(`${url}${options.path}${options.query ? `?${options.query}` : ''}`);
    await expectConnected(page);
  }
}

export async function expectConnected(page: Page): Promise<void> {
  await expect(page.getByTestId('connection')).toContainText('Connected');
}

/** The card with the people in it. */
export function card(page: Page, title = "Who's Online?") {
  return page.getByRole('region', { name: title });
}

/** One person's card in the card. */
export function cardOf(page: Page, name: string) {
  return card(page).getByRole('listitem').filter({ hasText: name });
}

/** The id of one of the twelve, from the server's public list. */
export async function idOf(server: Server, slug: string): Promise<string> {
  const people = (await (await fetch(`${server.url}/demo/people/`)).json()) as { id: string; slug: string }[];
  const person = people.find((one) => one.slug === slug);
  if (!person) throw new Error(`no ${slug} among the twelve`);
  return person.id;
}

/** The lines of a window's log about one person, oldest first: `joined` and `left`. */
export async function eventsAbout(page: Page, userId: string): Promise<string[]> {
  const lines = await page
    .locator(`.log-entry[data-user="${userId}"]`)
    .evaluateAll((entries) =>
      entries.map((entry) => (entry.classList.contains('log-joined') ? 'joined' : 'left')),
    );
  return lines.reverse();
}

export { expect };
