/** The addresses of one server. */
export interface Addresses {
  /** Base of the REST calls, without a slash at the end. */
  api: string;
  /** The socket, without credentials. */
  socket: string;
  /** Where paths of pictures belong; empty where that is this site, so that a server renders them the same. */
  pictures: string;
}

const SOCKET_PATH = '/ws/user-status/';

/** Derives every address from the two bases, the way the original's environment names mean them. */
export function addressesOf(url: string, wsUrl: string | undefined, page: string | undefined): Addresses {
  const api = trimSlash(absolute(url, page));
  const base = wsUrl ? trimSlash(absolute(wsUrl, page)) : api.replace(/\/api$/, '');
  const socket = base.replace(/^http/, 'ws');
  return {
    api,
    socket: socket.endsWith('/ws/user-status') ? `${socket}/` : socket + SOCKET_PATH,
    pictures: /^https?:\/\/[^/]+/.exec(url)?.[0] ?? '',
  };
}

/**
 * A picture's address as it may be shown, or null: `https:` with a host and without user info, or a path on the
 * server, made good for a page that comes from elsewhere. Servers check this too; not every server is ours.
 */
export function pictureUrl(picture: string | null, origin: string): string | null {
  if (!picture || picture.length > 2048 || /[\s\\\p{Cc}]/u.test(picture)) return null;
  if (/^\/(?!\/)/.test(picture)) return origin + picture;
  // A server without TLS has its own pictures there, too.
  const isSafe =
    /^https:\/\/[^/?#@]+([/?#]|$)/i.test(picture) || (origin && picture.startsWith(`${origin}/`));
  return isSafe ? picture : null;
}

function absolute(url: string, page: string | undefined): string {
  return /^(https?|wss?):/.test(url) || !page ? url : new URL(url, page).href;
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
