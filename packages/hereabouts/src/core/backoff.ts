/** How long to wait between tries, in milliseconds. */
export interface Backoff {
  minDelayMs: number;
  maxDelayMs: number;
}

export const MIN_DELAY_MS = 500;
export const MAX_DELAY_MS = 20_000;

/** A server may ask for this much patience, no more. */
const MAX_RETRY_MS = 300_000;

/**
 * Full jitter: anything up to a bound that doubles with each failed try. Clients that lost the same server come back
 * evenly spread, which a fixed delay plus a little jitter does not give. Only the first retry may come at once: it
 * has to lie within the server's grace.
 */
export function delayMs(backoff: Backoff, attempt: number, random: number): number {
  // 2^30 is far beyond any sensible bound; it keeps the product finite for ever.
  const bound = Math.min(backoff.maxDelayMs, backoff.minDelayMs * 2 ** Math.min(attempt, 30));
  const least = attempt > 0 ? backoff.minDelayMs : 0;
  return Math.round(least + random * (bound - least));
}

/** Reads `{"retry_ms": n}` from the reason of a close, as a server that restarts sends it. */
export function retryMsOf(reason: string): number | null {
  try {
    const parsed: unknown = JSON.parse(reason);
    const retry = (parsed as { retry_ms?: unknown } | null)?.retry_ms;
    return typeof retry === 'number' && retry >= 0 ? Math.min(retry, MAX_RETRY_MS) : null;
  } catch {
    return null;
  }
}
