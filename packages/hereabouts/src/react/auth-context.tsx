import { createContext, type ReactNode, useCallback, useContext, useMemo, useSyncExternalStore } from 'react';
import {
  AUTH_STORAGE_KEY,
  type AuthState,
  type AuthStorage,
  type AuthStorageKind,
  type AuthUser,
  createAuthStorage,
} from './auth-storage';

export interface Auth {
  user: AuthUser | null;
  accessToken: string | null;
  isAuthenticated: boolean;
  /** Keeps what the app's own sign-in returned. */
  login(state: { accessToken: string; refreshToken?: string | null; user?: AuthUser | null }): void;
  logout(): void;
}

interface AuthContextValue extends Auth {
  storage: AuthStorage;
  kind: AuthStorageKind;
}

const AuthContext = createContext<AuthContextValue | null>(null);

export interface AuthProviderProps {
  children: ReactNode;
  /** Where the sign-in is kept. */
  storageKey?: string;
  /** `sessionStorage` keeps one sign-in for each window, `localStorage` one for the whole browser. */
  storage?: AuthStorageKind;
}

/** A sign-in for apps that have none of their own: kept in the browser, the same in every component. */
export function AuthProvider({
  children,
  storageKey = AUTH_STORAGE_KEY,
  storage: kind = 'localStorage',
}: AuthProviderProps) {
  const storage = useMemo(() => createAuthStorage(storageKey, kind), [storageKey, kind]);
  const state = useSyncExternalStore<AuthState | null>(storage.subscribe, storage.read, signedOutOnServer);
  const login = useCallback<Auth['login']>(
    ({ accessToken, refreshToken = null, user = null }) => storage.write({ accessToken, refreshToken, user }),
    [storage],
  );
  const logout = useCallback(() => storage.write(null), [storage]);
  const value = useMemo(
    () => ({
      user: state?.user ?? null,
      accessToken: state?.accessToken ?? null,
      isAuthenticated: state !== null,
      login,
      logout,
      storage,
      kind,
    }),
    [state, login, logout, storage, kind],
  );
  return <AuthContext.Provider value={value}>{children}</AuthContext.Provider>;
}

/** The sign-in of the nearest `AuthProvider`. */
export function useAuth(): Auth {
  const auth = useContext(AuthContext);
  if (!auth) {
    throw new Error(
      'useAuth needs an <AuthProvider> above it. Wrap your app: <AuthProvider><UserStatusProvider>…</UserStatusProvider></AuthProvider>.',
    );
  }
  return auth;
}

/** The same, where there may be none. */
export function useOptionalAuth(): AuthContextValue | null {
  return useContext(AuthContext);
}

function signedOutOnServer(): null {
  return null;
}
