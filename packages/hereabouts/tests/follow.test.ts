/** Following single people and friends: what the server is asked, and what is known and reported of them. */
import { describe, expect, it } from 'vitest';
import type { ClientMessage } from '../src/core/protocol';
import { clientIn, connected, type World } from './client-world';
import { FakeBrowser } from './fake-browser';
import { type FakeConnection, gone, person } from './fake-server';

const FEATURES = ['users', 'friends'];

async function connectedTo(features: string[], before?: (browser: FakeBrowser) => void): Promise<World> {
  const browser = new FakeBrowser();
  browser.server.features = features;
  before?.(browser);
  const tab = browser.openTab();
  const client = clientIn(tab);
  client.connect();
  await browser.settle();
  return { browser, tab, client };
}

function asked(connection: FakeConnection): ClientMessage[] {
  return connection.received.filter(({ type }) => type === 'subscribe' || type === 'unsubscribe');
}

describe('single people', () => {
  it('all rows of a page share one frame', async () => {
    const { browser, client } = await connectedTo(FEATURES);
    for (let n = 0; n < 300; n += 1) client.follow([`p${n % 200}`]);
    await browser.advance(100);
    const [subscription, ...rest] = asked(browser.server.last);
    expect(rest).toEqual([]);
    expect(subscription).toMatchObject({ type: 'subscribe', scope: 'users' });
    expect(subscription && 'ids' in subscription && subscription.ids).toHaveLength(200);
  });

  it('rows that come and go change the ids, and the last one ends it', async () => {
    const { browser, client } = await connectedTo(FEATURES);
    const stopAda = client.follow(['ada']);
    await browser.advance(10);
    const stopBob = client.follow(['bob']);
    stopAda();
    await browser.advance(2_000);
    stopBob();
    await browser.advance(2_000);
    expect(asked(browser.server.last)).toEqual([
      { type: 'subscribe', scope: 'users', ids: ['ada'] },
      { type: 'subscribe', scope: 'users', ids: ['bob'] },
      { type: 'unsubscribe', scope: 'users' },
    ]);
  });

  it('a row that is there again at once asks nothing', async () => {
    const { browser, client } = await connectedTo(FEATURES);
    const stop = client.follow(['ada', 'bob']);
    await browser.advance(2_000);
    stop();
    client.follow(['bob', 'ada']);
    await browser.advance(2_000);
    expect(asked(browser.server.last)).toHaveLength(1);
  });

  it('a new row does not wait for another one that goes', async () => {
    const { browser, client } = await connectedTo(FEATURES);
    const stop = client.follow(['ada']);
    await browser.advance(2_000);
    client.follow(['bob']);
    stop();
    await browser.advance(10);
    expect(asked(browser.server.last).at(-1)).toEqual({ type: 'subscribe', scope: 'users', ids: ['bob'] });
  });

  it('knows people who are not here too, and follows them when they come and go', async () => {
    const bob = person('bob');
    const { browser, client } = await connectedTo(FEATURES, ({ server }) => {
      server.absent = [gone(bob)];
    });
    const events: unknown[] = [];
    client.on('status-changed', (event) => events.push(event));
    client.follow(['bob']);
    await browser.advance(100);
    const seen = () => client.getSnapshot().byId.get('bob');
    expect(seen()).toMatchObject({ is_online: false, last_seen: '2026-11-24T01:00:00.000000Z' });
    browser.server.change({ ...bob, version: 3 }, 'joined');
    expect(seen()).toMatchObject({ is_online: true });
    browser.server.change(gone({ ...bob, version: 3 }), 'closed');
    expect(seen()).toMatchObject({ is_online: false });
    expect(events).toEqual([
      { type: 'user.status.changed', user_id: 'bob', is_online: true },
      { type: 'user.status.changed', user_id: 'bob', is_online: false },
    ]);
  });

  it('somebody new among the followed is no arrival', async () => {
    const { browser, client } = await connectedTo(FEATURES, ({ server }) => {
      server.people = [person('ada'), person('bob')];
    });
    const events: unknown[] = [];
    client.on('status-changed', (event) => events.push(event));
    client.follow(['ada']);
    await browser.advance(100);
    client.follow(['bob']);
    await browser.advance(100);
    expect(client.getSnapshot().byId.get('bob')?.is_online).toBe(true);
    expect(events).toEqual([]);
  });

  it('the list does not change for those who are followed', async () => {
    const { browser, client } = await connectedTo(FEATURES, ({ server }) => {
      server.people = [person('ada'), person('bob'), person('eve')];
    });
    client.watchOnline(1);
    client.follow(['eve']);
    await browser.advance(100);
    const { users, total, byId } = client.getSnapshot();
    expect(users.map((user) => user.id)).toEqual(['ada']);
    expect(total).toBe(3);
    expect([...byId.keys()].sort()).toEqual(['ada', 'eve']);
    // The same map as long as nobody in it changed.
    await client.refetch();
    expect(client.getSnapshot().byId.get('eve')).toBe(byId.get('eve'));
  });

  it('a reconnect resumes with the same ids, and asks anew for others', async () => {
    const { browser, client } = await connectedTo(FEATURES);
    client.follow(['ada']);
    client.sendPing();
    await browser.advance(100);
    browser.server.last.close(1006);
    await browser.advance(2_000);
    expect(asked(browser.server.last)).toEqual([
      { type: 'subscribe', scope: 'users', ids: ['ada'], cursor: expect.any(String) },
    ]);
    browser.server.last.close(1006);
    client.follow(['bob']);
    await browser.advance(10_000);
    expect(asked(browser.server.last)).toEqual([{ type: 'subscribe', scope: 'users', ids: ['ada', 'bob'] }]);
  });

  it.each([
    ['a server that cannot do it', [], 1],
    ['more than the server takes', FEATURES, 1_001],
  ])('%s is asked for everyone', async (_, features, n) => {
    const { browser, client } = await connectedTo(features);
    client.follow(Array.from({ length: n }, (_, index) => `p${index}`));
    await browser.advance(100);
    expect(asked(browser.server.last)).toEqual([{ type: 'subscribe', scope: 'everyone' }]);
  });

  it('the tabs of a browser share one frame too', async () => {
    const browser = new FakeBrowser();
    browser.server.features = FEATURES;
    browser.server.people = [person('ada'), person('bob')];
    const clients = [clientIn(browser.openTab()), clientIn(browser.openTab())];
    for (const client of clients) {
      client.connect();
      await browser.advance(100);
    }
    clients[0]?.follow(['ada']);
    const stop = clients[1]?.follow(['bob']);
    await browser.advance(100);
    expect(asked(browser.server.last).at(-1)).toEqual({
      type: 'subscribe',
      scope: 'users',
      ids: ['ada', 'bob'],
    });
    expect(clients[1]?.getSnapshot().byId.get('bob')?.is_online).toBe(true);
    stop?.();
    await browser.advance(3_000);
    expect(asked(browser.server.last).at(-1)).toEqual({ type: 'subscribe', scope: 'users', ids: ['ada'] });
  });
});

describe('friends', () => {
  it('are a list of their own', async () => {
    const { browser, client } = await connectedTo(FEATURES, ({ server }) => {
      server.people = [person('ada'), person('bob')];
      server.friends = ['bob', 'eve'];
    });
    client.watchOnline(9);
    expect(client.getSnapshot().friends).toBeNull();
    const stop = client.follow('friends');
    await browser.advance(100);
    const friends = () => client.getSnapshot().friends?.map((user) => user.id);
    expect(friends()).toEqual(['bob']);
    browser.server.change(person('eve'), 'joined');
    expect(friends()).toEqual(['bob', 'eve']);
    stop();
    await browser.advance(2_000);
    expect(asked(browser.server.last).at(-1)).toEqual({ type: 'unsubscribe', scope: 'friends' });
    expect(client.getSnapshot().friends).toBeNull();
  });

  it('are not asked of a server that knows none', async () => {
    const { browser, client } = await connected();
    client.follow('friends');
    await browser.advance(100);
    expect(asked(browser.server.last)).toEqual([]);
  });
});
