import type { Environment } from './environment';

const TIMEOUT_MS = 10_000;

/** One call of the API, given up after 10 s. `headers` come on top of what every call needs. */
export async function request(
  environment: Environment,
  url: string,
  token: string | null,
  init: RequestInit = {},
): Promise<Response> {
  const timeout = new AbortController();
  const stop = environment.after(TIMEOUT_MS, () => timeout.abort());
  try {
    return await environment.fetch(url, {
      // An ETag is ours to compare: a 304 must reach us.
      cache: 'no-store',
      ...init,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...init.headers,
      },
      signal: timeout.signal,
    });
  } finally {
    stop();
  }
}
