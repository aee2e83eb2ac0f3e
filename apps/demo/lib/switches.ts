'use client';

import { useSyncExternalStore } from 'react';

/** What the address of a page may ask for; the browser tests and curious visitors use it. */
export interface Switches {
  /** `?as=ada`: sign this window in as Ada. */
  as: string | null;
  /** `?multiTab=per-tab`: a socket of its own for each tab, to see it in the network panel. */
  multiTab: 'shared' | 'per-tab';
  /** `?storage=local`: keep the sign-in for the whole browser, as the original did. */
  storage: 'sessionStorage' | 'localStorage';
  /** `?showSelf=1`: the card shows me, too. */
  showSelf: boolean;
}

const DEFAULTS: Switches = { as: null, multiTab: 'shared', storage: 'sessionStorage', showSelf: false };

let current: Switches | undefined;

/** Read once per load: moving to another page of the demo must not change them. */
function readOnce(): Switches {
  if (current) return current;
  const query = new URLSearchParams(window.location.search);
  current = {
    as: query.get('as'),
    multiTab: query.get('multiTab') === 'per-tab' ? 'per-tab' : 'shared',
    storage: query.get('storage') === 'local' ? 'localStorage' : 'sessionStorage',
    showSelf: query.has('showSelf') && query.get('showSelf') !== '0',
  };
  return current;
}

const subscribe = () => () => {};

export function useSwitches(): Switches {
  return useSyncExternalStore(subscribe, readOnce, () => DEFAULTS);
}
