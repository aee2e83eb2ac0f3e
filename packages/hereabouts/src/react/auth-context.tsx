import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import type { GetToken } from '../core/types';
import { type AuthBackend, type AuthFields, createAuthBackend } from './auth-backend';
import { type AuthSnapshot, createAuthSession } from './auth-session';
import {
  AUTH_STORAGE_KEY,
  type AuthState,
  type AuthStorageKind,
  type AuthUser,
  createAuthStorage,
} from './auth-storage';
import { apiBaseUrl } from './environment-names';
import { useLatest } from './hooks';

/** A sign-in that the app has got by itself. */
export interface SignedIn {
  accessToken: string;
  refreshToken?: string | null;
  user?: AuthUser | null;
}

export interface Auth {
  user: AuthUser | null;
  accessToken: string | null;
  isAuthenticated: boolean;
  /** Signs in with a name and a password, or keeps what the app's own sign-in returned. Throws `AuthError`. */
  login(given: AuthFields | SignedIn): Promise<AuthUser | null>;
  /** Makes an account and signs in to it. Throws `AuthError`. */
  register(fields: AuthFields): Promise<AuthUser | null>;
  /** Signs out: here and in every tab of this browser at once, on the server as soon as it hears of it. */
  logout(): void;
  /** A token that is good now, renewed if need be: for the app's own calls. Null when nobody is signed in. */
  getToken: GetToken;
}

interface AuthContextValue extends Auth {
  kind: AuthStorageKind;
}

const AuthContext = createContext<AuthContextValue | null>(null);

export interface AuthProviderProps {
  children: ReactNode;
  /** Base of the API. Default: `NEXT_PUBLIC_API_BASE_URL`, or `/api` on this site. */
  url?: string;
  /** Where the sign-in is kept. */
  storageKey?: string;
  /** `sessionStorage` keeps one sign-in for each window, `localStorage` one for the whole browser. */
  storage?: AuthStorageKind;
  /** Where sign-ins come from, in whole or in part. Default: the accounts of the server at `url`. */
  backend?: Partial<AuthBackend>;
}

/** A sign-in for apps that have none of their own: kept in the browser, renewed in time, the same in every tab. */
export function AuthProvider({
  children,
  url = apiBaseUrl(),
  storageKey = AUTH_STORAGE_KEY,
  storage: kind = 'localStorage',
  backend: given,
}: AuthProviderProps) {
  const backend = useBackend(url, given);
  const session = useMemo(
    () => createAuthSession(storageKey, createAuthStorage(storageKey, kind), backend),
    [storageKey, kind, backend],
  );
  useEffect(() => session.keepFresh(), [session]);
  const { state, isEnded } = useSyncExternalStore(
    session.subscribe,
    () => session.snapshot,
    signedOutOnServer,
  );
  const actions = useMemo(() => {
    const keep = (signedIn: SignedIn): AuthUser | null => {
      const { accessToken, refreshToken = null, user = null } = signedIn;
      session.write({ accessToken, refreshToken, user });
      return user;
    };
    return {
      login: async (fields: AuthFields | SignedIn) =>
        keep('accessToken' in fields ? (fields as SignedIn) : await backend.login(fields as AuthFields)),
      register: async (fields: AuthFields) => keep(await backend.register(fields)),
      logout() {
        const { state } = session.snapshot;
        session.write(null);
        if (state) backend.logout(state).catch(() => {});
      },
      getToken: session.getToken,
    };
  }, [session, backend]);
  const value = useMemo(
    () => ({
      user: state?.user ?? null,
      accessToken: state?.accessToken ?? null,
      isAuthenticated: state !== null && !isEnded,
      ...actions,
      kind,
    }),
    [state, isEnded, actions, kind],
  );
  return <AuthContext.Provider value={value}>{children}</AuthContext.Provider>;
}

/** One backend for the life of the provider: what the app gives may be a new object on every render. */
function useBackend(url: string, given: Partial<AuthBackend> = {}): AuthBackend {
  const own = useMemo(() => createAuthBackend(url), [url]);
  const latest = useLatest({ ...own, ...given });
  return useState<AuthBackend>(() => ({
    register: (fields) => latest.current.register(fields),
    login: (fields) => latest.current.login(fields),
    refresh: (state: AuthState) => latest.current.refresh(state),
    logout: (state: AuthState) => latest.current.logout(state),
  }))[0];
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

const SIGNED_OUT: AuthSnapshot = { state: null, isEnded: false };

function signedOutOnServer(): AuthSnapshot {
  return SIGNED_OUT;
}
