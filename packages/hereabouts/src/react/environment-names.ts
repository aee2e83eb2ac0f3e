/*
 * The original's settings. Each name must stand whole in the source: that is how Next.js finds and replaces it.
 * Where there is no `process`, reading it throws, and the default holds.
 */

/** Base of the API. */
export function apiBaseUrl(): string {
  try {
    return process.env.NEXT_PUBLIC_API_BASE_URL || '/api';
  } catch {
    return '/api';
  }
}

/** Base of the socket, where it is not the API's. */
export function socketBaseUrl(): string | undefined {
  try {
    return process.env.NEXT_PUBLIC_WS_BASE_URL || undefined;
  } catch {
    return undefined;
  }
}
