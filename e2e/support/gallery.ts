/** A page with nothing on it but `<OnlineUsers/>`, served to the browser without a server and under a strict policy. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { build } from 'esbuild';
import { PNG } from 'pngjs';

const E2E = path.join(import.meta.dirname, '..');
const ORIGIN = 'http://gallery.test';
/** No inline script, no inline style, nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'";

export type PanelName = 'status' | 'custom' | 'activity' | 'requests' | 'toasts' | 'banner' | 'dots';

export interface GalleryConfig {
  /** A part beside the card, instead of the card. */
  panel?: PanelName;
  /** What I chose. */
  mode?: 'auto' | 'away' | 'dnd' | 'invisible';
  /** A panel with nothing to show. */
  isEmpty?: boolean;
  /** In the words of the locale, as shipped; else in English. */
  translated?: boolean;
  users: {
    username: string;
    profile_image_url?: string | null;
    status?: 'online' | 'away' | 'dnd' | 'offline';
    custom_status?: { emoji: string | null; text: string | null; until: string | null };
  }[];
  total?: number;
  listState?: 'loading' | 'ready' | 'stale' | 'error';
  connectionStatus?: 'connected' | 'reconnecting' | 'disconnected';
  error?: 'unauthorized' | 'signed_out' | 'blocked' | 'unreachable' | 'refused';
  locale?: string;
  dir?: 'ltr' | 'rtl';
  /** Every text of `messages` in brackets. */
  pseudo?: boolean;
  maxUsers?: number;
  className?: string;
  classNames?: { name?: string };
  viewAllHref?: string;
}

export interface Host {
  /** The host page's own style sheet. */
  css?: string;
  /** Attributes of its `<html>`. */
  html?: string;
}

let bundle: Promise<string> | undefined;

function bundled(): Promise<string> {
  bundle ??= build({
    entryPoints: [path.join(E2E, 'gallery/gallery.tsx')],
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '');
  return bundle;
}

const BASE_CSS = `body { margin: 0; padding: 8px; background: #fff; color: #111; font: 16px/1.5 "Liberation Sans", sans-serif }`;
/** A picture of one colour. */
const FACE = PNG.sync.write(
  Object.assign(new PNG({ width: 112, height: 112 }), {
    data: Buffer.alloc(112 * 112 * 4, '0d9488ff', 'hex'),
  }),
);

/** Shows the component; the page is as strict as a policy can be. */
export async function showGallery(page: Page, config: GalleryConfig, host: Host = {}): Promise<void> {
  const styles = readFileSync(path.join(E2E, '../packages/hereabouts/dist/styles.css'), 'utf8');
  const files: Record<string, [type: string, body: string | Buffer]> = {
    '/': [
      'text/html; charset=utf-8',
      `<!doctype html><html lang="en" ${host.html ?? ''}><meta name="viewport" content="width=device-width">
       <title>Gallery</title><link rel="stylesheet" href="/styles.css"><link rel="stylesheet" href="/host.css">
       <link rel="stylesheet" href="/base.css"><div id="root"></div><script type="module" src="/gallery.js"></script></html>`,
    ],
    '/styles.css': ['text/css', styles],
    '/host.css': ['text/css', host.css ?? ''],
    '/base.css': ['text/css', BASE_CSS],
    '/face.png': ['image/png', FACE],
    '/gallery.js': ['text/javascript', await bundled()],
  };
  await page.unrouteAll();
  await page.route(`${ORIGIN}/**`, (route) => {
    const [contentType, body] = files[new URL(route.request().url()).pathname] ?? [];
    return route.fulfill(
      body === undefined
        ? { status: 404 }
        : { contentType, body, headers: { 'Content-Security-Policy': POLICY } },
    );
  });
  await page.goto('about:blank');
  await page.goto(`${ORIGIN}/#${encodeURIComponent(JSON.stringify(config))}`);
  const root = { toasts: '.ha-toast', banner: '[role=status]', dots: '.dots' };
  const isOwn = config.panel && config.panel in root;
  await page
    .locator(isOwn ? root[config.panel as keyof typeof root] : '.ha-card, .ha-panel')
    .first()
    .waitFor();
}
