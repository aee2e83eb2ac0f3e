/** One browser, several tabs: one socket, and a successor for its holder. */
import type { BrowserContext, Page } from '@playwright/test';
import { card, eventsAbout, expect, expectConnected, idOf, signIn, test } from '../support/test.ts';

interface Sockets {
  open: Set<Page>;
  /** When the latest socket was acknowledged, as `Date.now()`. */
  lastAckAt: number;
}

/** Counts the presence sockets of a browser that are open now. */
function countSockets(context: BrowserContext): Sockets {
  const sockets: Sockets = { open: new Set(), lastAckAt: 0 };
  context.on('page', (page) => {
    page.on('close', () => sockets.open.delete(page));
    page.on('websocket', (socket) => {
      if (!socket.url().includes('/ws/user-status/')) return;
      sockets.open.add(page);
      socket.on('close', () => sockets.open.delete(page));
      socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('connection.ack')) sockets.lastAckAt = Date.now();
      });
    });
  });
  return sockets;
}

test('two tabs share one socket, and when its holder dies the other takes over within two seconds', async ({
  browser,
  openAs,
  server,
}) => {
  const ada = await openAs('ada');
  const context = await browser.newContext();
  const sockets = countSockets(context);
  const tabs = [await context.newPage(), await context.newPage()] as const;
  for (const tab of tabs) await signIn(tab, server.url, 'linus');
  await expect(card(tabs[1])).toContainText('Ada Lovelace');
  expect(sockets.open.size).toBe(1);

  const leader = [...sockets.open][0];
  const survivor = tabs.find((tab) => tab !== leader);
  if (!leader || !survivor) throw new Error('no holder of the socket');
  const killedAt = Date.now();
  await leader.close();
  await expect.poll(() => sockets.lastAckAt, { timeout: 4_000, intervals: [50] }).toBeGreaterThan(killedAt);
  expect(sockets.lastAckAt - killedAt).toBeLessThan(2_000);
  expect([...sockets.open]).toEqual([survivor]);
  await expectConnected(survivor);
  expect(await eventsAbout(ada, await idOf(server, 'linus'))).toEqual(['joined']);
  await context.close();
});
