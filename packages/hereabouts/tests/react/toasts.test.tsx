// @vitest-environment jsdom
/** Rows 41 and 42: notices of people one waits for. */
import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PresenceToasts } from '../../src/react/presence-toasts';
import { person } from '../fake-server';
import { type Page, show } from './render';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function arrive(page: Page, ...names: string[]): Promise<void> {
  await page.change(() => {
    for (const name of names) page.browser.server.last.say({ type: 'watch.online', user: person(name) });
  });
}

function pass(ms: number): void {
  act(() => void vi.advanceTimersByTime(ms));
}

function texts(): string[] {
  return screen
    .queryAllByRole('listitem')
    .map((item) => item.querySelector('.ha-toast-text')?.textContent ?? '');
}

it('41. only for people one waits for: who comes otherwise, or is there at first, is none', async () => {
  const page = await show(<PresenceToasts />, { people: [person('eve')] });
  await page.change(() => {
    page.client.watchOnline(9);
    page.client.follow('everyone');
  });
  await page.advance(100);
  await page.change(() => page.browser.server.change(person('bob'), 'joined'));
  expect(texts()).toEqual([]);
  await arrive(page, 'ada');
  expect(texts()).toEqual(['ada is online']);
});

it('41. three at most, the others are one line; nobody is named twice', async () => {
  const page = await show(<PresenceToasts />);
  await arrive(page, 'ada', 'bob', 'eve', 'ada', 'joe', 'kim');
  expect(texts()).toEqual(['ada is online', 'bob is online', 'eve is online', '2 more people came online']);
});

it('42. is polite, stands 5 s at least, and goes by itself', async () => {
  const page = await show(<PresenceToasts duration={1} />);
  const list = screen.getByRole('region', { name: 'People who came online' }).querySelector('ul');
  // The region is there before its first text, or that would not be read out.
  expect(list?.getAttribute('aria-live')).toBe('polite');
  await arrive(page, 'ada');
  pass(4_900);
  expect(texts()).toHaveLength(1);
  pass(200);
  expect(texts()).toHaveLength(0);
});

it.each([
  ['hover', fireEvent.pointerEnter, fireEvent.pointerLeave],
  ['focus', fireEvent.focus, fireEvent.blur],
])('42. waits under %s', async (_, begin, end) => {
  const page = await show(<PresenceToasts />);
  await arrive(page, 'ada');
  pass(7_000);
  const target = screen.getByRole('button', { name: 'Dismiss: ada is online' });
  begin(begin === fireEvent.focus ? target : (target.closest('ul') as Element));
  pass(60_000);
  expect(texts()).toHaveLength(1);
  end(end === fireEvent.blur ? target : (target.closest('ul') as Element));
  pass(1_100);
  expect(texts()).toHaveLength(0);
});

it('42. is closed by keyboard, and the focus stays among the rest', async () => {
  const page = await show(<PresenceToasts />);
  await arrive(page, 'ada', 'bob');
  const first = screen.getByRole('button', { name: 'Dismiss: ada is online' });
  act(() => first.focus());
  fireEvent.keyDown(first, { key: 'Escape' });
  expect(texts()).toEqual(['bob is online']);
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Dismiss: bob is online' }));
  fireEvent.click(document.activeElement as Element);
  expect(texts()).toEqual([]);
  // The hold ended with the last one: the next goes by itself.
  await arrive(page, 'eve');
  pass(9_000);
  expect(texts()).toEqual([]);
});

it('a hidden page says it through the system, where that is allowed, once for each person', async () => {
  const notices: [string, NotificationOptions][] = [];
  class FakeNotification {
    static permission = 'granted';
    onclick = null;
    constructor(text: string, options: NotificationOptions) {
      notices.push([text, options]);
    }
  }
  vi.stubGlobal('Notification', FakeNotification);
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  const page = await show(<PresenceToasts />);
  await arrive(page, 'ada');
  expect(notices).toEqual([['ada is online', { tag: 'hereabouts-ada' }]]);
  FakeNotification.permission = 'default';
  await arrive(page, 'bob');
  expect(notices).toHaveLength(1);
});

it('14. a name that reads the other way is set apart', async () => {
  const page = await show(<PresenceToasts />);
  await arrive(page, 'آدا', 'ada');
  expect(texts()).toEqual(['\u2068آدا\u2069 is online', 'ada is online']);
  page.view.unmount();
  const other = await show(<PresenceToasts />, { dir: 'rtl' });
  await arrive(other, 'آدا', 'ada');
  expect(texts()).toEqual(['آدا is online', '\u2068ada\u2069 is online']);
});

it('13. a name is text', async () => {
  const page = await show(<PresenceToasts />);
  await arrive(page, '<img src=x onerror=alert(1)>');
  expect(texts()).toEqual(['<img src=x onerror=alert(1)> is online']);
  expect(document.querySelector('.ha-toast img')).toBeNull();
});
