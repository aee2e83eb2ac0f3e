import { openBrowserSocket } from './browser-socket';
import type { Channel, Environment, Locks, WorldEvents } from './environment';

/** The real world: a page where there is one; in Node and in workers what they have of it. */
export function browserEnvironment(): Environment {
  const { location, navigator, document, BroadcastChannel } = globalThis as Partial<typeof globalThis>;
  return {
    page: location?.href,
    now: () => Date.now(),
    random: () => Math.random(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    fetch: (url, init) => fetch(url, init),
    openSocket: openBrowserSocket,
    isOnline: () => navigator?.onLine !== false,
    isVisible: () => document?.visibilityState !== 'hidden',
    listen,
    locks: navigator?.locks ? webLocks(navigator.locks) : null,
    openChannel: BroadcastChannel ? openChannel : null,
  };
}

const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

/** Moving a mouse fires hundreds of events a second; idleness is counted in minutes. */
const INPUT_EVERY_MS = 1_000;

function listen(events: WorldEvents): () => void {
  if (typeof window === 'undefined') return () => {};
  const stopAll = new AbortController();
  const options = { signal: stopAll.signal, capture: true, passive: true };
  const on = <Name extends keyof WindowEventMap>(
    name: Name,
    callback: (event: WindowEventMap[Name]) => void,
  ) => window.addEventListener(name, callback, options);
  on('online', events.onOnline);
  on('offline', events.onOffline);
  on('pagehide', (event) => events.onPageHide(event.persisted));
  on('pageshow', (event) => events.onPageShow(event.persisted));
  // Of the document, but it bubbles.
  on('visibilitychange' as 'focus', () =>
    document.visibilityState === 'visible' ? events.onVisible() : events.onHidden(),
  );
  let lastInput = 0;
  const onInput = () => {
    const now = Date.now();
    if (now - lastInput < INPUT_EVERY_MS) return;
    lastInput = now;
    events.onInput();
  };
  for (const name of INPUTS) on(name, onInput);
  return () => stopAll.abort();
}

function openChannel(name: string, onMessage: (message: unknown) => void): Channel {
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event) => onMessage(event.data);
  return { post: (message) => channel.postMessage(message), close: () => channel.close() };
}

function webLocks(manager: LockManager): Locks {
  return {
    acquire(name, { steal, onHeld, onLost }) {
      let release: () => void = () => {};
      let isReleased = false;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      // A stolen lock cannot be given up while waiting: the two options exclude each other.
      const waiting = new AbortController();
      manager
        .request(name, steal ? { steal } : { signal: waiting.signal }, () => {
          if (!isReleased) onHeld();
          return released;
        })
        .catch(() => {
          if (!isReleased) onLost();
        });
      return {
        release() {
          isReleased = true;
          release();
          waiting.abort();
        },
      };
    },
    async count(name) {
      const { held = [], pending = [] } = await manager.query();
      return [...held, ...pending].filter((lock) => lock.name === name).length;
    },
  };
}
