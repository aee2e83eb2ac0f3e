import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contrast, mix, type Rgb, rgb } from './contrast';

const css = readFileSync(new URL('../src/styles.css', import.meta.url), 'utf8').replace(
  /\/\*[\s\S]*?\*\//g,
  '',
);

function variable(name: string): string {
  const value = new RegExp(`--_${name}: var\\(--ha-${name}, (.+)\\);`).exec(css)?.[1];
  if (!value) throw new Error(`no variable ${name}`);
  return value;
}

const red = rgb(variable('from'));
const blue = rgb(variable('to'));
const gold = rgb(variable('text'));
const hover = rgb(variable('text-hover'));
const ink = rgb(variable('ink'));
const white: Rgb = [255, 255, 255];

/** The scrim and the radial overlay as the style sheet has them. */
const scrim = /rgb\((\d+) (\d+) (\d+) \/ ([\d.]+)\)/.exec(variable('scrim'));
const overlay = Number(/rgb\(255 255 255 \/ ([\d.]+)\), transparent/.exec(css)?.[1]);

function underScrim(background: Rgb): Rgb {
  const [, r, g, b, alpha] = scrim ?? [];
  return mix(background, [Number(r), Number(g), Number(b)], Number(alpha));
}

describe('colours', () => {
  it('are the original ones', () => {
    expect(css).toMatch(/linear-gradient\(135deg, var\(--_from\), var\(--_to\)\)/);
    expect(css).toMatch(/radial-gradient\(circle/);
    const names = ['from', 'to', 'text', 'text-hover', 'border', 'online', 'ink'];
    expect(names.map(variable)).toEqual([
      '#dc2626',
      '#1e3a8a',
      '#fbbf24',
      '#fcd34d',
      '#fbbf24',
      '#22c55e',
      '#0f172a',
    ]);
  });

  it('original fault: gold on red fails WCAG', () => {
    expect(contrast(gold, red)).toBeCloseTo(2.89, 1);
    // Everywhere on the gradient, with the overlay at its strongest: under the scrim every text passes.
    for (let step = 0; step <= 100; step += 1) {
      for (const light of [0, overlay]) {
        const background = underScrim(mix(mix(red, blue, step / 100), white, light));
        expect(contrast(gold, background)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(hover, background)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it('put a scrim under everything that is gold on the gradient', () => {
    for (const selector of ['.ha-title', '.ha-badge', '.ha-name', '.ha-last-seen', '.ha-note']) {
      expect(ruleOf(selector), selector).toContain('background: var(--_scrim)');
    }
    expect(ruleOf('.ha-action,\n  .ha-view-all')).toContain('background: var(--_scrim)');
    expect(ruleOf('.ha-more .ha-avatar')).toContain('background: var(--_scrim)');
  });

  it('the dot stands out by its ring, the initials and the tooltip can be read', () => {
    expect(contrast(rgb(variable('online')), ink)).toBeGreaterThan(7.8);
    for (const end of ['initials-from', 'initials-to']) {
      expect(contrast(white, rgb(variable(end)))).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(gold, ink)).toBeGreaterThanOrEqual(4.5);
  });
});

describe('focus', () => {
  it('original fault: the focus ring is removed', () => {
    expect(css).not.toMatch(/outline:\s*(none|0)\b/);
    const rule = /:focus-visible \{([^}]*)\}/g;
    const ring = [...css.matchAll(rule)]
      .map((match) => match[1])
      .find((body) => body?.includes('box-shadow'));
    // Two tones: one of them stands out on any background.
    expect(ring).toContain('outline: 2px solid #fff');
    expect(ring).toContain('box-shadow: 0 0 0 4px var(--_ink)');
    expect(contrast(white, red)).toBeGreaterThanOrEqual(3);
    expect(contrast(white, blue)).toBeGreaterThanOrEqual(3);
  });

  it('is not clipped by the box around it', () => {
    for (const selector of ['.ha-card', '.ha-user,\n  .ha-more', '.ha-item']) {
      expect(ruleOf(selector), selector).not.toContain('overflow');
    }
  });
});

describe('columns', () => {
  /** Columns of a card of this width, in pixels, as the container queries say. */
  function columns(cardWidth: number): number {
    let n = Number(/--_columns: (\d)/.exec(ruleOf('.ha-list'))?.[1]);
    for (const [, width, body] of css.matchAll(
      /@container ha-card \(inline-size >= (\d+)px\) \{([^@]*?)\n {2}\}/g,
    )) {
      if (cardWidth >= Number(width)) n = Number(/--_columns: (\d)/.exec(body ?? '')?.[1] ?? n);
    }
    return n;
  }

  it('original fault: a narrow sidebar gets five columns', () => {
    expect(css).toMatch(/container: ha-card \/ inline-size/);
    // `w-64 p-4` leaves the card 224 px; the queries measure its content box, 32 px less.
    expect(columns(224 - 32)).toBe(2);
    expect(columns(256)).toBe(2);
    expect(css).not.toMatch(/@media[^{]*width/);
  });

  it('2 on a phone, 3 on a tablet, 4 to 5 on a desktop', () => {
    expect([320 - 32, 480, 700, 1000].map(columns)).toEqual([2, 3, 4, 5]);
  });
});

it('the whole look is in one layer, so that a class of the host has the last word', () => {
  expect(css.match(/@layer/g)).toHaveLength(1);
  expect(css.trim()).toMatch(/^@layer hereabouts \{/);
  expect(css).not.toContain('!important');
  // What stands outside only sends resets back to the layer.
  const outside = css.slice(css.indexOf('\n}\n') + 3);
  const values = [...outside.matchAll(/^\s+[a-z-]+: (.+);/gm)].map((match) => match[1]);
  expect(values.length).toBeGreaterThan(0);
  expect(new Set(values)).toEqual(new Set(['revert-layer']));
});

it("every class is ours, but for the host's themes", () => {
  const foreign = new Set([...css.matchAll(/\.([a-z][\w-]*)/g)].map((match) => match[1] ?? ''));
  expect([...foreign].filter((name) => !name.startsWith('ha-')).sort()).toEqual(['dark', 'light']);
});

it('has no left and right: it mirrors on a right-to-left page', () => {
  const properties = [...css.matchAll(/^\s*([a-z-]+):/gm)].map((match) => match[1] ?? '');
  const physical =
    /(^|-)(left|right|top|bottom)(-|$)|^(width|height|min-width|max-width|min-height|max-height)$/;
  expect(properties.filter((property) => physical.test(property))).toEqual([]);
});

it('stops moving where motion is not wanted, and keeps its shapes in forced colours', () => {
  const reduced = blockOf('@media (prefers-reduced-motion: reduce)');
  expect(reduced).toContain('transition-duration: 0s');
  expect(reduced).toContain('transform: none');
  expect(reduced).toContain('animation: none');
  const forced = blockOf('@media (forced-colors: active)');
  expect(forced).toContain('CanvasText');
  expect(forced).toContain('Highlight');
});

it('shows the skeleton only after 150 ms', () => {
  expect(ruleOf('.ha-skeleton')).toMatch(/animation: ha-appear 1ms linear 150ms both/);
});

it('gives targets of at least 44 px', () => {
  expect(ruleOf('.ha-user,\n  .ha-more')).toContain('min-block-size: 44px');
  expect(ruleOf('.ha-action,\n  .ha-view-all')).toContain('min-block-size: 44px');
});

function ruleOf(selector: string): string {
  const start = css.indexOf(`\n  ${selector} {`);
  if (start < 0) throw new Error(`no rule ${selector}`);
  return css.slice(start, css.indexOf('\n  }', start));
}

function blockOf(head: string): string {
  const start = css.indexOf(head);
  if (start < 0) throw new Error(`no block ${head}`);
  return css.slice(start, css.indexOf('\n  }\n', start));
}
