import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { messageOf } from '../core/errors';
import type { ActivityPage, ActivityRow } from '../core/protocol';
import { selectStatus, useHereabouts, useSnapshot } from './context';
import { mergeRows } from './timeline';

/** How often the newest rows are read while the page is looked at. */
const POLL_MS = 30_000;
/** What this visit itself adds is written a moment after the page is there. */
const SETTLED_MS = 3_000;

export interface ActivityOptions {
  /** Mine, or that of my friends as far as they let me. */
  scope?: 'me' | 'friends';
  /** Of this person, as far as they let me; `scope` is not looked at then. */
  userId?: string;
  /** Rows of a page. */
  limit?: number;
}

export interface Activity {
  /** Newest first. */
  rows: readonly ActivityRow[];
  state: 'loading' | 'ready' | 'error';
  /** The server's sentence about what failed. */
  error: string | null;
  hasMore: boolean;
  /** Reads the next older page; gives the rows that came. */
  loadMore(): Promise<readonly ActivityRow[]>;
  refetch(): Promise<void>;
}

interface Read {
  key: string;
  rows: readonly ActivityRow[];
  /** Where the next older page is; null at the end, undefined before the first answer. */
  next: string | null | undefined;
  error: string | null;
}

const NO_ROWS: readonly ActivityRow[] = [];

/** Who came and went: the newest rows at once and every 30 s, older ones when asked. */
export function useActivity({ scope = 'me', userId, limit = 50 }: ActivityOptions = {}): Activity {
  const { client } = useHereabouts('useActivity');
  const isConnected = useSnapshot(client, selectStatus) === 'connected';
  const whose: Record<string, string> = userId === undefined ? { scope } : { user_id: userId };
  const query = new URLSearchParams({ ...whose, limit: String(limit) });
  const key = `/activity/?${query}`;
  const [read, setRead] = useState<Read>({ key, rows: NO_ROWS, next: undefined, error: null });
  // What was read for another person, or another scope, is not shown for this one.
  const mine = read.key === key ? read : { key, rows: NO_ROWS, next: undefined, error: null };
  const latest = useRef(mine);
  latest.current = mine;

  const get = useCallback(
    async (path: string, isOlder: boolean): Promise<readonly ActivityRow[]> => {
      try {
        const page = await client.request<ActivityPage>('GET', path);
        const before = latest.current;
        if (before.key !== key) return NO_ROWS;
        // A first page that leads to nothing known leaves a gap: the list begins anew.
        const isGap = !isOlder && before.rows.length > 0 && !page.results.some(isIn(before.rows));
        const rows = isGap ? page.results : mergeRows(before.rows, page.results);
        const next = isOlder || isGap || before.next === undefined ? page.next : before.next;
        setRead({ key, rows, next, error: null });
        return page.results;
      } catch (error) {
        const { rows, next } = latest.current;
        setRead({ key, rows, next, error: messageOf(error) });
        return NO_ROWS;
      }
    },
    [client, key],
  );
  const refetch = useCallback(async () => void (await get(key, false)), [get, key]);
  useEffect(() => {
    if (!isConnected) return;
    void refetch();
    const settled = setTimeout(() => void refetch(), SETTLED_MS);
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void refetch();
    }, POLL_MS);
    return () => {
      clearTimeout(settled);
      clearInterval(timer);
    };
  }, [refetch, isConnected]);

  const { next } = mine;
  const loadMore = useCallback(async () => (next ? get(pathOf(next), true) : NO_ROWS), [get, next]);
  return useMemo(
    () => ({
      rows: mine.rows,
      error: mine.error,
      state: mine.next !== undefined ? 'ready' : mine.error === null ? 'loading' : 'error',
      hasMore: mine.next !== undefined && mine.next !== null,
      loadMore,
      refetch,
    }),
    [mine.rows, mine.error, mine.next, loadMore, refetch],
  );
}

function isIn(rows: readonly ActivityRow[]): (row: ActivityRow) => boolean {
  const ids = new Set(rows.map((row) => row.id));
  return (row) => ids.has(row.id);
}

/** The address of a page, whole or from the site's root, as a path below the API. */
function pathOf(address: string): string {
  return `/activity/${new URL(address, 'http://any').search}`;
}
