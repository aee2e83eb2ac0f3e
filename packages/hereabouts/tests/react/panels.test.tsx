// @vitest-environment jsdom
/** Activity, requests, friends, last seen, the banner, events: what stands beside the card. */
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { ActivityKind, ActivityRow, FriendRequest } from '../../src/core/protocol';
import { ActivityTimeline } from '../../src/react/activity-timeline';
import { ConnectionBanner } from '../../src/react/connection-banner';
import { FriendRequests } from '../../src/react/friend-requests';
import { LastSeen } from '../../src/react/last-seen';
import { OnlineUsers } from '../../src/react/online-users';
import { useFriendRequests } from '../../src/react/use-friend-requests';
import { usePresenceEvents } from '../../src/react/use-presence-events';
import type { FakeBrowser } from '../fake-browser';
import { gone, person } from '../fake-server';
import { show } from './render';

function activity(n: number, kind: ActivityKind = 'changed'): ActivityRow[] {
  return Array.from({ length: n }, (_, index) => ({
    id: `r${index}`,
    user_id: 'ada',
    username: 'Ada',
    kind,
    status: 'away',
    at: new Date(Date.now() - index * 3_600_000).toISOString(),
  }));
}

describe('46. <ActivityTimeline/>', () => {
  it('has day headings and lines that read alone', async () => {
    await show(<ActivityTimeline />, {
      prepare: ({ server }) => {
        server.social.activity = activity(30, 'joined');
      },
    });
    const region = screen.getByRole('region', { name: 'Activity' });
    const headings = within(region).getAllByRole('heading', { level: 4 });
    expect(headings[0]?.textContent).toBe('Today');
    expect(headings[1]?.textContent).toBe('Yesterday');
    expect(within(region).getAllByRole('listitem')[0]?.textContent).toMatch(/^Ada came online/);
    const time = region.querySelector('time');
    expect(time?.dateTime).toMatch(/^\d{4}-/);
    expect(time?.title).toMatch(/20\d\d/);
  });

  it('pages by keyboard: the focus goes to the first older line', async () => {
    const page = await show(<ActivityTimeline limit={10} />, {
      prepare: ({ server }) => {
        server.social.activity = activity(25);
      },
    });
    const older = screen.getByRole('button', { name: 'Show older' });
    act(() => older.focus());
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(20));
    expect((document.activeElement as HTMLElement).dataset.entry).toBe('r10');
    await userEvent.click(screen.getByRole('button', { name: 'Show older' }));
    await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(25));
    expect(screen.queryByRole('button', { name: 'Show older' })).toBeNull();
    expect(screen.getByText('That is everything of the last 30 days.')).toBeTruthy();
    expect(page.browser.server.social.calls).toEqual([
      'GET /activity/?scope=me&limit=10',
      'GET /activity/?scope=me&limit=10&before=10',
      'GET /activity/?scope=me&limit=10&before=20',
    ]);
  });

  it('without anything it says so', async () => {
    await show(<ActivityTimeline scope="friends" />);
    expect(screen.getByText('Nothing has happened yet')).toBeTruthy();
  });

  it('another person is another list, without the lines of the one before', async () => {
    const page = await show(<ActivityTimeline userId="ada" />, {
      prepare: ({ server }) => {
        server.social.activity = activity(2);
      },
    });
    expect(screen.getAllByRole('listitem')).toHaveLength(2);
    await page.change(() => page.rerender(<ActivityTimeline userId="bob" />));
    expect(screen.queryAllByRole('listitem')).toHaveLength(0);
  });
});

function requestOf(id: string, from: string, to: string): FriendRequest {
  const someone = (name: string) => ({ id: name, username: name, profile_image_url: null });
  return { id, from_user: someone(from), to_user: someone(to), created_at: new Date().toISOString() };
}

describe('<FriendRequests/>', () => {
  const prepare = ({ server }: FakeBrowser) => {
    server.social.requests = [requestOf('q1', 'ada', 'me'), requestOf('q2', 'me', 'bob')];
  };

  it('each request has its own answers; the focus is not lost with an answered one', async () => {
    const page = await show(<FriendRequests />, { prepare });
    expect(screen.getByText(/^ada, /)).toBeTruthy();
    expect(screen.getByText(/^Waiting for bob, /)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Accept the request of ada' }));
    await waitFor(() => expect(screen.getByText('No open requests')).toBeTruthy());
    expect(page.browser.server.social.calls).toContain('POST /auth/friend-requests/q1/accept/');
    expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'Friend requests' }));
  });

  it('two views of a page share them: what one sends the other shows, with one reading', async () => {
    function Ask() {
      const { send } = useFriendRequests();
      return (
        <button type="button" onClick={() => void send('eve')}>
          Ask
        </button>
      );
    }
    const page = await show(
      <>
        <FriendRequests />
        <Ask />
      </>,
      { prepare },
    );
    const { calls } = page.browser.server.social;
    expect(calls).toHaveLength(2);
    page.browser.server.social.requests.push(requestOf('q3', 'me', 'eve'));
    await userEvent.click(screen.getByRole('button', { name: 'Ask' }));
    expect(await screen.findByText(/^Waiting for eve/)).toBeTruthy();
    expect(calls[2]).toBe('POST /auth/friend-requests/ {"to_user_id":"eve"}');
    expect(calls).toHaveLength(5);
  });

  it('withdraws what was sent', async () => {
    const page = await show(<FriendRequests />, { prepare });
    await userEvent.click(screen.getByRole('button', { name: 'Withdraw the request to bob' }));
    await waitFor(() => expect(screen.queryByText(/^Waiting for bob/)).toBeNull());
    expect(page.browser.server.social.calls).toContain('DELETE /auth/friend-requests/q2/');
  });

  it('declines', async () => {
    const page = await show(<FriendRequests />, { prepare });
    await userEvent.click(screen.getByRole('button', { name: 'Decline the request of ada' }));
    await waitFor(() =>
      expect(page.browser.server.social.calls).toContain('POST /auth/friend-requests/q1/decline/'),
    );
  });
});

describe('friends in the card', () => {
  const prepare = ({ server }: FakeBrowser) => {
    server.features = ['friends', 'users'];
    server.friends = ['bob'];
  };

  it('shows friends alone, and counts only them', async () => {
    const page = await show(<OnlineUsers filter="friends" maxUsers={1} />, {
      prepare,
      people: [person('ada'), person('bob')],
    });
    expect(screen.getByText('bob, online')).toBeTruthy();
    expect(screen.queryByText(/^\+/)).toBeNull();
    await page.change(() => page.browser.server.change(gone(person('bob'), { version: 5 }), 'closed'));
    expect(screen.queryByText('bob, online')).toBeNull();
  });

  it('16. without a friend here it has its own text and action', async () => {
    await show(<OnlineUsers filter="friends" emptyAction={<a href="/people">Find friends</a>} />, {
      prepare,
      people: [person('ada')],
    });
    expect(screen.getByText('None of your friends are online right now')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Find friends' })).toBeTruthy();
  });

  it('are read over REST where no socket connects', async () => {
    await show(<OnlineUsers filter="friends" />, {
      prepare: (browser) => {
        prepare(browser);
        browser.server.behaviour = 'refuses';
      },
      people: [person('ada'), person('bob')],
    });
    await screen.findByText('bob, online');
    expect(screen.queryByText('ada, online')).toBeNull();
  });

  it('25. a lost connection leaves the last list', async () => {
    const page = await show(<OnlineUsers filter="friends" />, { prepare, people: [person('bob')] });
    page.browser.server.behaviour = 'refuses';
    page.browser.server.restFails = true;
    await page.change(() => page.browser.server.last.close(1006));
    await page.advance(5_000);
    expect(screen.getByText('bob, online')).toBeTruthy();
    expect(screen.getByText(/^Reconnecting/)).toBeTruthy();
  });
});

describe('45. <LastSeen/>', () => {
  const user = person('ada');

  it('says it in words, with the exact time on hover', async () => {
    const last_seen = new Date(Date.now() - 300_000).toISOString();
    await show(<LastSeen user={{ ...user, is_online: false, status: 'offline', last_seen }} />);
    const time = screen.getByText('Last seen 5m ago') as HTMLTimeElement;
    expect(time.dateTime).toBe(last_seen);
    expect(time.title).toMatch(/20\d\d/);
  });

  it('less than a minute is "just now", hidden is hidden, and online is a status', async () => {
    const page = await show(
      <LastSeen
        user={{ ...user, is_online: false, status: 'offline', last_seen: new Date().toISOString() }}
      />,
    );
    expect(screen.getByText('Last seen just now')).toBeTruthy();
    page.rerender(<LastSeen user={{ ...user, is_online: false, status: 'offline', last_seen: null }} />);
    expect(screen.getByText('Last seen hidden')).toBeTruthy();
    page.rerender(<LastSeen user={{ ...user, status: 'dnd' }} />);
    expect(screen.getByText('do not disturb')).toBeTruthy();
  });
});

describe('<ConnectionBanner/>', () => {
  it('says nothing of a short gap, tells of a long one and of its end', async () => {
    const page = await show(<ConnectionBanner />, { options: { lostConnectionAfter: 5_000 } });
    const region = screen.getByRole('status');
    page.browser.server.behaviour = 'refuses';
    await page.change(() => page.browser.server.last.close(1006));
    await page.advance(4_000);
    expect(region.textContent).toBe('');
    await page.advance(2_000);
    expect(region.textContent).toBe('The connection is lost. Trying again…');
    page.browser.server.behaviour = 'normal';
    await page.advance(30_000);
    expect(region.textContent).toBe('Connected again.');
  });

  it('offers a way back when it is over, and nothing after a sign-out', async () => {
    const page = await show(<ConnectionBanner />);
    await page.change(() => page.browser.server.last.close(4403));
    expect(screen.getByRole('status').textContent).toBe('This account cannot see who is online.');
    await page.change(() => page.client.disconnect({ forget: true }));
    expect(screen.getByRole('status').textContent).toBe('');
  });
});

describe('usePresenceEvents', () => {
  function Events({ whom, log }: { whom?: 'friends' | string[]; log: (line: string) => void }) {
    usePresenceEvents(
      {
        onJoin: (user) => log(`join ${user.id}`),
        onLeave: (user) => log(`leave ${user.id} ${user.status}`),
        onUpdate: (user) => log(`update ${user.id} ${user.status}`),
      },
      whom,
    );
    return null;
  }

  it.each([
    [
      'everyone',
      undefined,
      ['join ada', 'update ada away', 'join bob', 'leave ada offline', 'leave bob offline'],
    ],
    ['friends', 'friends' as const, ['join bob', 'leave bob offline']],
    ['single people', ['ada'], ['join ada', 'update ada away', 'leave ada offline']],
  ])('tells of %s, each once', async (_, whom, lines) => {
    const log = vi.fn();
    const page = await show(
      <>
        <Events whom={whom} log={log} />
        <OnlineUsers />
      </>,
      {
        prepare: ({ server }) => {
          server.features = ['friends', 'users'];
          server.friends = ['bob'];
        },
      },
    );
    expect(log).not.toHaveBeenCalled();
    const [ada, bob] = [person('ada'), person('bob')];
    for (const [who, why] of [
      [ada, 'joined'],
      [{ ...ada, status: 'away', version: 2 }, 'idle'],
      [bob, 'joined'],
      [gone(ada, { version: 3 }), 'closed'],
      [gone(bob), 'lost'],
    ] as const) {
      await page.change(() => page.browser.server.change(who, why));
    }
    expect(log.mock.calls.map(([line]) => line)).toEqual(lines);
  });
});
