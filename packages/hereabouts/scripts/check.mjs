// What a stranger's project would find out first: types, the packed tarball, sizes, and React where it must not be.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const run = (program, ...args) => execFileSync(program, args, { cwd: root, stdio: 'inherit' });

run('npx', 'tsc', '--noEmit');
const folder = mkdtempSync(join(tmpdir(), 'hereabouts-pack-'));
try {
  run('npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', folder);
  const tarball = join(folder, readdirSync(folder)[0]);
  run('npx', 'publint', 'run', tarball, '--strict');
  run('npx', 'attw', tarball, '--profile', 'esm-only', '--exclude-entrypoints', './styles.css');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
run('npx', 'size-limit');
if (!readFileSync(join(root, 'dist/react.js'), 'utf8').includes("'use client'")) {
  const entry = readFileSync(join(root, 'dist/react.js'), 'utf8').slice(0, 200);
  if (!entry.includes('"use client"')) throw new Error("dist/react.js has lost its 'use client'");
}
for (const file of readdirSync(join(root, 'dist/core'), { recursive: true })) {
  if (!String(file).endsWith('.js')) continue;
  const text = readFileSync(join(root, 'dist/core', String(file)), 'utf8');
  if (/from\s*["']react/.test(text)) throw new Error(`dist/core/${file} imports React`);
}
