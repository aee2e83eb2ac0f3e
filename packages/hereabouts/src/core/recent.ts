import type { Environment } from './environment';
import { POLL_EVERY_MS } from './list-poll';
import type { ListReader } from './list-reader';
import type { OnlineUser } from './protocol';

/** Reads who was here lately, for views that show it while nobody is. */
export interface RecentReader {
  watch(limit: number): () => void;
  start(): void;
  stop(): void;
}

export function createRecentReader(options: {
  environment: Environment;
  reader: ListReader;
  isRunning(): boolean;
  apply(rows: readonly OnlineUser[]): void;
  onError(error: unknown): void;
}): RecentReader {
  const limits = new Map<symbol, number>();
  let stopTimer: () => void = () => {};

  async function read(): Promise<void> {
    stopTimer();
    if (limits.size === 0 || !options.isRunning()) return;
    stopTimer = options.environment.after(POLL_EVERY_MS, () => void read());
    try {
      const { rows } = await options.reader.recent(Math.max(...limits.values()));
      if (options.isRunning()) options.apply(rows);
    } catch (error) {
      options.onError(error);
    }
  }

  return {
    watch(limit) {
      const key = Symbol();
      limits.set(key, limit);
      void read();
      return () => {
        limits.delete(key);
        if (limits.size === 0) stopTimer();
      };
    },
    start: () => void read(),
    stop: () => stopTimer(),
  };
}
