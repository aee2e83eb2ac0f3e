import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { createPresenceClient } from '../core/client';
import { UnauthorizedError } from '../core/errors';
import type { OnlineUser } from '../core/protocol';
import { userIdOf } from '../core/tokens';
import type { GetToken, PresenceClient, PresenceClientOptions } from '../core/types';
import { useOptionalAuth } from './auth-context';
import { HereaboutsContext } from './context';
import { apiBaseUrl, socketBaseUrl } from './environment-names';
import { useLatest } from './hooks';
import { ENGLISH } from './messages';
import type { AllMessages } from './panel-messages';
import { useStoredToken } from './stored-token';

type ClientSettings = Pick<
  PresenceClientOptions,
  'wsUrl' | 'credentials' | 'idleAfter' | 'multiTab' | 'reconnect' | 'lostConnectionAfter' | 'logger'
>;

export interface UserStatusProviderProps extends ClientSettings {
  children: ReactNode;
  /** A client of your own. You also call `disconnect` on it. */
  client?: PresenceClient;
  /** Base of the API. Default: `NEXT_PUBLIC_API_BASE_URL`, or `/api` on this site. */
  url?: string;
  /** Default: the token `AuthProvider` keeps, or the one under `liberty_auth_v1` in local storage. */
  getToken?: GetToken;
  /** Who is online, as the server knew when it rendered the page: rows of `GET /api/users/online/`. */
  initialUsers?: readonly OnlineUser[];
  locale?: string;
  dir?: 'ltr' | 'rtl';
  /** Texts for every component: a translation of `hereabouts/locales/…`, or some of your own. */
  messages?: Partial<AllMessages>;
  /** What "Sign in again" does. Default: the sign-in is forgotten, so that the app asks for a new one. */
  onSignIn?: () => void;
}

/** One connection for the whole app: opened when somebody signs in, closed when they sign out. */
export function UserStatusProvider(props: UserStatusProviderProps) {
  const { children, client: given, locale = 'en', dir, messages } = props;
  const auth = useOptionalAuth();
  const source = useTokenSource(props.getToken, auth);
  const latestSource = useLatest(source);
  const [own] = useState(
    () => given ?? createOwnClient(props, (request) => latestSource.current.getToken(request)),
  );
  const client = given ?? own;

  useConnection(client, given !== undefined, source.who, auth?.kind !== 'sessionStorage');
  useEffect(() => {
    // A new token for the same person ends "sign in again"; a running connection goes on with it.
    if (source.token === null) return;
    const { error, isConnected } = client.getSnapshot();
    if (error?.code === 'unauthorized') client.connect();
    else if (isConnected) client.renewToken();
  }, [client, source.token]);

  const onSignIn = useLatest(props.onSignIn ?? auth?.logout ?? (() => client.connect()));
  const texts = useMemo(() => ({ ...ENGLISH, ...messages }), [messages]);
  const value = useMemo(
    () => ({ client, locale, dir, messages: texts, signIn: () => onSignIn.current() }),
    [client, locale, dir, texts, onSignIn],
  );
  return <HereaboutsContext.Provider value={value}>{children}</HereaboutsContext.Provider>;
}

/** Connects while somebody is signed in. Another person means: leave, forget, connect anew. */
function useConnection(
  client: PresenceClient,
  isGiven: boolean,
  who: string | null,
  isShared: boolean,
): void {
  const current = useRef(who);
  current.current = who;
  useEffect(() => {
    if (isGiven) {
      client.connect();
      return;
    }
    if (who === null) {
      // Not at once: while a page hydrates, nobody is signed in for a moment.
      const timer = setTimeout(() => client.disconnect({ forget: true }), 0);
      return () => clearTimeout(timer);
    }
    client.connect();
    return () => {
      const isSignOut = current.current !== who;
      client.disconnect({ everyTab: isSignOut && isShared, forget: isSignOut });
    };
  }, [client, isGiven, who, isShared]);
}

interface TokenSource {
  getToken: GetToken;
  token: string | null;
  /** Stands for the person; null while nobody is signed in. */
  who: string | null;
}

function useTokenSource(
  getToken: GetToken | undefined,
  auth: ReturnType<typeof useOptionalAuth>,
): TokenSource {
  const stored = useStoredToken(getToken === undefined && auth === null);
  const lastGiven = useRef<string | null>(null);
  const token = auth ? auth.accessToken : stored.token;
  if (getToken) {
    const who = auth ? auth.accessToken && whoOf(auth.accessToken) : 'given';
    return { getToken, token, who };
  }
  const who = token && whoOf(token);
  if (auth) return { token, who, getToken: auth.getToken };
  return {
    token,
    who,
    async getToken({ reason }) {
      const now = stored.read();
      // The token the server refused is the only one we have.
      if (reason === 'rejected' && now === lastGiven.current) throw new UnauthorizedError();
      lastGiven.current = now;
      return now;
    },
  };
}

function whoOf(token: string): string {
  return userIdOf(token) ?? 'someone';
}

function createOwnClient(props: UserStatusProviderProps, getToken: GetToken): PresenceClient {
  const { wsUrl, credentials, idleAfter, multiTab, reconnect, lostConnectionAfter, logger, initialUsers } =
    props;
  return createPresenceClient({
    url: props.url ?? apiBaseUrl(),
    wsUrl: wsUrl ?? (props.url === undefined ? socketBaseUrl() : undefined),
    getToken,
    credentials,
    idleAfter,
    multiTab,
    reconnect,
    lostConnectionAfter,
    logger,
    initialUsers,
  });
}
