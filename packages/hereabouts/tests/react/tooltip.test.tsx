// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { OnlineUsers } from '../../src/react';
import { person } from '../fake-server';
import { show } from './render';

const people = [
  person('1', { username: 'Ada Lovelace', custom_status: { emoji: null, text: 'Counting', until: null } }),
  person('2', { username: 'Linus' }),
];

it('opens on hover with name and status, and closes when the pointer leaves', async () => {
  await show(<OnlineUsers />, { people });
  const user = userEvent.setup();
  expect(screen.queryByRole('tooltip')).toBeNull();
  await user.hover(screen.getByText('Ada Lovelace'));
  const tooltip = await screen.findByRole('tooltip');
  expect(tooltip.textContent).toBe('Ada LovelaceonlineCounting');
  await user.unhover(screen.getByText('Ada Lovelace', { selector: '.ha-name bdi' }));
  await user.hover(document.body);
  await waitFor(() => expect(screen.queryByRole('tooltip')).toBeNull());
});

it('opens on focus, describes the card, and Escape closes it without moving the focus', async () => {
  await show(<OnlineUsers onUserClick={() => {}} />, { people });
  const user = userEvent.setup();
  await user.tab();
  const tooltip = await screen.findByRole('tooltip');
  const card = screen.getByRole('button', { name: 'Ada Lovelace, online, Counting' });
  expect(document.activeElement).toBe(card);
  expect(card.getAttribute('aria-describedby')).toBe(tooltip.id);
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('tooltip')).toBeNull());
  expect(document.activeElement).toBe(card);
});

it('follows the focus', async () => {
  await show(<OnlineUsers onUserClick={() => {}} />, { people });
  const user = userEvent.setup();
  await user.tab();
  await screen.findByRole('tooltip');
  await user.tab();
  await waitFor(() => expect(screen.getByRole('tooltip').textContent).toBe('Linusonline'));
});

it('the pointer can enter it', async () => {
  // jsdom lays nothing out: the card stands below the tooltip, with a gap of 8 px between them.
  vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function (this: Element) {
    return this.classList.contains('ha-tooltip') ? new DOMRect(0, 0, 100, 40) : new DOMRect(0, 48, 100, 80);
  });
  await show(<OnlineUsers />, { people });
  const user = userEvent.setup();
  const card = screen.getByText('Linus');
  await user.pointer({ target: card, coords: { clientX: 50, clientY: 60 } });
  const tooltip = await screen.findByRole('tooltip');
  await user.pointer({ target: card, coords: { clientX: 50, clientY: 50 } });
  await user.pointer({ target: tooltip, coords: { clientX: 50, clientY: 39 } });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(screen.queryByRole('tooltip')).not.toBeNull();
});

it('original fault: the tooltip is clipped', async () => {
  const { view } = await show(<OnlineUsers />, { people });
  await userEvent.setup().hover(screen.getByText('Linus'));
  const tooltip = await screen.findByRole('tooltip');
  // Outside the card and out of the flow: no overflow of the page's boxes can cut it.
  expect(view.container.contains(tooltip)).toBe(false);
  expect(tooltip.style.position).toBe('fixed');
});

it('a finger opens none: what it says is printed', async () => {
  await show(<OnlineUsers />, { people });
  await userEvent.setup().pointer({ keys: '[TouchA]', target: screen.getByText('Linus') });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(screen.queryByRole('tooltip')).toBeNull();
});
