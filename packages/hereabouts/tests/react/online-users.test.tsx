// @vitest-environment jsdom
import { act, fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { UnauthorizedError } from '../../src/core/errors';
import type { PresenceUser } from '../../src/core/types';
import type { AvatarProps } from '../../src/react/avatar';
import { OnlineUsers } from '../../src/react/online-users';
import { row } from '../fake-browser';
import { gone, person } from '../fake-server';
import { show } from './render';

const me = person('me', { since: '2026-12-31T00:00:00.000000Z' });
const crowd = (n: number) => Array.from({ length: n }, (_, index) => person(`user-${index}`));
const cards = () => screen.getAllByRole('listitem').filter((item) => item.dataset.userId);

describe('what it shows', () => {
  it('is section[aria-labelledby] > h3 + ul[role=list] > li > button', async () => {
    const { view } = await show(<OnlineUsers onUserClick={() => {}} />, { people: [person('ada')] });
    const section = view.container.querySelector('section');
    const heading = section?.querySelector(':scope > h3');
    expect(section?.getAttribute('aria-labelledby')).toBe(heading?.id);
    expect(heading?.textContent).toBe("Who's Online?");
    expect(section?.querySelectorAll(':scope > h3 + ul[role=list] > li > button')).toHaveLength(1);
    expect(screen.getByRole('region', { name: "Who's Online?" })).toBe(section);
  });

  it('takes another heading level and title', async () => {
    await show(<OnlineUsers headingLevel={2} title="Online Friends" />);
    expect(screen.getByRole('heading', { level: 2, name: 'Online Friends' })).toBeTruthy();
  });

  it('names a card in one line, the dot left out', async () => {
    const people = [
      person('1', {
        username: 'Ada Lovelace',
        custom_status: { emoji: '📅', text: 'In a meeting', until: null },
      }),
      person('2', { username: 'Linus', status: 'away' }),
    ];
    const { view } = await show(<OnlineUsers onUserClick={() => {}} />, { people });
    expect(screen.getByRole('button', { name: 'Ada Lovelace, online, 📅 In a meeting' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Linus, away' })).toBeTruthy();
    for (const dot of view.container.querySelectorAll('.ha-dot')) {
      expect(dot.closest('[aria-hidden="true"]')).not.toBeNull();
    }
  });

  it('4. says until when, in one string of `messages`', async () => {
    const until = new Date(new Date().setHours(23, 59, 0, 0)).toISOString();
    const custom_status = { emoji: null, text: 'In a meeting', until };
    const people = [person('1', { username: 'Ada Lovelace', custom_status })];
    const page = await show(<OnlineUsers onUserClick={() => {}} locale="en-GB" />, { people });
    expect(screen.getByRole('button').textContent).toContain(
      'Ada Lovelace, online, In a meeting until 23:59',
    );
    page.rerender(<OnlineUsers messages={{ customUntil: '{custom} → {time}' }} locale="en-GB" />);
    expect(screen.getByText('Ada Lovelace, online, In a meeting → 23:59')).toBeTruthy();
  });

  it('a person nobody can click is not a button, and still has a name', async () => {
    await show(<OnlineUsers />, { people: [person('ada')] });
    expect(screen.queryByRole('button')).toBeNull();
    expect(screen.getByText('ada, online')).toBeTruthy();
  });

  it('leaves the viewer out, or in with showSelf', async () => {
    const page = await show(<OnlineUsers />, { people: [person('ada'), me] });
    expect(cards()).toHaveLength(1);
    page.rerender(<OnlineUsers showSelf />);
    await page.advance(100);
    expect(cards()).toHaveLength(2);
  });

  it('shows 8 of 8 without more, and 8 and "+1" of 9', async () => {
    const page = await show(<OnlineUsers />, { people: [...crowd(8), me] });
    expect(cards()).toHaveLength(8);
    expect(screen.queryByRole('button')).toBeNull();
    await page.change(() => page.browser.server.change(person('late'), 'joined'));
    expect(cards()).toHaveLength(8);
    expect(screen.getByRole('button', { name: '+1: show one more person' }).textContent).toContain('+1');
  });

  it('opens the whole list with the "+N" button, and closes it again', async () => {
    const page = await show(<OnlineUsers maxUsers={8} />, { people: [...crowd(20), me] });
    await page.change(() =>
      fireEvent.click(screen.getByRole('button', { name: '+12: show 12 more people' })),
    );
    await page.advance(100);
    expect(cards()).toHaveLength(20);
    const less = screen.getByRole('button', { name: 'Show fewer people' });
    expect(less.getAttribute('aria-expanded')).toBe('true');
    await page.change(() => fireEvent.click(less));
    expect(cards()).toHaveLength(8);
  });

  it('counts a viewer who is not among the first, and leaves them out', async () => {
    await show(<OnlineUsers maxUsers={8} />, { people: [...crowd(1_000), me] });
    expect(screen.getByText('+992')).toBeTruthy();
  });

  it('badge, "View all" and links where asked for', async () => {
    await show(<OnlineUsers viewAllHref="/people" hrefFor={(user) => `/u/${user.username}`} />, {
      people: [person('ada')],
    });
    expect(screen.getByText('Online')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'View all' }).getAttribute('href')).toBe('/people');
    expect(screen.getByRole('link', { name: 'ada, online' }).getAttribute('href')).toBe('/u/ada');
  });

  it.each(['A', 'x'.repeat(60), '👩‍👩‍👧‍👦', 'مريم', 'ก็็็', '<script>alert(1)</script>'])(
    'prints the name %s as text',
    async (username) => {
      const { view } = await show(<OnlineUsers />, { people: [person('1', { username })] });
      expect(view.container.querySelector('.ha-name')?.textContent).toBe(username);
      expect(view.container.querySelector('script')).toBeNull();
      expect(view.container.querySelector('.ha-initials')?.textContent?.length).toBeGreaterThan(0);
    },
  );

  it('takes every word from messages, and the direction', async () => {
    const { view } = await show(
      <OnlineUsers
        dir="rtl"
        locale="ar"
        messages={{ title: 'من متصل الآن؟', statusOnline: 'متصل', badgeOnline: 'متصل' }}
      />,
      { people: [person('مريم')] },
    );
    expect(screen.getByRole('heading').textContent).toBe('من متصل الآن؟');
    expect(screen.getByText('مريم, متصل')).toBeTruthy();
    expect(view.container.querySelector('section')?.dir).toBe('rtl');
  });

  it('renders what renderUser and the Avatar slot give', async () => {
    const Avatar = ({ user, className }: AvatarProps) => <i className={className}>{user.username[0]}</i>;
    const page = await show(<OnlineUsers slots={{ Avatar }} classNames={{ avatar: 'mine' }} />, {
      people: [person('ada')],
    });
    expect(page.view.container.querySelector('i.ha-avatar.mine')?.textContent).toBe('a');
    page.rerender(<OnlineUsers renderUser={(user) => <b>{user.username}!</b>} />);
    expect(screen.getByText('ada!')).toBeTruthy();
  });
});

describe('clicking', () => {
  it('calls onUserClick once by mouse, Enter and Space, with the original fields', async () => {
    const onUserClick = vi.fn<(user: PresenceUser) => void>();
    await show(<OnlineUsers onUserClick={onUserClick} />, { people: [person('ada')] });
    const user = userEvent.setup();
    await user.click(screen.getByRole('button'));
    expect(onUserClick).toHaveBeenCalledTimes(1);
    expect(onUserClick.mock.calls[0]?.[0]).toMatchObject({
      id: 'ada',
      username: 'ada',
      profile_image_url: null,
      is_online: true,
      last_seen: '2026-11-24T01:02:00.000000Z',
      last_activity: '2026-11-24T01:02:00.000000Z',
      slug: 'ada',
    });
    screen.getByRole('button').focus();
    await user.keyboard('{Enter}');
    await user.keyboard(' ');
    expect(onUserClick).toHaveBeenCalledTimes(3);
  });

  it('Tab reaches each card in order', async () => {
    await show(<OnlineUsers onUserClick={() => {}} />, {
      people: [person('ada'), person('bob'), person('eve')],
    });
    const user = userEvent.setup();
    const seen: (string | undefined)[] = [];
    for (let n = 0; n < 3; n += 1) {
      await user.tab();
      seen.push(document.activeElement?.textContent?.slice(-11));
    }
    expect(seen).toEqual(['ada, online', 'bob, online', 'eve, online']);
  });

  it('when the focused person leaves, focus goes to the next card; else it stays', async () => {
    const people = [person('ada'), person('bob'), person('eve')];
    const page = await show(<OnlineUsers onUserClick={() => {}} />, { people });
    screen.getByRole('button', { name: 'bob, online' }).focus();
    await page.change(() => page.browser.server.change(gone(people[0] ?? me), 'closed'));
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'bob, online' }));
    await page.change(() => page.browser.server.change(gone(people[1] ?? me), 'closed'));
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'eve, online' }));
  });

  it('steals no focus from elsewhere', async () => {
    const people = [person('ada'), person('bob')];
    const page = await show(
      <>
        <input aria-label="search" />
        <OnlineUsers onUserClick={() => {}} />
      </>,
      { people },
    );
    screen.getByRole('button', { name: 'ada, online' }).focus();
    screen.getByLabelText('search').focus();
    await page.change(() => page.browser.server.change(gone(people[0] ?? me), 'closed'));
    expect(document.activeElement).toBe(screen.getByLabelText('search'));
  });
});

describe('nobody, nothing yet, something wrong', () => {
  it('says so when nobody is online', async () => {
    await show(<OnlineUsers fallback="none" />, { people: [me] });
    expect(screen.getByText('No one is online right now')).toBeTruthy();
  });

  it('shows who was here lately while nobody is', async () => {
    const recent = [row('bob', { is_online: false, last_seen: '2020-01-02T00:00:00.000000Z' })];
    const page = await show(<OnlineUsers />, {
      people: [me],
      prepare: (browser) => {
        browser.server.recent = recent;
      },
    });
    expect(screen.getByText('Recently Active')).toBeTruthy();
    expect(screen.getByText('bob, offline')).toBeTruthy();
    expect(page.view.container.querySelector('time')?.textContent).toBe('Jan 2, 2020');
    await page.change(() => page.browser.server.change(person('ada'), 'joined'));
    expect(screen.getByText('Online')).toBeTruthy();
    expect(screen.queryByText('bob, offline')).toBeNull();
  });

  it('is busy with a skeleton as large as the list, until the list is there', async () => {
    const { view, advance, browser } = await show(<OnlineUsers maxUsers={6} />, {
      prepare: (world) => {
        world.server.behaviour = 'hangs';
        world.server.rows = [row('ada')];
      },
    });
    expect(view.container.querySelector('section')?.getAttribute('aria-busy')).toBe('true');
    expect(view.container.querySelectorAll('.ha-skeleton .ha-item')).toHaveLength(6);
    expect(screen.getByText('Loading who is online…')).toBeTruthy();
    browser.server.behaviour = 'normal';
    await advance(2_000);
    expect(view.container.querySelector('section')?.getAttribute('aria-busy')).toBe('false');
    expect(view.container.querySelector('.ha-skeleton')).toBeNull();
  });

  it('original fault: raw error text shown', async () => {
    const warn = vi.fn();
    const page = await show(<OnlineUsers />, {
      options: { logger: { warn } },
      prepare: (browser) => {
        browser.server.behaviour = 'refuses';
        browser.server.restFails = true;
      },
    });
    await page.advance(2_000);
    const text = page.view.container.textContent ?? '';
    expect(text).toContain("We can't reach the list of people right now.");
    expect(text).toContain('Code: unreachable');
    expect(text).not.toMatch(/Failed to fetch|TypeError|Error:/);
    expect(JSON.stringify(warn.mock.calls)).toContain('Failed to fetch');
    page.browser.server.restFails = false;
    page.browser.server.rows = [row('ada')];
    await page.change(() => fireEvent.click(screen.getByRole('button', { name: 'Try again' })));
    expect(cards()).toHaveLength(1);
  });

  it('keeps the last list while reconnecting, and says since when', async () => {
    const page = await show(<OnlineUsers />, { people: [person('ada')] });
    page.browser.server.behaviour = 'refuses';
    page.browser.server.restFails = true;
    await page.change(() => page.browser.server.last.close(1006));
    await page.advance(3_000);
    expect(cards()).toHaveLength(1);
    expect(page.view.container.querySelector('section')?.dataset.state).toBe('stale');
    expect(screen.getByText(/^Reconnecting… last updated .*ago$/)).toBeTruthy();
    page.browser.server.behaviour = 'normal';
    await page.change(() => page.tab.events?.onOnline());
    await page.advance(100);
    expect(page.view.container.querySelector('section')?.dataset.state).toBe('ready');
    expect(screen.queryByText(/Reconnecting/)).toBeNull();
  });

  it('offers to sign in again when the sign-in has ended', async () => {
    const onSignIn = vi.fn();
    await show(<OnlineUsers />, {
      onSignIn,
      options: {
        getToken: async () => {
          throw new UnauthorizedError();
        },
      },
    });
    expect(screen.getByText('Your sign-in has ended.')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Sign in again' }));
    expect(onSignIn).toHaveBeenCalledTimes(1);
  });

  it('asks to sign in when nobody is', async () => {
    await show(<OnlineUsers />, { options: { getToken: async () => null } });
    expect(screen.getByText('Sign in to see who is online.')).toBeTruthy();
  });

  it('offers to connect again after disconnect', async () => {
    const page = await show(<OnlineUsers />, { people: [person('ada')] });
    await page.change(() => page.client.disconnect());
    expect(cards()).toHaveLength(1);
    await page.change(() => fireEvent.click(screen.getByRole('button', { name: 'Connect again' })));
    expect(page.client.getSnapshot().isConnected).toBe(true);
  });
});

describe('pictures', () => {
  const withPicture = [person('1', { username: 'Ada Lovelace', profile_image_url: '/media/ada.png' })];

  it('asks for them politely', async () => {
    const { view } = await show(<OnlineUsers />, { people: withPicture });
    const image = view.container.querySelector('img');
    expect(image?.getAttribute('src')).toBe('https://app.test/media/ada.png');
    expect(image?.getAttribute('referrerpolicy')).toBe('no-referrer');
    expect(image?.getAttribute('loading')).toBe('lazy');
    expect(image?.getAttribute('decoding')).toBe('async');
    expect(image?.getAttribute('alt')).toBe('');
    expect(image?.getAttribute('width')).toBe('56');
  });

  it('shows initials until one is there, and instead of one that fails; never both', async () => {
    const { view } = await show(<OnlineUsers />, { people: withPicture });
    const avatar = () => view.container.querySelector('.ha-avatar');
    expect(avatar()?.textContent).toBe('AL');
    act(() => void fireEvent.load(view.container.querySelector('img') as HTMLImageElement));
    expect(avatar()?.textContent).toBe('');
    act(() => void fireEvent.error(view.container.querySelector('img') as HTMLImageElement));
    expect(avatar()?.textContent).toBe('AL');
    expect(view.container.querySelector('img')).toBeNull();
  });
});

describe('many', () => {
  it('1,000 online: at most maxUsers cards, and one change renders one card', async () => {
    const renders: string[] = [];
    const Avatar = ({ user }: AvatarProps) => {
      renders.push(user.id);
      return <i />;
    };
    const people = crowd(1_000);
    const page = await show(<OnlineUsers maxUsers={8} slots={{ Avatar }} onUserClick={() => {}} />, {
      people,
    });
    expect(cards()).toHaveLength(8);
    expect(page.view.container.querySelectorAll('*').length).toBeLessThan(150);
    renders.length = 0;
    const third = people[2] ?? me;
    await page.change(() => page.browser.server.change({ ...third, status: 'away', version: 2 }, 'idle'));
    expect(renders).toEqual(['user-2']);
    // Somebody far down the list: no card at all.
    renders.length = 0;
    await page.change(() =>
      page.browser.server.change({ ...(people[900] ?? me), version: 2, status: 'away' }, 'idle'),
    );
    expect(renders).toEqual([]);
  });

  it('two on a page, one goes away: the other is still subscribed', async () => {
    const page = await show(
      <>
        <OnlineUsers title="One" />
        <OnlineUsers title="Two" />
      </>,
    );
    page.rerender(<OnlineUsers title="One" />);
    await page.advance(5_000);
    expect(page.browser.server.connections).toHaveLength(1);
    expect(page.browser.server.last.types()).not.toContain('unsubscribe');
    await page.change(() => page.browser.server.change(person('ada'), 'joined'));
    expect(within(screen.getByRole('region', { name: 'One' })).getByText('ada')).toBeTruthy();
  });
});

describe('telling a screen reader', () => {
  it('has a live region that is always there, and silent by default', async () => {
    const page = await show(<OnlineUsers />);
    expect(screen.getByRole('status').textContent).toBe('');
    await page.change(() => page.browser.server.change(person('ada'), 'joined'));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(screen.getByRole('status').textContent).toBe('');
  });

  it('merges arrivals into one message each 10 s when polite', async () => {
    const page = await show(<OnlineUsers announce="polite" />, { people: [person('first')] });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    try {
      const join = async (...names: string[]) => {
        for (const name of names) await page.change(() => page.browser.server.change(person(name), 'joined'));
      };
      await join('ada', 'bob', 'eve');
      expect(screen.getByRole('status').textContent).toBe('');
      act(() => void vi.advanceTimersByTime(500));
      expect(screen.getByRole('status').textContent).toBe('3 people came online');
      await join('zoe');
      act(() => void vi.advanceTimersByTime(9_000));
      expect(screen.getByRole('status').textContent).toBe('3 people came online');
      act(() => void vi.advanceTimersByTime(1_000));
      expect(screen.getByRole('status').textContent).toBe('zoe came online');
    } finally {
      vi.useRealTimers();
    }
  });
});
