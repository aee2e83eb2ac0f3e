/** The programs in `examples/` as a stranger starts them, and a browser in which their server is where they say. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from '@playwright/test';
import config from '../playwright.config.ts';
import type { Server } from './server.ts';

const ROOT = path.join(import.meta.dirname, '../..');
export const EXAMPLES = path.join(ROOT, 'examples');

/** A program that prints as it goes; what it printed is `output`. */
export class Program {
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(command: string, args: readonly string[], folder: string, env: Record<string, string> = {}) {
    this.#child = spawn(command, args, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NEXT_TELEMETRY_DISABLED: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = new Promise((resolve) => this.#child.once('exit', resolve));
    const read = (chunk: Buffer) => {
      this.output += chunk;
    };
    this.#child.stdout?.on('data', read);
    this.#child.stderr?.on('data', read);
  }

  /** Waits until the output has this in it. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (const until = Date.now() + 20_000; Date.now() < until; ) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (this.#child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`${pattern} was not printed:\n${this.output}`);
  }

  async stop(): Promise<void> {
    this.#child.kill();
    await this.#ended;
  }
}

/** `node serve.js` of the plain page, on a free port. */
export function servePlainPage(): Program {
  return new Program(process.execPath, ['serve.js', '0'], path.join(EXAMPLES, 'plain-html'));
}

/** `next start` of the built app, on a free port. Its own server finds the API at `apiUrl`. */
export function serveNextApp(apiUrl: string): Program {
  const folder = path.join(EXAMPLES, 'next-app');
  if (!existsSync(path.join(folder, '.next/BUILD_ID')))
    throw new Error('examples/next-app is not built: npm run build -w examples/next-app');
  const next = path.join(ROOT, 'node_modules/next/dist/bin/next');
  const args = [next, 'start', '--port', '0', '--hostname', '127.0.0.1'];
  return new Program(process.execPath, args, folder, { HEREABOUTS_API_URL: apiUrl });
}

/** The Python client, with the interpreter that `cargo xtask test` prepared. */
export function runPythonExample(server: Server, token: string): Program {
  const python = process.env.HEREABOUTS_PYTHON ?? path.join(ROOT, 'target/tools/python-example/bin/python');
  if (!existsSync(python)) throw new Error(`${python} is missing: \`cargo xtask test --only e2e\` makes it`);
  return new Program(python, ['watch.py', server.url, token], path.join(EXAMPLES, 'python'));
}

/** A browser for which `localhost:8000`, the address in the examples, is this server. */
export function browserWith(server: Server): Promise<Browser> {
  const { executablePath, args = [] } = config.use?.launchOptions ?? {};
  const rule = `MAP localhost:8000 127.0.0.1:${new URL(server.url).port}`;
  return chromium.launch({ executablePath, args: [...args, `--host-resolver-rules=${rule}`] });
}
