import type { GetToken, TokenReason } from './types';

/** Asks the host app for tokens; remembers the last one for the calls beside the socket. */
export interface Tokens {
  /** The last token, or a new one. */
  current(): Promise<string | null>;
  fresh(reason: TokenReason): Promise<string | null>;
  /** Calls off what is asked for. */
  cancel(): void;
  forget(): void;
}

export function createTokens(getToken: GetToken | undefined): Tokens {
  let last: string | null = null;
  let asking: AbortController | null = null;

  async function fresh(reason: TokenReason): Promise<string | null> {
    const request = new AbortController();
    asking = request;
    const token = (await getToken?.({ reason, signal: request.signal })) ?? null;
    if (!request.signal.aborted) last = token;
    return token;
  }

  return {
    fresh,
    current: async () => last ?? fresh('initial'),
    cancel: () => asking?.abort(),
    forget: () => {
      asking?.abort();
      last = null;
    },
  };
}

/**
 * What a token says, read without checking it: only to let tabs of one person find each other, and to renew in time.
 * Nothing for a token that is not a JWT.
 */
export function claimsOf(token: string): Record<string, unknown> {
  try {
    const [, payload = ''] = token.split('.');
    return JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))) ?? {};
  } catch {
    return {};
  }
}

/** Whose token it is; null when it does not say. */
export function userIdOf(token: string): string | null {
  const { user_id, sub } = claimsOf(token);
  const id = user_id ?? sub;
  return id ? String(id) : null;
}
