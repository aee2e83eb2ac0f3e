import { useCallback, useSyncExternalStore } from 'react';
import { useHereabouts } from './context';
import { dateText, relativeTime } from './time';

const TICK_MS = 20_000;

/** `5m ago`, kept current. On a server-rendered page the date, which is the same everywhere. */
export function useRelativeTime(iso: string | null | undefined): string {
  const { client, locale, messages } = useHereabouts('useRelativeTime');
  const read = useCallback(() => {
    if (!iso) return '';
    // The server's clock, not this machine's: a wrong clock here must not turn "just now" into "2h ago".
    return relativeTime(iso, Date.now() + client.getSnapshot().clockOffsetMs, locale, messages);
  }, [iso, client, locale, messages]);
  return useSyncExternalStore(
    subscribeToTicks,
    read,
    useCallback(() => (iso ? dateText(iso, locale) : ''), [iso, locale]),
  );
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One timer for all texts on the page. */
function subscribeToTicks(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of [...listeners]) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
