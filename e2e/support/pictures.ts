/** Pictures of a page, compared. */
import type { PNG } from 'pngjs';

/** Chromium draws the edge of a round picture in one of two ways, at random: up to 44 of 255 apart. */
const SAME = 64;

/** How many pixels are not the same. */
export function difference(one: PNG, other: PNG): number {
  if (one.width !== other.width || one.height !== other.height) return Number.POSITIVE_INFINITY;
  let n = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    const isOther = [0, 1, 2].some(
      (channel) => Math.abs((one.data[at + channel] ?? 0) - (other.data[at + channel] ?? 0)) > SAME,
    );
    if (isOther) n += 1;
  }
  return n;
}
