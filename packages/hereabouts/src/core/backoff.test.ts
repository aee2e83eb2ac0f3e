import { expect, it } from 'vitest';
import { delayMs, MAX_DELAY_MS, MIN_DELAY_MS, retryMsOf } from './backoff';

const DEFAULT_BACKOFF = { minDelayMs: MIN_DELAY_MS, maxDelayMs: MAX_DELAY_MS };

it('waits at most 500 ms before the first retry, and at most 20 s before any', () => {
  expect(delayMs(DEFAULT_BACKOFF, 0, 0.999_999)).toBeLessThanOrEqual(500);
  for (let attempt = 0; attempt < 10_000; attempt += 1) {
    expect(delayMs(DEFAULT_BACKOFF, attempt, 0.999_999)).toBeLessThanOrEqual(20_000);
  }
});

it('doubles its bound: 500, 1,000, 2,000 … 20,000', () => {
  const bounds = [0, 1, 2, 3, 4, 5, 6, 7].map((attempt) => delayMs(DEFAULT_BACKOFF, attempt, 1));
  expect(bounds).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
});

it('may come back at once the first time, and never again before 500 ms', () => {
  expect([0, 1, 2, 9].map((attempt) => delayMs(DEFAULT_BACKOFF, attempt, 0))).toEqual([0, 500, 500, 500]);
});

it('spreads retries evenly over the whole span: full jitter', () => {
  // Deterministic: a low-discrepancy sequence stands for the random number.
  const n = 10_000;
  const buckets = new Array<number>(10).fill(0);
  for (let index = 0; index < n; index += 1) {
    const delay = delayMs(DEFAULT_BACKOFF, 9, (index * 0.618_033_988_75) % 1);
    const bucket = Math.min(9, Math.floor((delay - 500) / 1_950));
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  for (const count of buckets) expect(Math.abs(count - n / 10)).toBeLessThan(n / 100);
});

it.each([
  ['{"retry_ms":1500}', 1_500],
  ['{"retry_ms":0}', 0],
  ['{"retry_ms":99999999}', 300_000],
  ['{"retry_ms":-1}', null],
  ['{"retry_ms":"5"}', null],
  ['{broken', null],
  ['going away', null],
  ['', null],
])('reads the patience a server asks for from %j', (reason, expected) => {
  expect(retryMsOf(reason)).toBe(expected);
});
