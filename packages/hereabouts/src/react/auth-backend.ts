import { browserEnvironment } from '../core/browser-environment';
import { messageOf, UnauthorizedError } from '../core/errors';
import { request } from '../core/request';
import type { AuthState, AuthUser } from './auth-storage';

/** What a sign-in form sends. Further fields go to the server as they are. */
export interface AuthFields {
  username: string;
  password: string;
  [field: string]: unknown;
}

/** Where sign-ins come from. The default talks to the server's own accounts; an app may bring its own. */
export interface AuthBackend {
  register(fields: AuthFields): Promise<AuthState>;
  login(fields: AuthFields): Promise<AuthState>;
  /** New tokens for old ones. `UnauthorizedError` says that the sign-in has ended; any other error is tried again. */
  refresh(state: AuthState): Promise<Partial<AuthState>>;
  /** Ends the sign-in on the server too. What it throws is ignored: the browser has forgotten it already. */
  logout(state: AuthState): Promise<void>;
}

/** A refusal of the server. Its `message` is a sentence that can be shown to the person. */
export class AuthError extends Error {
  override readonly name = 'AuthError';

  constructor(
    message: string,
    /** The status of the answer; 0 when there was none. */
    readonly status: number,
  ) {
    super(message);
  }
}

interface TokenAnswer {
  access_token?: string;
  refresh_token?: string | null;
  user?: AuthUser | null;
}

/** The accounts of a Hereabouts server: `auth/register/`, `auth/login/`, `auth/token/refresh/`, `auth/logout/`. */
export function createAuthBackend(url: string): AuthBackend {
  const environment = browserEnvironment();
  const base = `${url.replace(/\/+$/, '')}/auth/`;

  async function post(path: string, token: string | null, body: unknown): Promise<TokenAnswer | null> {
    const init: RequestInit = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      // A sign-out often is the last thing a page does.
      keepalive: true,
    };
    const response = await request(environment, `${base}${path}/`, token, init).catch((error: unknown) => {
      throw new AuthError(messageOf(error), 0);
    });
    const answer = (await response.json().catch(() => null)) as (TokenAnswer & { detail?: unknown }) | null;
    if (response.ok) return answer;
    throw new AuthError(String(answer?.detail ?? `The server answered ${response.status}.`), response.status);
  }

  async function signIn(path: string, fields: AuthFields): Promise<AuthState> {
    return stateOf(await post(path, null, fields), null);
  }

  return {
    register: (fields) => signIn('register', fields),
    login: (fields) => signIn('login', fields),
    async refresh(state) {
      if (state.refreshToken === null) throw new UnauthorizedError();
      try {
        const answer = await post('token/refresh', null, { refresh_token: state.refreshToken });
        return stateOf(answer, state);
      } catch (error) {
        const status = error instanceof AuthError ? error.status : 0;
        throw [400, 401, 403].includes(status) ? new UnauthorizedError() : error;
      }
    },
    async logout({ accessToken, refreshToken }) {
      if (refreshToken !== null) await post('logout', accessToken, { refresh_token: refreshToken });
    },
  };
}

/** A server that does not rotate refresh tokens, or leaves out the user, has nothing new to say about them. */
function stateOf(answer: TokenAnswer | null, before: AuthState | null): AuthState {
  const { access_token, refresh_token, user } = answer ?? {};
  if (!access_token) throw new AuthError('The server answered without a token.', 0);
  return {
    accessToken: access_token,
    refreshToken: refresh_token ?? before?.refreshToken ?? null,
    user: user ?? before?.user ?? null,
  };
}
