import { describe, expect, it } from 'vitest';
import type { PresenceClient } from '../src/core/types';
import { clientIn } from './client-world';
import { FakeBrowser, type FakeTab, tokenFor } from './fake-browser';
import { person } from './fake-server';

async function twoTabs(options: Parameters<typeof clientIn>[1] = {}) {
  const browser = new FakeBrowser();
  const first = browser.openTab();
  const second = browser.openTab();
  // Tabs name themselves by a random number.
  second.randomValue = 0.7;
  const leader = clientIn(first, options);
  const follower = clientIn(second, options);
  leader.connect();
  await browser.settle();
  follower.connect();
  await browser.settle();
  return { browser, first, second, leader, follower };
}

const ids = (client: PresenceClient) => client.getSnapshot().users.map((user) => user.id);

describe('one socket for each browser', () => {
  it('two tabs of one person share a socket, and both are connected', async () => {
    const { browser, leader, follower } = await twoTabs();
    expect(browser.server.connections).toHaveLength(1);
    expect(leader.getSnapshot().isConnected).toBe(true);
    expect(follower.getSnapshot()).toMatchObject({ isConnected: true, userId: 'me' });
  });

  it('the follower asks through the leader and hears of each change', async () => {
    const { browser, follower } = await twoTabs();
    follower.watchOnline(9);
    const events: string[] = [];
    follower.on('status-changed', (event) => events.push(event.user_id));
    follower.follow('everyone');
    await browser.advance(100);
    browser.server.change(person('ada'), 'joined');
    await browser.settle();
    expect(ids(follower)).toEqual(['ada']);
    expect(events).toEqual(['ada']);
  });

  it('a tab that opens later starts with what the leader knows', async () => {
    const { browser, leader } = await twoTabs();
    browser.server.people = [person('ada')];
    leader.watchOnline(9);
    await browser.advance(100);
    const third = browser.openTab();
    third.randomValue = 0.9;
    const late = clientIn(third);
    late.connect();
    await browser.settle();
    expect(ids(late)).toEqual(['ada']);
  });

  it('kill the leader: another tab takes over in less than 2 s, and keeps its list', async () => {
    const { browser, first, follower } = await twoTabs();
    browser.server.people = [person('ada')];
    follower.watchOnline(9);
    await browser.advance(1_000);
    browser.kill(first);
    await browser.advance(1_900);
    expect(browser.server.open).toHaveLength(1);
    expect(browser.server.open[0]?.tab).not.toBe(first);
    expect(follower.getSnapshot()).toMatchObject({ isConnected: true, listState: 'ready' });
    expect(ids(follower)).toEqual(['ada']);
  });

  it('original fault: closing one of two tabs marks the user offline', async () => {
    const { browser, first, second, leader, follower } = await twoTabs();
    follower.disconnect();
    await browser.advance(100);
    expect(browser.server.last.types()).not.toContain('bye');
    expect(browser.server.open).toHaveLength(1);
    // And the other way round: the leading tab leaves while the other one lives.
    follower.connect();
    await browser.settle();
    leader.disconnect();
    await browser.advance(1_900);
    expect(browser.server.connections[0]?.tab).toBe(first);
    expect(browser.server.connections[0]?.ending).toBe('loss');
    expect(browser.server.connections[0]?.types()).not.toContain('bye');
    expect(browser.server.open.map((connection) => connection.tab)).toEqual([second]);
  });

  it('the last tab says bye', async () => {
    const { browser, leader, follower } = await twoTabs();
    leader.disconnect();
    await browser.advance(1_000);
    follower.disconnect();
    await browser.advance(1_000);
    expect(browser.server.last.types().at(-1)).toBe('bye');
    expect(browser.server.last.ending).toBe('leave');
  });

  it.each([
    ['the leading tab', 0],
    ['a following tab', 1],
  ])('a sign-out in %s says bye at once and ends every tab', async (_, index) => {
    const { browser, leader, follower } = await twoTabs();
    [leader, follower][index]?.disconnect({ everyTab: true });
    await browser.advance(1_000);
    expect(browser.server.connections).toHaveLength(1);
    expect(browser.server.last.types().at(-1)).toBe('bye');
    for (const client of [leader, follower]) {
      expect(client.getSnapshot()).toMatchObject({ connectionStatus: 'disconnected', users: [] });
    }
  });

  it('a visible tab takes the lead from a frozen one after 2 s of silence', async () => {
    const { browser, first, second, follower } = await twoTabs();
    first.isFrozen = true;
    await browser.advance(5_000);
    expect(browser.server.last.tab).toBe(second);
    expect(follower.getSnapshot().isConnected).toBe(true);
    // The frozen tab wakes up and follows.
    first.isFrozen = false;
    await browser.advance(5_000);
    expect(browser.server.open.map((connection) => connection.tab)).toEqual([second]);
  });

  it('a hidden tab takes no lead', async () => {
    const { browser, first, second } = await twoTabs();
    second.isVisible = false;
    first.isFrozen = true;
    await browser.advance(60_000);
    expect(browser.server.connections).toHaveLength(1);
  });

  it('pagehide of the leader hands over', async () => {
    const { browser, first, second } = await twoTabs();
    first.events?.onPageHide(true);
    await browser.advance(1_000);
    expect(browser.server.connections[0]?.ending).toBe('loss');
    expect(browser.server.open.map((connection) => connection.tab)).toEqual([second]);
  });

  it('the person is idle only when idle in every tab', async () => {
    const { browser, second } = await twoTabs();
    await browser.advance(200_000);
    second.events?.onInput();
    await browser.advance(200_000);
    expect(browser.server.last.received).not.toContainEqual({ type: 'activity', idle: true });
    await browser.advance(101_000);
    expect(browser.server.last.received.at(-1)).toEqual({ type: 'activity', idle: true });
    second.events?.onInput();
    await browser.settle();
    expect(browser.server.last.received.at(-1)).toEqual({ type: 'activity', idle: false });
  });

  it('only one tab reads the list', async () => {
    const { browser, first, second, leader, follower } = await twoTabs();
    leader.watchOnline(9);
    follower.watchOnline(9);
    await browser.advance(95_000);
    const lists = (tab: FakeTab) =>
      tab.requests.filter((request) => request.url.includes('/users/online/')).length;
    expect(lists(first)).toBeGreaterThan(2);
    expect(lists(second)).toBe(0);
  });
});

describe('each tab for itself', () => {
  it('when told so', async () => {
    const { browser } = await twoTabs({ multiTab: 'per-tab' });
    expect(browser.server.open).toHaveLength(2);
  });

  it('where the browser has no locks', async () => {
    const browser = new FakeBrowser();
    for (let n = 0; n < 2; n += 1) clientIn(browser.openTab({ locks: false })).connect();
    await browser.settle();
    expect(browser.server.open).toHaveLength(2);
  });

  it('when two people use one browser', async () => {
    const browser = new FakeBrowser();
    for (const who of ['ada', 'linus']) {
      clientIn(browser.openTab(), { getToken: async () => tokenFor(who) }).connect();
    }
    await browser.settle();
    expect(browser.server.open).toHaveLength(2);
  });
});
