import type { Environment } from './environment';
import { UnauthorizedError } from './errors';
import type { OnlineUser } from './protocol';
import type { Tokens } from './tokens';

/** A list as REST gives it. */
export interface List {
  rows: readonly OnlineUser[];
  total: number;
}

/** Reads the lists over REST: the safety net beside the socket, and the way when no socket can connect. */
export interface ListReader {
  online(limit: number): Promise<List>;
  recent(limit: number): Promise<List>;
}

const TIMEOUT_MS = 10_000;

export function createListReader(environment: Environment, api: string, tokens: Tokens): ListReader {
  // One entry for each path: what did not change is not sent again.
  const kept = new Map<string, { etag: string; list: List }>();

  async function request(path: string, token: string | null): Promise<Response> {
    const etag = kept.get(path)?.etag;
    const timeout = new AbortController();
    const stop = environment.after(TIMEOUT_MS, () => timeout.abort());
    try {
      return await environment.fetch(api + path, {
        headers: {
          Accept: 'application/json',
          ...(token && { Authorization: `Bearer ${token}` }),
          ...(etag && { 'If-None-Match': etag }),
        },
        // The ETag is ours to compare; a 304 must reach us.
        cache: 'no-store',
        signal: timeout.signal,
      });
    } finally {
      stop();
    }
  }

  async function read(path: string): Promise<List> {
    let response = await request(path, await tokens.current());
    if (response.status === 401) {
      const token = await tokens.fresh('rejected');
      response = await request(path, token);
      if (response.status === 401) throw new UnauthorizedError('The list was refused: 401.');
    }
    const known = kept.get(path);
    if (response.status === 304 && known) return known.list;
    if (!response.ok) throw new Error(`GET ${path} was answered with ${response.status}.`);
    const rows = parseRows(await response.json());
    const list = { rows, total: totalOf(response, rows.length) };
    const etag = response.headers.get('ETag');
    if (etag) kept.set(path, { etag, list });
    return list;
  }

  return {
    online: (limit) => read(`/users/online/?include_self=true&limit=${limit}`),
    recent: (limit) => read(`/users/recent/?days=7&limit=${limit}`),
  };
}

function parseRows(body: unknown): readonly OnlineUser[] {
  if (!Array.isArray(body)) throw new Error('The list is not an array.');
  return body as OnlineUser[];
}

function totalOf(response: Response, shown: number): number {
  const total = Number(response.headers.get('X-Total-Count') ?? Number.NaN);
  return Number.isInteger(total) && total >= 0 ? total : shown;
}
