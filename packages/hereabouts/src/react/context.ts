import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ConnectionStatus, PresenceClient, PresenceSnapshot } from '../core/types';
import type { Messages } from './messages';

/** What the provider gives to everything below it. */
export interface Hereabouts {
  client: PresenceClient;
  locale: string;
  dir: 'ltr' | 'rtl' | undefined;
  messages: Messages;
  /** What "Sign in again" does. */
  signIn(): void;
}

export const HereaboutsContext = createContext<Hereabouts | null>(null);

export function useHereabouts(caller: string): Hereabouts {
  const value = useContext(HereaboutsContext);
  if (!value) {
    throw new Error(
      `${caller} needs a <UserStatusProvider> above it. Wrap your app in the root layout: ` +
        '<AuthProvider><UserStatusProvider>{children}</UserStatusProvider></AuthProvider>.',
    );
  }
  return value;
}

/** One part of what the client knows. `select` must give the same object while its part did not change. */
export function useSnapshot<Part>(
  client: PresenceClient,
  select: (snapshot: PresenceSnapshot) => Part,
): Part {
  return useSyncExternalStore(
    client.subscribe,
    () => select(client.getSnapshot()),
    () => select(client.getServerSnapshot()),
  );
}

export const selectStatus = (snapshot: PresenceSnapshot): ConnectionStatus => snapshot.connectionStatus;

/** The client of the nearest provider, for what the hooks do not offer. */
export function usePresenceClient(): PresenceClient {
  return useHereabouts('usePresenceClient').client;
}

/** Whether this browser is connected; throws outside the provider, as the original did. */
export function useUserStatusContext(): { isConnected: boolean; connectionStatus: ConnectionStatus } {
  const { client } = useHereabouts('useUserStatusContext');
  const connectionStatus = useSnapshot(client, selectStatus);
  return { isConnected: connectionStatus === 'connected', connectionStatus };
}
