'use client';

import { usePresenceClient, useUserStatusContext } from 'hereabouts/react';
import { useCallback, useEffect, useState } from 'react';

/** One answer of the API, read anew when asked and after each reconnect. */
export interface Answer<T> {
  value: T | null;
  /** The server's sentence about what failed. */
  error: string | null;
  reload(): Promise<void>;
}

/** Reads `path` (below the API's base) while connected; null reads nothing. */
export function useApi<T>(path: string | null): Answer<T> {
  const client = usePresenceClient();
  const { isConnected } = useUserStatusContext();
  const [state, setState] = useState<{ path: string | null; value: T | null; error: string | null }>({
    path,
    value: null,
    error: null,
  });
  const reload = useCallback(async () => {
    if (path === null) return;
    try {
      setState({ path, value: await client.request<T>('GET', path), error: null });
    } catch (error) {
      setState({ path, value: null, error: error instanceof Error ? error.message : String(error) });
    }
  }, [client, path]);
  useEffect(() => {
    if (isConnected) void reload();
  }, [reload, isConnected]);
  const { value, error } = state.path === path ? state : { value: null, error: null };
  return { value, error, reload };
}
