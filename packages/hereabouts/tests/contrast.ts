/** Red, green and blue from 0 to 255. */
export type Rgb = [number, number, number];

export function rgb(hex: string): Rgb {
  const [, r, g, b] = /^#(..)(..)(..)$/.exec(hex) ?? [];
  if (r === undefined || g === undefined || b === undefined) throw new Error(`not a colour: ${hex}`);
  return [Number.parseInt(r, 16), Number.parseInt(g, 16), Number.parseInt(b, 16)];
}

/** `over` laid on `under` with this opacity. */
export function mix(under: Rgb, over: Rgb, alpha: number): Rgb {
  const part = (index: 0 | 1 | 2) => under[index] * (1 - alpha) + over[index] * alpha;
  return [part(0), part(1), part(2)];
}

/** Contrast ratio of WCAG 2: from 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance([r, g, b]: Rgb): number {
  const linear = (value: number) => {
    const part = value / 255;
    return part <= 0.039_28 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}
