/** The demo's own calls to the server: who there is, signing in as one of them, the crowd. */

/** A person as the server knows them. */
export interface ServerPerson {
  id: string;
  username: string;
  slug: string;
  profile_image_url: string | null;
}

/** What `POST /demo/sign-in/` answers: the form the original front end keeps. */
export interface Session {
  accessToken: string;
  refreshToken: string;
  user: ServerPerson & Record<string, unknown>;
}

/** `…/api`: the page's own origin, unless the build was told another one. */
export function apiBaseUrl(): string {
  const configured = process.env.NEXT_PUBLIC_API_BASE_URL;
  if (configured) return configured.replace(/\/+$/, '');
  return typeof window === 'undefined' ? '/api' : `${window.location.origin}/api`;
}

function serverUrl(path: string): string {
  return apiBaseUrl().replace(/\/api$/, '') + path;
}

/** A refusal a person can read; `status` 0 means the server could not be reached. */
export class ServerError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(serverUrl(path), init);
  } catch {
    throw new ServerError('The server cannot be reached.', 0);
  }
  if (!response.ok) {
    const refusal = (await response.json().catch(() => null)) as { detail?: string } | null;
    throw new ServerError(refusal?.detail ?? `The server answered ${response.status}.`, response.status);
  }
  return (await response.json().catch(() => null)) as T;
}

function post<T>(path: string, body: unknown): Promise<T> {
  return call<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export function fetchPeople(): Promise<ServerPerson[]> {
  return call<ServerPerson[]>('/demo/people/');
}

/** Signs in as one of the twelve; `ttlSeconds` makes a token that ends early, to watch it end. */
export async function signIn(slug: string, ttlSeconds?: number): Promise<Session> {
  const session = await post<Session>(
    '/demo/sign-in/',
    ttlSeconds === undefined ? { slug } : { slug, ttl_seconds: ttlSeconds },
  );
  return { ...session, user: { ...session.user, isDemo: true } };
}

/** Makes `n` invented people be online; 0 sends them home. */
export function setCrowd(n: number): Promise<unknown> {
  return post('/demo/crowd/', { n });
}

/** One round trip to the server, in milliseconds. */
export async function measureRoundTrip(): Promise<number> {
  const start = performance.now();
  await fetch(serverUrl('/livez'), { cache: 'no-store' });
  return performance.now() - start;
}
