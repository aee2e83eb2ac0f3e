/** The addresses of one server. */
export interface Addresses {
  /** Base of the REST calls, without a slash at the end. */
  api: string;
  /** The socket, without credentials. */
  socket: string;
}

const SOCKET_PATH = '/ws/user-status/';

/** Derives every address from the two bases, the way the original's environment names mean them. */
export function addressesOf(url: string, wsUrl: string | undefined, page: string | undefined): Addresses {
  const api = trimSlash(absolute(url, page));
  const base = wsUrl ? trimSlash(absolute(wsUrl, page)) : api.replace(/\/api$/, '');
  const socket = base.replace(/^http/, 'ws');
  return { api, socket: socket.endsWith('/ws/user-status') ? `${socket}/` : socket + SOCKET_PATH };
}

/** A picture's path on the server, made good for a page that comes from elsewhere. */
export function pictureUrl(picture: string | null, apiUrl: string): string | null {
  if (!picture?.startsWith('/') || picture.startsWith('//')) return picture;
  const origin = /^https?:\/\/[^/]+/.exec(apiUrl)?.[0];
  return origin ? origin + picture : picture;
}

function absolute(url: string, page: string | undefined): string {
  return /^(https?|wss?):/.test(url) || !page ? url : new URL(url, page).href;
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
