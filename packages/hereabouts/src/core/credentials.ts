import type { Addresses } from './addresses';
import type { Environment } from './environment';
import { request } from './request';
import type { PresenceClientOptions } from './types';

/** A socket to be opened, or a refusal in the terms of a close: the connection's table knows what follows. */
export type Entry = { url: string; saysToken?: boolean } | Refusal;

export interface Refusal {
  code: number;
  reason: string;
}

/** How this client proves on the socket who it is. */
export type Credentials = (token: string) => Promise<Entry>;

/** A server without tickets answers with one of these; it then gets the token in the first message. */
const NO_TICKETS = [404, 405, 501];

export function createCredentials(
  environment: Environment,
  { api, socket }: Addresses,
  wanted: PresenceClientOptions['credentials'] = 'ticket',
): Credentials {
  let way = wanted;
  const inAddress = (name: string, value: string) => ({
    url: `${socket}?${name}=${encodeURIComponent(value)}`,
  });

  return async (token) => {
    if (way === 'address') return inAddress('token', token);
    if (way === 'ticket') {
      const response = await request(environment, `${api}/auth/ws-ticket/`, token, { method: 'POST' });
      if (response.ok) return inAddress('ticket', ((await response.json()) as { ticket: string }).ticket);
      if (!NO_TICKETS.includes(response.status)) return refusalOf(response);
      way = 'message';
    }
    return { url: socket, saysToken: true };
  };
}

/** 401 needs another token, 403 ends it, everything else comes back later: when the server says so, if it does. */
function refusalOf({ status, headers }: Response): Refusal {
  if (status === 401 || status === 403) return { code: 4000 + status, reason: '' };
  const seconds = Number(headers.get('Retry-After'));
  return { code: 1013, reason: seconds > 0 ? `{"retry_ms":${seconds * 1_000}}` : '' };
}
