import { describe, expect, it } from 'vitest';
import { clientIn, connected } from './client-world';
import { FakeBrowser, tokenFor } from './fake-browser';

const SOCKET = 'wss://app.test/ws/user-status/';

describe('a ticket for each socket', () => {
  it('is asked for with the token, used once, and is the only thing in the address', async () => {
    const { browser, tab } = await connected();
    browser.server.last.close(1006);
    await browser.advance(500);
    expect(browser.server.connections.map(({ url }) => url)).toEqual([
      `${SOCKET}?ticket=ticket%2B1`,
      `${SOCKET}?ticket=ticket%2B2`,
    ]);
    expect(tab.requests[0]).toMatchObject({
      url: 'https://app.test/api/auth/ws-ticket/',
      headers: { Authorization: `Bearer ${tokenFor('me')}` },
    });
    expect(browser.server.last.types()).not.toContain('auth');
  });

  it('a server without tickets gets the token in the first message, and is not asked again', async () => {
    const browser = new FakeBrowser();
    browser.server.hasTickets = false;
    const tab = browser.openTab();
    const client = clientIn(tab);
    client.connect();
    await browser.settle();
    expect(browser.server.last.url).toBe(SOCKET);
    expect(browser.server.last.received[0]).toEqual({ type: 'auth', token: tokenFor('me') });
    expect(client.getSnapshot().isConnected).toBe(true);
    browser.server.last.close(1006);
    await browser.advance(500);
    expect(browser.server.open).toHaveLength(1);
    expect(tab.requests.filter(({ url }) => url.includes('ticket'))).toHaveLength(1);
  });

  it('a refused ticket asks for another token, without a socket', async () => {
    const browser = new FakeBrowser();
    browser.server.acceptsTokens = (token) => token === tokenFor('me', { n: 2 });
    const reasons: string[] = [];
    const client = clientIn(browser.openTab(), {
      getToken: async ({ reason }) => tokenFor('me', { n: reasons.push(reason) }),
    });
    client.connect();
    await browser.settle();
    expect(reasons).toEqual(['initial', 'rejected']);
    expect(browser.server.connections).toHaveLength(1);
    expect(client.getSnapshot().isConnected).toBe(true);
  });

  it('a blocked account stops', async () => {
    const browser = new FakeBrowser();
    browser.server.ticketStatus = 403;
    const client = clientIn(browser.openTab());
    client.connect();
    await browser.advance(60_000);
    expect(client.getSnapshot()).toMatchObject({
      connectionStatus: 'disconnected',
      error: { code: 'blocked' },
    });
    expect(browser.server.connections).toHaveLength(0);
  });

  it('an unreachable server is tried again', async () => {
    const { browser, client } = await connected();
    browser.server.behaviour = 'refuses';
    browser.server.ticketsFail = true;
    browser.server.last.close(1006);
    await browser.advance(60_000);
    expect(client.getSnapshot().connectionStatus).toBe('reconnecting');
    browser.server.behaviour = 'normal';
    browser.server.ticketsFail = false;
    await browser.advance(20_000);
    expect(client.getSnapshot().connectionStatus).toBe('connected');
  });

  it('one that comes after the client has left opens nothing', async () => {
    const browser = new FakeBrowser();
    const client = clientIn(browser.openTab());
    client.connect();
    for (let turn = 0; turn < 60 && browser.server.ticketsFor.length === 0; turn += 1)
      await Promise.resolve();
    expect(browser.server.ticketsFor).toHaveLength(1);
    client.disconnect();
    await browser.advance(60_000);
    expect(browser.server.connections).toHaveLength(0);
  });
});

describe('as told', () => {
  it('in the first message', async () => {
    const { browser, tab } = await connected({ credentials: 'message' });
    expect(browser.server.last.url).toBe(SOCKET);
    expect(browser.server.last.received[0]).toEqual({ type: 'auth', token: tokenFor('me') });
    expect(tab.requests).toEqual([]);
  });

  it('in the address', async () => {
    const { browser, client } = await connected({ credentials: 'address' });
    expect(browser.server.last.url).toBe(`${SOCKET}?token=${encodeURIComponent(tokenFor('me'))}`);
    expect(browser.server.last.types()).not.toContain('auth');
    expect(client.getSnapshot().isConnected).toBe(true);
  });
});

describe('a53 a client that is thrown out', () => {
  it('tries no more than 8 times a minute, when the server accepts and closes', async () => {
    const browser = new FakeBrowser();
    browser.server.behaviour = 'throws-out';
    const tab = browser.openTab();
    clientIn(tab).connect();
    const perMinute: number[] = [];
    let turn = 0;
    for (let minute = 0; minute < 20; minute += 1) {
      const before = browser.server.connections.length;
      for (let tick = 0; tick < 120; tick += 1) {
        // A low-discrepancy sequence stands for the random number: its mean is a half.
        tab.randomValue = (turn++ * 0.618_033_988_75) % 1;
        await browser.advance(500);
      }
      perMinute.push(browser.server.connections.length - before);
    }
    const mean = perMinute.reduce((sum, n) => sum + n, 0) / perMinute.length;
    expect(mean).toBeLessThanOrEqual(8);
    expect(mean).toBeGreaterThan(3);
  });

  it('tries at most 8 times in the first minute, and first within the grace', async () => {
    const browser = new FakeBrowser();
    browser.server.behaviour = 'throws-out';
    clientIn(browser.openTab()).connect();
    await browser.advance(500);
    expect(browser.server.connections).toHaveLength(2);
    await browser.advance(59_500);
    expect(browser.server.connections.length).toBeLessThanOrEqual(8);
  });

  it('waits as long as a server asks that has no room, and tries no socket meanwhile', async () => {
    const browser = new FakeBrowser();
    browser.server.ticketStatus = 503;
    browser.server.ticketHeaders = { 'Retry-After': '7' };
    clientIn(browser.openTab()).connect();
    await browser.settle();
    browser.server.ticketStatus = 200;
    await browser.advance(6_900);
    expect(browser.server.connections).toHaveLength(0);
    await browser.advance(200);
    expect(browser.server.open).toHaveLength(1);
  });

  it.each(['message', 'address'] as const)(
    'tells 401 from 503 after a failed upgrade: token in the %s',
    async (credentials) => {
      for (const status of [401, 503]) {
        const browser = new FakeBrowser();
        browser.server.behaviour = 'refuses';
        browser.server.restStatus = status;
        const tab = browser.openTab();
        const reasons: string[] = [];
        const client = clientIn(tab, {
          credentials,
          getToken: async ({ reason }) => tokenFor('me', { n: reasons.push(reason) }),
        });
        client.connect();
        await browser.advance(60_000);
        expect(client.getSnapshot().connectionStatus).toBe(status === 401 ? 'disconnected' : 'connecting');
        // A refused token is renewed once, and then it is over; a server that is busy is asked again and again.
        expect(reasons.filter((reason) => reason === 'rejected')).toHaveLength(status === 401 ? 1 : 0);
        if (status === 401) expect(browser.server.connections.length).toBeLessThanOrEqual(3);
        else expect(browser.server.connections.length).toBeGreaterThan(4);
      }
    },
  );
});
