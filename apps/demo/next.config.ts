import path from 'node:path';
import type { NextConfig } from 'next';

/** A static export: the server binary embeds `out/` and serves it from its own origin. */
const config: NextConfig = {
  output: 'export',
  trailingSlash: true,
  reactStrictMode: true,
  poweredByHeader: false,
  images: { unoptimized: true },
  devIndicators: false,
  // The package is a workspace two folders up; without this Next guesses the root from lock files.
  turbopack: { root: path.join(import.meta.dirname, '../..') },
};

export default config;
