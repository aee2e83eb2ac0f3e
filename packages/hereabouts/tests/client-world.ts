import { createPresenceClient } from '../src/core/client';
import type { PresenceClient, PresenceClientOptions } from '../src/core/types';
import { FakeBrowser, type FakeTab, tokenFor } from './fake-browser';

export const QUIET = { warn: () => {}, debug: () => {} };

/** A client in a tab of a fake browser, signed in as `me`. */
export function clientIn(tab: FakeTab, options: Partial<PresenceClientOptions> = {}): PresenceClient {
  return createPresenceClient(
    { url: 'https://app.test/api', getToken: async () => tokenFor('me'), logger: QUIET, ...options },
    tab.environment,
  );
}

export interface World {
  browser: FakeBrowser;
  tab: FakeTab;
  client: PresenceClient;
}

/** One tab with a connected client. */
export async function connected(options: Partial<PresenceClientOptions> = {}): Promise<World> {
  const browser = new FakeBrowser();
  const tab = browser.openTab();
  const client = clientIn(tab, options);
  client.connect();
  await browser.settle();
  return { browser, tab, client };
}
