import type { Environment } from './environment';
import type { ListReader } from './list-reader';
import type { News } from './state';
import type { Store } from './store';
import type { PresenceError } from './types';

/** How often the list is read beside the socket, as the original did. */
export const POLL_EVERY_MS = 30_000;

export interface ListPollOptions {
  environment: Environment;
  reader: ListReader;
  store: Store;
  /** How many people are shown; 0 when nobody looks. */
  limit(): number;
  /** Whether the friends are wanted, and no socket tells of them. */
  wantsFriends(): boolean;
  /** Whether it is this tab's turn: the leader reads for all. */
  isMine(): boolean;
  apply(news: News): void;
  /** The socket's list differs from the read one though nothing moved meanwhile. */
  onMismatch(): void;
  /** Deals with what went wrong; gives its text back. */
  onError(error: unknown): string;
}

/** Reads the online list every 30 s: what shows when no socket connects, and the check on the one that does. */
export interface ListPoll {
  /** Read in this time at the latest. */
  within(ms: number): void;
  now(): Promise<void>;
  stop(): void;
}

export function createListPoll(options: ListPollOptions): ListPoll {
  const { environment, store } = options;
  let stopTimer: () => void = () => {};
  let dueAt = Infinity;
  let running: Promise<void> | null = null;

  function within(ms: number): void {
    const at = environment.now() + ms;
    if (at >= dueAt) return;
    stop();
    dueAt = at;
    stopTimer = environment.after(ms, () => void now());
  }

  function stop(): void {
    stopTimer();
    dueAt = Infinity;
  }

  function now(): Promise<void> {
    stop();
    running ??= read().finally(() => {
      running = null;
    });
    return running;
  }

  async function read(): Promise<void> {
    const limit = options.limit();
    if (limit === 0 || !options.isMine()) return;
    within(POLL_EVERY_MS);
    const before = store.state;
    try {
      // A request would only print an error into the console.
      if (!environment.isOnline()) throw new Error('offline');
      const friends = options.wantsFriends() ? (await options.reader.friends()).rows : null;
      const { rows, total } = await options.reader.online(limit);
      if (!options.isMine()) return;
      const { isLive, window } = store.state;
      options.apply({ type: 'list', rows, total, friends });
      if (!isLive || !window || window !== before.window) return;
      const ids = new Set(window.ordered.map((user) => user.id));
      // Beyond the window's size the two may rightly show different people; the total must agree.
      const differs = total !== window.total || (total <= limit && rows.some((row) => !ids.has(row.id)));
      if (differs) options.onMismatch();
    } catch (error) {
      if (!options.isMine()) return;
      const unreachable: PresenceError = { code: 'unreachable', message: options.onError(error) };
      options.apply({ type: 'list-failed', error: unreachable });
    }
  }

  return { within, now, stop };
}
