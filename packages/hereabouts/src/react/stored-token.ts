import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { AUTH_STORAGE_KEY, createAuthStorage } from './auth-storage';

const LOOK_EVERY_MS = 1_000;

/** The token an app without our `AuthProvider` keeps in local storage, in the original's form. */
export function useStoredToken(isUsed: boolean): { token: string | null; read(): string | null } {
  const storage = useMemo(() => createAuthStorage(AUTH_STORAGE_KEY, 'localStorage'), []);
  const read = useCallback(() => (isUsed ? (storage.read()?.accessToken ?? null) : null), [storage, isUsed]);
  const subscribe = useCallback(
    (listener: () => void) => {
      if (!isUsed) return () => {};
      const stop = storage.subscribe(listener);
      // No event tells a tab of its own writes, so that a sign-in by the app's code must be looked for.
      const timer = setInterval(listener, LOOK_EVERY_MS);
      return () => {
        stop();
        clearInterval(timer);
      };
    },
    [storage, isUsed],
  );
  return { token: useSyncExternalStore(subscribe, read, () => null), read };
}
