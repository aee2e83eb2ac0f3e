// @vitest-environment jsdom
/** My own presence: rows 43 and 44 as far as they are this side's. */
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CustomStatusForm } from '../../src/react/custom-status-form';
import { StatusPicker } from '../../src/react/status-picker';
import { useMyPresence } from '../../src/react/use-my-presence';
import { person } from '../fake-server';
import { type Page, show } from './render';

afterEach(() => vi.useRealTimers());

function calls(page: Page): string[] {
  return page.browser.server.social.calls;
}

function lastBody(page: Page): Record<string, unknown> {
  return JSON.parse(calls(page).at(-1)?.split(' ').slice(2).join(' ') ?? 'null');
}

function Me() {
  const me = useMyPresence();
  return <output>{`${me.state} ${me.mode} ${me.status} ${me.customStatus?.text ?? '-'}`}</output>;
}

describe('useMyPresence', () => {
  it('reads once for all views of a page, and again after a reconnect', async () => {
    const page = await show(
      <>
        <Me />
        <Me />
        <StatusPicker />
      </>,
    );
    expect(calls(page)).toEqual(['GET /me/status/']);
    expect(screen.getAllByRole('status')[0]?.textContent).toBe('ready auto online -');
    await page.change(() => page.browser.server.last.close(1006));
    await page.advance(5_000);
    expect(calls(page)).toHaveLength(2);
  });

  it('hears of what another device of mine did', async () => {
    const me = person('me');
    const page = await show(<Me />, {
      people: [me],
      prepare: ({ server }) => {
        server.features = ['users'];
      },
    });
    const { social } = page.browser.server;
    social.status = { ...social.status, mode: 'dnd', status: 'dnd' };
    await page.change(() => page.browser.server.change({ ...me, status: 'dnd', version: 9 }, 'changed'));
    await page.advance(100);
    expect(screen.getByRole('status').textContent).toBe('ready dnd dnd -');
  });

  it('44. what ends by itself is gone on time', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, now: Date.parse('2026-11-24T01:02:03Z') });
    const page = await show(<Me />, {
      prepare: ({ server }) => {
        const until = '2026-11-24T01:32:03.000000Z';
        server.social.status.custom = { emoji: null, text: 'Lunch', until, show_offline: false };
      },
    });
    expect(screen.getByRole('status').textContent).toBe('ready auto online Lunch');
    page.browser.nowMs += 30 * 60_000;
    await page.change(() => void vi.advanceTimersByTime(30 * 60_000 + 300));
    await page.advance(0);
    expect(screen.getByRole('status').textContent).toBe('ready auto online -');
  });

  it('forgets with the sign-out', async () => {
    const page = await show(<Me />);
    await page.change(() => page.client.disconnect({ forget: true }));
    expect(screen.getByRole('status').textContent).toBe('loading auto offline -');
  });
});

describe('<StatusPicker/>', () => {
  it('is a named group of buttons, one of them pressed', async () => {
    await show(<StatusPicker />);
    const group = screen.getByRole('group', { name: 'My status' });
    const buttons = within(group).getAllByRole('button');
    expect(buttons.map((each) => each.getAttribute('aria-pressed'))).toEqual([
      'true',
      'false',
      'false',
      'false',
    ]);
    // 3. By shape: each has another one.
    const shapes = buttons.map((each) => each.querySelector('.ha-dot')?.getAttribute('data-status'));
    expect(shapes).toEqual(['online', 'away', 'dnd', 'offline']);
  });

  it('sets the mode with the chosen end, and says until when', async () => {
    const page = await show(<StatusPicker />);
    const user = userEvent.setup();
    await user.selectOptions(screen.getByLabelText('For how long'), '1 hour');
    await user.click(screen.getByRole('button', { name: /^Do not disturb/ }));
    await waitFor(() => expect(calls(page).at(-1)).toMatch(/^PUT/));
    const { mode, until } = lastBody(page);
    expect(mode).toBe('dnd');
    expect(Date.parse(String(until)) - Date.now()).toBeGreaterThan(3_590_000);
    expect(await screen.findByText(/^Until /, { selector: 'p' })).toBeTruthy();
    expect(screen.getByRole('button', { name: /^Do not disturb/ }).getAttribute('aria-pressed')).toBe('true');
  });

  it('online takes every end away', async () => {
    const page = await show(<StatusPicker />, {
      prepare: ({ server }) => {
        server.social.status = {
          ...server.social.status,
          mode: 'away',
          until: '2099-01-01T00:00:00.000000Z',
        };
      },
    });
    await userEvent.click(screen.getByRole('button', { name: /^Online/ }));
    await waitFor(() => expect(lastBody(page)).toEqual({ mode: 'auto', until: null }));
    expect(screen.queryByText(/^Until /, { selector: 'p' })).toBeNull();
  });

  it('a date is sent when it is whole, not at each of its parts', async () => {
    const page = await show(<StatusPicker />);
    const user = userEvent.setup();
    await user.click(screen.getByRole('button', { name: /^Away/ }));
    await waitFor(() => expect(calls(page)).toHaveLength(2));
    await user.selectOptions(screen.getByLabelText('For how long'), 'Until a date…');
    const field = screen.getByLabelText('Date and time');
    await user.clear(field);
    await user.type(field, '2030-05-01T12:00');
    expect(calls(page)).toHaveLength(2);
    await user.click(screen.getByRole('button', { name: 'Set' }));
    await waitFor(() =>
      expect(lastBody(page)).toEqual({ mode: 'away', until: new Date('2030-05-01T12:00').toISOString() }),
    );
  });

  it('27. a refusal is told in the words of the server, and the mode stays', async () => {
    const page = await show(<StatusPicker />);
    page.browser.server.social.refusal = 'Not more than 20 changes a minute.';
    await userEvent.click(screen.getByRole('button', { name: /^Away/ }));
    expect((await screen.findByText(/Not more than 20/)).getAttribute('role')).toBe('status');
    expect(screen.getByRole('button', { name: /^Online/ }).getAttribute('aria-pressed')).toBe('true');
  });
});

describe('<CustomStatusForm/>', () => {
  it('44. a suggestion fills text, emoji and end; saving sends them', async () => {
    const page = await show(<CustomStatusForm />);
    const user = userEvent.setup();
    await user.click(screen.getByRole('button', { name: 'In a meeting' }));
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(calls(page).at(-1)).toMatch(/^PUT/));
    const custom = lastBody(page).custom as Record<string, string>;
    expect(custom).toMatchObject({ emoji: '📅', text: 'In a meeting', show_offline: false });
    expect(Date.parse(String(custom.until)) - Date.now()).toBeGreaterThan(3_590_000);
    expect(await screen.findByText('Saved')).toBeTruthy();
  });

  it('44. the end that is there is kept across a reload, unless another one is chosen', async () => {
    const until = '2099-01-01T00:00:00.000000Z';
    const page = await show(<CustomStatusForm />, {
      prepare: ({ server }) => {
        server.social.status.custom = { emoji: '🌴', text: 'Away', until, show_offline: true };
      },
    });
    const user = userEvent.setup();
    expect((screen.getByLabelText('For how long') as HTMLSelectElement).value).toBe('keep');
    await user.type(screen.getByLabelText('Status'), ' far');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() =>
      expect(lastBody(page).custom).toEqual({ emoji: '🌴', text: 'Away far', until, show_offline: true }),
    );
    await user.selectOptions(screen.getByLabelText('For how long'), 'Until I change it');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(lastBody(page).custom).not.toHaveProperty('until'));
  });

  it('clears, and an empty one is cleared too', async () => {
    const page = await show(<CustomStatusForm />, {
      prepare: ({ server }) => {
        server.social.status.custom = { emoji: null, text: 'Away', until: null, show_offline: false };
      },
    });
    const user = userEvent.setup();
    await user.clear(screen.getByLabelText('Status'));
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(lastBody(page)).toEqual({ custom: null }));
    expect(screen.queryByRole('button', { name: 'Clear' })).toBeNull();
  });

  it('13. counts characters as people do, and sends no more than 100', async () => {
    const page = await show(<CustomStatusForm />);
    const user = userEvent.setup();
    const field = screen.getByLabelText('Status');
    await user.click(field);
    await user.paste('👩‍👩‍👧‍👦'.repeat(99));
    expect(screen.getByText('One character left')).toBeTruthy();
    await user.paste('ab');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', true);
    expect(calls(page)).toEqual(['GET /me/status/']);
  });

  it('13. the emoji is one, whatever was typed', async () => {
    await show(<CustomStatusForm />);
    const field = screen.getByLabelText('Emoji') as HTMLInputElement;
    await userEvent.click(field);
    await userEvent.paste('🙂👩‍👩‍👧‍👦');
    expect(field.value).toBe('👩‍👩‍👧‍👦');
  });
});
