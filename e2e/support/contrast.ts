/**
 * Contrast of rendered text, measured on pixels: rule engines cannot see through gradients, pills and overlays.
 *
 * The colour of each piece of text comes from its computed style; what it stands on comes from a picture of the
 * page with all text made transparent.
 */
import type { Locator, Page } from '@playwright/test';
import { PNG } from 'pngjs';

export interface MeasuredText {
  text: string;
  /** The worst contrast among the pixels the text stands on. */
  ratio: number;
  colour: string;
  background: string;
}

interface TextPiece {
  text: string;
  colour: [number, number, number, number];
  rect: { x: number; y: number; width: number; height: number };
}

const TRIES = 6;

/**
 * Measures all visible text below `root`. People come and go meanwhile, which moves things: the picture counts only
 * when the text stood in the same places before and after it.
 */
export async function measureContrast(page: Page, root: Locator): Promise<MeasuredText[]> {
  await page.evaluate(stopMotion);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const pieces = await root.evaluate(collectText);
    await page.evaluate(hideText);
    const picture = PNG.sync.read(await page.screenshot({ scale: 'css' }));
    await page.evaluate(showText);
    if (JSON.stringify(await root.evaluate(collectText)) !== JSON.stringify(pieces)) continue;
    return pieces.flatMap((piece) => {
      const measured = measurePiece(picture, piece);
      return measured ? [measured] : [];
    });
  }
  throw new Error(`the page did not stand still in ${TRIES} tries`);
}

function collectText(root: Element): TextPiece[] {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('no canvas');
  const toRgba = (colour: string): [number, number, number, number] => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, a = 0] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  /** Where text of this element can be painted: inside the content of everything around it that cuts off. */
  const visibleWindow = (element: Element): DOMRect => {
    let seen = new DOMRect(0, 0, innerWidth, innerHeight);
    for (let at: Element | null = element; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
      const box = at.getBoundingClientRect();
      const [left, right] = [parseFloat(style.paddingLeft), parseFloat(style.paddingRight)];
      seen = intersect(seen, new DOMRect(box.x + left, box.y, box.width - left - right, box.height));
    }
    return seen;
  };
  const intersect = (one: DOMRect, other: DOMRect): DOMRect => {
    const [x, y] = [Math.max(one.left, other.left), Math.max(one.top, other.top)];
    return new DOMRect(
      x,
      y,
      Math.max(0, Math.min(one.right, other.right) - x),
      Math.max(0, Math.min(one.bottom, other.bottom) - y),
    );
  };
  const pieces: TextPiece[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    const text = node.textContent?.trim() ?? '';
    if (
      !parent ||
      text === '' ||
      !parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    )
      continue;
    const style = getComputedStyle(parent);
    // Text that is a window onto its own background has no colour to compare; disabled controls are exempt (1.4.3).
    if (style.webkitBackgroundClip === 'text' || parent.closest(':disabled, [aria-disabled]')) continue;
    // Text for screen readers only is not painted.
    if (parent.closest('.ha-sr-only')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const window = visibleWindow(parent);
    for (const whole of range.getClientRects()) {
      const rect = intersect(whole, window);
      const isSeen =
        rect.width > 2 &&
        rect.height > 2 &&
        rect.left >= 0 &&
        rect.top >= 0 &&
        rect.right <= innerWidth &&
        rect.bottom <= innerHeight;
      const hit = isSeen && document.elementFromPoint(rect.left + rect.width / 2, rect.top + rect.height / 2);
      // Covered by something else, or clipped away: not seen, so not measured.
      if (!hit || !(parent.contains(hit) || hit.contains(parent))) continue;
      pieces.push({
        text,
        colour: toRgba(style.color),
        rect: { x: rect.x, y: rect.y, width: rect.width, height: rect.height },
      });
    }
  }
  return pieces;
}

/** Constructed sheets, because the page's policy forbids inline ones. */
function stopMotion(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*, *::before, *::after { transition: none !important; animation: none !important }');
  document.adoptedStyleSheets = [sheet];
}

function hideText(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    '*, *::placeholder { color: transparent !important; -webkit-text-fill-color: transparent !important; text-shadow: none !important }',
  );
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

function showText(): void {
  document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1);
}

function measurePiece(picture: PNG, piece: TextPiece): MeasuredText | undefined {
  let worst: MeasuredText | undefined;
  const { x, y, width, height } = piece.rect;
  for (let py = Math.ceil(y); py < y + height; py += 2) {
    for (let px = Math.ceil(x); px < x + width; px += 2) {
      const at = (py * picture.width + px) * 4;
      const below: Rgb = [picture.data[at] ?? 0, picture.data[at + 1] ?? 0, picture.data[at + 2] ?? 0];
      const ratio = contrast(blend(piece.colour, below), below);
      if (!worst || ratio < worst.ratio) {
        worst = {
          text: piece.text,
          ratio,
          colour: `rgba(${piece.colour.join(' ')})`,
          background: `rgb(${below.join(' ')})`,
        };
      }
    }
  }
  return worst;
}

type Rgb = [number, number, number];

function blend([r, g, b, a]: [number, number, number, number], below: Rgb): Rgb {
  return [r * a + below[0] * (1 - a), g * a + below[1] * (1 - a), b * a + below[2] * (1 - a)];
}

/** WCAG 2 contrast of two colours. */
export function contrast(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
