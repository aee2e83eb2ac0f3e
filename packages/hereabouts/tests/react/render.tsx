import { act, cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach } from 'vitest';
import type { Presence } from '../../src/core/protocol';
import type { PresenceClient, PresenceClientOptions } from '../../src/core/types';
import { UserStatusProvider, type UserStatusProviderProps } from '../../src/react/user-status-provider';
import { clientIn } from '../client-world';
import { FakeBrowser, type FakeTab } from '../fake-browser';

afterEach(cleanup);

export interface Page {
  browser: FakeBrowser;
  tab: FakeTab;
  client: PresenceClient;
  view: ReturnType<typeof render>;
  /** Moves the clock of the fake browser, and lets React follow. */
  advance(ms: number): Promise<void>;
  /** Runs something that changes what is shown. */
  change(what: () => void): Promise<void>;
  rerender(children: ReactNode): void;
}

interface Setting extends Omit<UserStatusProviderProps, 'children' | 'client'> {
  people?: Presence[];
  options?: Partial<PresenceClientOptions>;
  /** Before anything connects. */
  prepare?: (browser: FakeBrowser) => void;
}

/** Renders into a page whose browser and server are fakes, and lets it connect. */
export async function show(children: ReactNode, setting: Setting = {}): Promise<Page> {
  const { people = [], options, prepare, ...props } = setting;
  const browser = new FakeBrowser();
  browser.server.people = people;
  prepare?.(browser);
  const tab = browser.openTab();
  const client = clientIn(tab, options);
  const wrap = (content: ReactNode) => (
    <UserStatusProvider client={client} {...props}>
      {content}
    </UserStatusProvider>
  );
  const view = render(wrap(children));
  const advance = (ms: number) => act(() => browser.advance(ms));
  await advance(100);
  return {
    browser,
    tab,
    client,
    view,
    advance,
    change: (what) =>
      act(async () => {
        what();
        await browser.settle();
      }),
    rerender: (content) => view.rerender(wrap(content)),
  };
}
