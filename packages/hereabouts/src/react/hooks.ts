import { useCallback, useEffect, useRef } from 'react';
import type { ConnectionStatus, LostConnection, PresenceUser, StatusChange } from '../core/types';
import { selectStatus, useHereabouts, useSnapshot } from './context';

export interface UserStatus {
  isConnected: boolean;
  connectionStatus: ConnectionStatus;
  sendPing(): void;
  /** Leaves: others see this person go, unless another tab of theirs stays. */
  disconnect(): void;
  /** Comes back after `disconnect`. */
  connect(): void;
}

/**
 * The original's hook. A callback hears of everybody who comes or goes; it may be a new function on every render,
 * and it never causes a reconnect. Without one, nothing is asked of the server.
 */
export function useUserStatus(onStatusChange?: (change: StatusChange) => void): UserStatus {
  const { client } = useHereabouts('useUserStatus');
  const connectionStatus = useSnapshot(client, selectStatus);
  const latest = useLatest(onStatusChange);
  const isListening = onStatusChange !== undefined;
  useEffect(() => {
    if (!isListening) return;
    const stopFollowing = client.follow('everyone');
    const stopListening = client.on('status-changed', (change) => latest.current?.(change));
    return () => {
      stopListening();
      stopFollowing();
    };
  }, [client, isListening, latest]);
  const sendPing = useCallback(() => client.sendPing(), [client]);
  const disconnect = useCallback(() => client.disconnect(), [client]);
  const connect = useCallback(() => client.connect(), [client]);
  return { isConnected: connectionStatus === 'connected', connectionStatus, sendPing, disconnect, connect };
}

/** One person, wherever they stand in the list. Renders again for that person only. */
export function useUserPresence(id: string): PresenceUser | undefined {
  const { client } = useHereabouts('useUserPresence');
  useEffect(() => client.follow([id]), [client, id]);
  return useSnapshot(
    client,
    useCallback((snapshot) => snapshot.byId.get(id), [id]),
  );
}

/** Calls back when the connection has been missing for a while, is restored, or is given up. */
export function useLostConnection(callback: (event: LostConnection) => void): void {
  const { client } = useHereabouts('useLostConnection');
  const latest = useLatest(callback);
  useEffect(() => client.on('lost-connection', (event) => latest.current(event)), [client, latest]);
}

/** The newest value, for callbacks that must not start anything anew. */
export function useLatest<Value>(value: Value): { readonly current: Value } {
  const ref = useRef(value);
  useEffect(() => {
    ref.current = value;
  });
  return ref;
}
