import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { OwnCustomStatus, Presence, SetCustomStatus } from '../core/protocol';
import type { PresenceMode, PresenceStatus } from '../core/types';
import { useHereabouts } from './context';
import { myStoreOf, NOTHING_KNOWN } from './my-store';

export interface MyPresence {
  /** What is true now; `offline` until known. */
  status: PresenceStatus;
  /** What I chose. */
  mode: PresenceMode;
  /** When the mode ends by itself. */
  until: string | null;
  customStatus: OwnCustomStatus | null;
  /** What people get whom none of my rules keeps out. */
  asOthersSee: Presence | null;
  state: 'loading' | 'ready' | 'error';
  /** The server's sentence about the last call that failed. */
  error: string | null;
  /** Rejects with the server's sentence when it refuses. Without `until` the server's default for the mode holds. */
  setMode(mode: PresenceMode, until?: string | null): Promise<void>;
  /** null clears it. */
  setCustomStatus(custom: SetCustomStatus | null): Promise<void>;
  refetch(): Promise<void>;
}

/** My own presence: what I chose, what is true, and the means to change it. All views of a page share one request. */
export function useMyPresence(): MyPresence {
  const { client } = useHereabouts('useMyPresence');
  const store = myStoreOf(client);
  const { status, error } = useSyncExternalStore(
    store.subscribe,
    () => store.state,
    () => NOTHING_KNOWN,
  );
  const setMode = useCallback(
    (mode: PresenceMode, until?: string | null) => store.save(client.setMode(mode, until)),
    [client, store],
  );
  const setCustomStatus = useCallback(
    (custom: SetCustomStatus | null) => store.save(client.setCustomStatus(custom)),
    [client, store],
  );
  return useMemo(
    () => ({
      status: status?.status ?? 'offline',
      mode: status?.mode ?? 'auto',
      until: status?.until ?? null,
      customStatus: status?.custom ?? null,
      asOthersSee: status?.as_others_see ?? null,
      state: status ? 'ready' : error === null ? 'loading' : 'error',
      error,
      setMode,
      setCustomStatus,
      refetch: store.load,
    }),
    [status, error, setMode, setCustomStatus, store],
  );
}
