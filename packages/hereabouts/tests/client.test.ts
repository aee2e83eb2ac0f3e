import { describe, expect, it, vi } from 'vitest';
import { UnauthorizedError } from '../src/core/errors';
import type { TokenReason } from '../src/core/types';
import { clientIn, connected } from './client-world';
import { FakeBrowser, row, tokenFor } from './fake-browser';
import { gone, person } from './fake-server';

describe('connecting', () => {
  it('opens nothing before connect', async () => {
    const browser = new FakeBrowser();
    const client = clientIn(browser.openTab());
    client.watchOnline(9);
    await browser.advance(60_000);
    expect(browser.server.connections).toHaveLength(0);
    expect(client.getSnapshot()).toMatchObject({ connectionStatus: 'initial', listState: 'loading' });
  });

  it('original fault: the token stands in the URL and in logs', async () => {
    const warn = vi.fn();
    const { browser, tab } = await connected({ logger: { warn } });
    const token = tokenFor('me');
    expect(browser.server.last.url).toBe('wss://app.test/ws/user-status/?ticket=ticket%2B1');
    expect(browser.server.last.protocol).toBe('hereabouts.v1');
    browser.server.behaviour = 'refuses';
    browser.server.restFails = true;
    browser.server.last.close(1006);
    await browser.advance(60_000);
    const urls = [...tab.requests, ...browser.server.connections].map(({ url }) => url);
    expect(JSON.stringify(urls)).not.toContain(token);
    expect(JSON.stringify(warn.mock.calls)).not.toContain(token);
  });

  it('is connected at the ack', async () => {
    const { client } = await connected();
    expect(client.getSnapshot()).toMatchObject({
      connectionStatus: 'connected',
      isConnected: true,
      userId: 'me',
    });
  });

  it('connecting twice, and again right after disconnecting, makes one socket (StrictMode)', async () => {
    const browser = new FakeBrowser();
    const client = clientIn(browser.openTab());
    client.connect();
    client.disconnect();
    client.connect();
    client.connect();
    await browser.advance(1_000);
    expect(browser.server.connections).toHaveLength(1);
    expect(browser.server.open).toHaveLength(1);
  });

  it('says bye and closes on disconnect, and stays away', async () => {
    const { browser, client } = await connected();
    client.disconnect();
    await browser.advance(60_000);
    expect(browser.server.last.types().at(-1)).toBe('bye');
    expect(browser.server.last.ending).toBe('leave');
    expect(browser.server.connections).toHaveLength(1);
    expect(client.getSnapshot().connectionStatus).toBe('disconnected');
  });

  it('pings every 30 s, and on demand', async () => {
    const { browser, client } = await connected();
    const pings = () => browser.server.last.types().filter((type) => type === 'ping').length;
    const before = pings();
    await browser.advance(90_000);
    expect(pings()).toBe(before + 3);
    client.sendPing();
    expect(pings()).toBe(before + 4);
  });
});

describe('losing the connection', () => {
  it('original fault: the client gives up after 5 reconnects, without jitter', async () => {
    const { browser, tab } = await connected();
    const { server } = browser;
    server.behaviour = 'refuses';
    server.last.close(1006);
    const gaps: number[] = [];
    let last = browser.nowMs;
    let n = server.connections.length;
    let turn = 0;
    for (let tick = 0; tick < 3_000 && gaps.length < 60; tick += 1) {
      tab.randomValue = (turn * 0.618_033_988_75) % 1;
      await browser.advance(500);
      if (server.connections.length > n) {
        n = server.connections.length;
        gaps.push(browser.nowMs - last);
        last = browser.nowMs;
        turn += 1;
      }
    }
    expect(gaps.length).toBeGreaterThan(50);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(20_500);
    // Jitter: long and short waits, not one fixed delay.
    expect(new Set(gaps.slice(10).map((gap) => Math.round(gap / 1_000))).size).toBeGreaterThan(10);
    server.behaviour = 'normal';
    await browser.advance(21_000);
    expect(server.open).toHaveLength(1);
  });

  it('retries within 500 ms the first time', async () => {
    const { browser, tab, client } = await connected();
    tab.randomValue = 0.999;
    browser.server.last.close(1006);
    expect(client.getSnapshot().connectionStatus).toBe('reconnecting');
    await browser.advance(500);
    expect(client.getSnapshot().connectionStatus).toBe('connected');
  });

  it('waits as long as a restarting server asks', async () => {
    const { browser } = await connected();
    browser.server.last.close(1012, '{"retry_ms":7000}');
    await browser.advance(6_900);
    expect(browser.server.open).toHaveLength(0);
    await browser.advance(200);
    expect(browser.server.open).toHaveLength(1);
  });

  it('reconnects at once when the network or the person comes back', async () => {
    for (const event of ['onOnline', 'onVisible'] as const) {
      const { browser, tab } = await connected();
      browser.server.behaviour = 'refuses';
      browser.server.last.close(1006);
      await browser.advance(300_000);
      browser.server.behaviour = 'normal';
      tab.events?.[event]();
      await browser.settle();
      expect(browser.server.open).toHaveLength(1);
    }
  });

  it('notices a server that stopped answering, and takes a new socket before it closes the old one', async () => {
    const { browser } = await connected();
    const old = browser.server.last;
    old.isSilent = true;
    await browser.advance(30_000 + 10_000);
    expect(browser.server.connections).toHaveLength(2);
    expect(old.ending).toBe('leave');
    expect(browser.server.open).toHaveLength(1);
    expect(browser.server.last.isAcknowledged).toBe(true);
  });

  it('is right within 2 s after sleep', async () => {
    const { browser, client } = await connected();
    client.watchOnline(9);
    await browser.advance(100);
    const old = browser.server.last;
    // During the sleep the socket died without anybody hearing of it, and somebody came.
    old.isSilent = true;
    browser.server.people = [person('ada')];
    await browser.sleep(600_000);
    await browser.advance(2_000);
    expect(browser.server.last).not.toBe(old);
    expect(client.getSnapshot().users.map((user) => user.id)).toEqual(['ada']);
  });

  it('gives up on a socket that hangs', async () => {
    const browser = new FakeBrowser();
    browser.server.behaviour = 'hangs';
    const client = clientIn(browser.openTab());
    client.connect();
    await browser.advance(5_000);
    browser.server.behaviour = 'normal';
    await browser.advance(6_000);
    expect(client.getSnapshot().isConnected).toBe(true);
  });

  it('tells of a connection lost for more than 5 s, and of its return; not of a blink', async () => {
    const { browser, client, tab } = await connected();
    const events: string[] = [];
    client.on('lost-connection', (event) => events.push(event));
    browser.server.last.close(1006);
    await browser.advance(4_000);
    expect(events).toEqual([]);
    browser.server.behaviour = 'refuses';
    browser.server.last.close(1006);
    await browser.advance(5_000);
    expect(events).toEqual(['lost']);
    browser.server.behaviour = 'normal';
    tab.events?.onOnline();
    await browser.settle();
    expect(events).toEqual(['lost', 'restored']);
  });

  it('on pagehide lets go of the socket as a reload does, without bye; pageshow reconnects', async () => {
    const { browser, tab, client } = await connected();
    tab.events?.onPageHide(true);
    await browser.advance(60_000);
    expect(browser.server.last.ending).toBe('loss');
    expect(browser.server.last.types()).not.toContain('bye');
    expect(browser.server.connections).toHaveLength(1);
    tab.events?.onPageShow(true);
    await browser.settle();
    expect(client.getSnapshot().isConnected).toBe(true);
  });

  it('leaves the socket of a page that goes away to the browser, which ends it as a loss', async () => {
    const { browser, tab } = await connected();
    tab.events?.onPageHide(false);
    await browser.settle();
    expect(browser.server.last.ending).toBeNull();
    expect(browser.server.last.types()).not.toContain('bye');
  });
});

describe('credentials', () => {
  it('asks once more after 4401, with the reason, and goes on with the new token', async () => {
    const browser = new FakeBrowser();
    const reasons: TokenReason[] = [];
    browser.server.acceptsTokens = (token) => token === tokenFor('me', { n: 2 });
    const client = clientIn(browser.openTab(), {
      getToken: async ({ reason }) => {
        reasons.push(reason);
        return tokenFor('me', { n: reasons.length });
      },
    });
    client.connect();
    await browser.settle();
    expect(reasons).toEqual(['initial', 'rejected']);
    expect(client.getSnapshot().isConnected).toBe(true);
  });

  it('stops without a retry when getToken throws UnauthorizedError', async () => {
    const browser = new FakeBrowser();
    const getToken = vi.fn(async () => {
      throw new UnauthorizedError();
    });
    const client = clientIn(browser.openTab(), { getToken });
    client.watchOnline(9);
    client.connect();
    await browser.advance(600_000);
    expect(getToken).toHaveBeenCalledTimes(1);
    expect(browser.server.connections).toHaveLength(0);
    expect(client.getSnapshot()).toMatchObject({
      connectionStatus: 'disconnected',
      listState: 'error',
      error: { code: 'unauthorized' },
    });
  });

  it('stops after the second refused token, with zero retries', async () => {
    const browser = new FakeBrowser();
    browser.server.behaviour = 'rejects-token';
    const tab = browser.openTab();
    const client = clientIn(tab);
    client.connect();
    await browser.advance(600_000);
    // Two tickets were refused, so no socket was opened at all.
    expect(tab.requests).toHaveLength(2);
    expect(browser.server.connections).toHaveLength(0);
    expect(client.getSnapshot().error?.code).toBe('unauthorized');
  });

  it('renews the token of a running connection when it is about to expire', async () => {
    let n = 0;
    const { browser } = await connected({ getToken: async () => tokenFor('me', { n: ++n }) });
    browser.server.last.say({ type: 'auth.expiring', expires_in_ms: 60_000 });
    await browser.advance(0);
    expect(browser.server.last.received.at(-1)).toEqual({ type: 'auth', token: tokenFor('me', { n: 2 }) });
    expect(browser.server.connections).toHaveLength(1);
    // Short-lived tokens bring a notice each: no loop.
    for (let notice = 0; notice < 20; notice += 1) {
      browser.server.last.say({ type: 'auth.expiring', expires_in_ms: 20_000 });
      await browser.advance(100);
    }
    expect(n).toBe(2);
    await browser.advance(10_000);
    expect(n).toBe(3);
  });

  it('does not send the token again that is about to expire', async () => {
    const { browser } = await connected();
    browser.server.last.say({ type: 'auth.expiring', expires_in_ms: 60_000 });
    await browser.advance(1_000);
    expect(browser.server.last.types()).not.toContain('auth');
  });

  it('connects again after a stop when told to', async () => {
    const browser = new FakeBrowser();
    let signedIn = false;
    const client = clientIn(browser.openTab(), { getToken: async () => (signedIn ? tokenFor('me') : null) });
    client.connect();
    await browser.settle();
    expect(client.getSnapshot().error?.code).toBe('signed_out');
    signedIn = true;
    client.connect();
    await browser.settle();
    expect(client.getSnapshot()).toMatchObject({ isConnected: true, error: null });
  });

  it('retries, with patience, when getToken fails for another reason', async () => {
    const browser = new FakeBrowser();
    let n = 0;
    const getToken = async () => {
      n += 1;
      if (n < 4) throw new Error('the sign-in service is down');
      return tokenFor('me');
    };
    const client = clientIn(browser.openTab(), { getToken });
    client.connect();
    await browser.advance(10_000);
    expect(client.getSnapshot().isConnected).toBe(true);
  });
});

describe('the list', () => {
  it('original fault: events are logged, the list only polls', async () => {
    const { browser, tab, client } = await connected();
    client.watchOnline(9);
    await browser.advance(1_000);
    const requests = tab.requests.length;
    const ada = person('ada');
    browser.server.change(ada, 'joined');
    expect(client.getSnapshot().users.map((user) => user.id)).toEqual(['ada']);
    browser.server.change(gone(ada), 'closed');
    expect(client.getSnapshot().users).toEqual([]);
    expect(tab.requests).toHaveLength(requests);
  });

  it('asks for a window, and for one as large as the largest view', async () => {
    const { browser, client } = await connected();
    const stopSmall = client.watchOnline(5);
    const stopLarge = client.watchOnline(9);
    await browser.advance(10);
    const subscribed = () =>
      browser.server.last.received
        .filter((message) => /subscribe/.test(message.type))
        .map((each) => ({ ...each }));
    expect(subscribed()).toEqual([{ type: 'subscribe', scope: 'window', limit: 9 }]);
    stopLarge();
    await browser.advance(5_000);
    expect(subscribed()).toHaveLength(1);
    stopSmall();
    await browser.advance(5_000);
    expect(subscribed().at(-1)).toEqual({ type: 'unsubscribe', scope: 'window' });
  });

  it('reads the list every 30 s as a safety net, and does not load what did not change', async () => {
    const { browser, tab, client } = await connected();
    browser.server.people = [person('ada')];
    client.watchOnline(9);
    await browser.advance(95_000);
    const lists = tab.requests.filter((request) => request.url.includes('/users/online/'));
    expect(lists.length).toBeGreaterThanOrEqual(4);
    expect(lists.length).toBeLessThanOrEqual(5);
    expect(lists[0]?.url).toBe('https://app.test/api/users/online/?include_self=true&limit=9');
    expect(lists[0]?.headers.Authorization).toBe(`Bearer ${tokenFor('me')}`);
    expect(lists.at(-1)?.headers['If-None-Match']).toBeDefined();
  });

  it('works from the list alone when no socket can connect', async () => {
    const browser = new FakeBrowser();
    browser.server.behaviour = 'refuses';
    browser.server.rows = [row('ada')];
    const client = clientIn(browser.openTab());
    client.watchOnline(9);
    client.connect();
    await browser.advance(2_000);
    expect(client.getSnapshot()).toMatchObject({ listState: 'ready', total: 1, isConnected: false });
    browser.server.rows = [row('ada'), row('bob')];
    await browser.advance(31_000);
    expect(client.getSnapshot().users.map((user) => user.id)).toEqual(['ada', 'bob']);
  });

  it('takes a whole new window when the read list shows that the socket missed something', async () => {
    const { browser, client } = await connected();
    client.watchOnline(9);
    await browser.advance(1_000);
    // The server forgets to tell: a fault the net must catch.
    browser.server.people = [person('ada')];
    await browser.advance(31_000);
    expect(client.getSnapshot().users.map((user) => user.id)).toEqual(['ada']);
  });

  it('keeps the list when the connection is lost, marks it stale after a blink, and recovers', async () => {
    const { browser, client } = await connected();
    browser.server.people = [person('ada')];
    client.watchOnline(9);
    await browser.advance(1_000);
    const before = client.getSnapshot().users;
    browser.server.behaviour = 'refuses';
    browser.server.restFails = true;
    browser.server.last.close(1006);
    await browser.advance(500);
    expect(client.getSnapshot().listState).toBe('ready');
    await browser.advance(3_000);
    expect(client.getSnapshot().listState).toBe('stale');
    expect(client.getSnapshot().users).toBe(before);
    browser.server.behaviour = 'normal';
    browser.server.restFails = false;
    await browser.advance(21_000);
    expect(client.getSnapshot().listState).toBe('ready');
    expect(client.getSnapshot().users[0]?.slug).toBe('ada');
  });

  it('says error only when there is nothing to show', async () => {
    const browser = new FakeBrowser();
    browser.server.behaviour = 'refuses';
    browser.server.restFails = true;
    const client = clientIn(browser.openTab());
    client.watchOnline(9);
    client.connect();
    await browser.advance(2_000);
    expect(client.getSnapshot()).toMatchObject({ listState: 'error', error: { code: 'unreachable' } });
    browser.server.restFails = false;
    await client.refetch();
    expect(client.getSnapshot()).toMatchObject({ listState: 'ready', error: null });
  });

  it('stops with "sign in again" when the list is refused twice with 401', async () => {
    const browser = new FakeBrowser();
    browser.server.behaviour = 'hangs';
    browser.server.restStatus = 401;
    const client = clientIn(browser.openTab());
    client.watchOnline(9);
    client.connect();
    await browser.advance(3_000);
    expect(client.getSnapshot().error?.code).toBe('unauthorized');
  });

  it('resumes with the cursor of the last pong', async () => {
    const { browser, client } = await connected();
    client.watchOnline(9);
    await browser.advance(1_000);
    client.sendPing();
    await browser.settle();
    browser.server.last.close(1006);
    await browser.advance(500);
    const subscribe = browser.server.last.received.find((message) => message.type === 'subscribe');
    expect(subscribe).toEqual({ type: 'subscribe', scope: 'window', limit: 9, cursor: 'c2' });
  });

  it('is live again after a resume that brings an empty diff', async () => {
    const { browser, client } = await connected();
    browser.server.people = [person('ada')];
    client.watchOnline(9);
    await browser.advance(1_000);
    const { users } = client.getSnapshot();
    browser.server.behaviour = 'refuses';
    browser.server.restFails = true;
    browser.server.last.close(1006);
    await browser.advance(3_000);
    expect(client.getSnapshot().listState).toBe('stale');
    browser.server.behaviour = 'normal';
    await browser.advance(20_000);
    browser.server.last.say({ type: 'presence.diff', scope: 'window', changes: [], total: 1 });
    expect(client.getSnapshot().listState).toBe('ready');
    expect(client.getSnapshot().users).toBe(users);
  });

  it('shows the initial people before the first answer, on the server too', () => {
    const browser = new FakeBrowser();
    const client = clientIn(browser.openTab(), { initialUsers: [row('ada')] });
    expect(client.getServerSnapshot().users.map((user) => user.id)).toEqual(['ada']);
    expect(client.getServerSnapshot().listState).toBe('ready');
  });

  it('reads who was here lately while somebody asks for it', async () => {
    const { browser, tab, client } = await connected();
    browser.server.recent = [row('bob', { is_online: false })];
    const stop = client.watchRecent(8);
    await browser.settle();
    expect(client.getSnapshot().recent).toMatchObject([{ id: 'bob', status: 'offline' }]);
    stop();
    const before = tab.requests.length;
    await browser.advance(60_000);
    expect(tab.requests.slice(before).filter((request) => request.url.includes('recent'))).toEqual([]);
  });

  it('forgets everybody at a sign-out', async () => {
    const { browser, client } = await connected();
    browser.server.people = [person('ada')];
    client.watchOnline(9);
    await browser.advance(1_000);
    client.disconnect({ forget: true });
    expect(client.getSnapshot()).toMatchObject({ users: [], total: 0, error: { code: 'signed_out' } });
  });
});

describe('followed people', () => {
  it('reports who comes and goes, but not who was there at first', async () => {
    const { browser, client } = await connected();
    const ada = person('ada');
    const bob = person('bob');
    browser.server.people = [ada];
    const events: unknown[] = [];
    client.on('status-changed', (event) => events.push(event));
    const stop = client.follow('everyone');
    await browser.advance(100);
    expect(events).toEqual([]);
    browser.server.change(bob, 'joined');
    browser.server.change({ ...bob, status: 'away', version: 2 }, 'idle');
    browser.server.change(gone(ada), 'closed');
    expect(events).toEqual([
      { type: 'user.status.changed', user_id: 'bob', is_online: true },
      { type: 'user.status.changed', user_id: 'ada', is_online: false },
    ]);
    stop();
    await browser.advance(2_000);
    expect(browser.server.last.received.at(-1)).toEqual({ type: 'unsubscribe', scope: 'everyone' });
  });

  it('reports what changed during a reconnect, once', async () => {
    const { browser, client } = await connected();
    const ada = person('ada');
    browser.server.people = [ada];
    const events: unknown[] = [];
    client.on('status-changed', (event) => events.push(event));
    client.follow('everyone');
    await browser.advance(100);
    browser.server.people = [person('bob')];
    browser.server.last.close(1006);
    await browser.advance(1_000);
    expect(events).toEqual([
      { type: 'user.status.changed', user_id: 'ada', is_online: false },
      { type: 'user.status.changed', user_id: 'bob', is_online: true },
    ]);
  });
});

describe('idleness', () => {
  it('says idle after 300 s without input, and active at the first input', async () => {
    const { browser, tab } = await connected();
    const activity = () =>
      browser.server.last.received.filter((message) => message.type === 'activity').slice(1);
    await browser.advance(200_000);
    tab.events?.onInput();
    await browser.advance(299_000);
    expect(activity()).toEqual([]);
    await browser.advance(1_000);
    expect(activity()).toEqual([{ type: 'activity', idle: true }]);
    tab.events?.onInput();
    expect(activity()).toEqual([
      { type: 'activity', idle: true },
      { type: 'activity', idle: false },
    ]);
  });

  it('a hidden tab is not idle by itself', async () => {
    const { browser, tab } = await connected();
    tab.isVisible = false;
    tab.events?.onHidden();
    await browser.advance(299_000);
    expect(browser.server.last.received).not.toContainEqual({ type: 'activity', idle: true });
  });

  it('tells a new connection that the person is idle', async () => {
    const { browser } = await connected();
    await browser.advance(301_000);
    browser.server.last.close(1006);
    await browser.advance(500);
    expect(browser.server.last.received).toContainEqual({ type: 'activity', idle: true });
  });

  it('tells each new connection that the person is not: a resumed session forgets its old level', async () => {
    const { browser, tab } = await connected();
    await browser.advance(301_000);
    browser.server.behaviour = 'refuses';
    browser.server.last.close(1006);
    tab.events?.onInput();
    browser.server.behaviour = 'normal';
    await browser.advance(20_000);
    expect(browser.server.open).toHaveLength(1);
    expect(browser.server.last.received[0]).toEqual({ type: 'activity', idle: false });
  });
});
