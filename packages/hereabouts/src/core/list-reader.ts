import type { Api } from './api';
import type { OnlineUser } from './protocol';
import { MAX_WINDOW } from './wants';

/** A list as REST gives it. */
export interface List {
  rows: readonly OnlineUser[];
  total: number;
}

/** Reads the lists over REST: the safety net beside the socket, and the way when no socket can connect. */
export interface ListReader {
  online(limit: number): Promise<List>;
  friends(): Promise<List>;
  recent(limit: number): Promise<List>;
}

export function createListReader(api: Api): ListReader {
  // One entry for each path: what did not change is not sent again.
  const kept = new Map<string, { etag: string; list: List }>();

  async function read(path: string): Promise<List> {
    const known = kept.get(path);
    const response = await api.call(path, known && { headers: { 'If-None-Match': known.etag } });
    if (response.status === 304 && known) return known.list;
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    const rows: unknown = await response.json();
    if (!isList(rows)) throw new Error(`${path}: not a list`);
    const list = { rows, total: totalOf(response, rows.length) };
    const etag = response.headers.get('ETag');
    if (etag) kept.set(path, { etag, list });
    return list;
  }

  return {
    online: (limit) => read(`/users/online/?include_self=true&limit=${limit}`),
    friends: () => read(`/users/online/?scope=friends&limit=${MAX_WINDOW}`),
    recent: (limit) => read(`/users/recent/?days=7&limit=${limit}`),
  };
}

function isList(body: unknown): body is readonly OnlineUser[] {
  return Array.isArray(body);
}

function totalOf(response: Response, shown: number): number {
  const total = response.headers.get('X-Total-Count') ?? '';
  return /^\d+$/.test(total) ? Number(total) : shown;
}
