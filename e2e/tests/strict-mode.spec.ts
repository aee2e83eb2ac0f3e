/** `next dev` against the server: React's StrictMode mounts everything twice, and still it is one connection, one join. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { Server } from '../support/server.ts';
import { test as base, cardOf, eventsAbout, expect, expectConnected, idOf } from '../support/test.ts';

const DEMO = path.join(import.meta.dirname, '../../apps/demo');
const START_LIMIT_MS = 60_000;

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

async function startNextDev(port: number, apiBase: string): Promise<ChildProcess> {
  const next = path.join(DEMO, '../../node_modules/next/dist/bin/next');
  const child = spawn(process.execPath, [next, 'dev', '--port', String(port), '--hostname', '127.0.0.1'], {
    cwd: DEMO,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NEXT_PUBLIC_API_BASE_URL: apiBase },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`next dev is not ready:\n${log}`)), START_LIMIT_MS);
    const read = (chunk: Buffer) => {
      log += chunk;
      if (!/Ready in/.test(log)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`next dev ended with ${code}:\n${log}`));
    });
  });
  return child;
}

const test = base.extend<{ devUrl: string }>({
  server: async ({}, use, testInfo) => {
    const port = await freePort();
    testInfo.annotations.push({ type: 'port', description: String(port) });
    const server = await Server.start({ env: { CORS_ALLOWED_ORIGINS: `http://127.0.0.1:${port}` } });
    await use(server);
    await server.stop();
  },
  devUrl: async ({ server }, use, testInfo) => {
    const port = Number(testInfo.annotations.find(({ type }) => type === 'port')?.description);
    const child = await startNextDev(port, `${server.url}/api`);
    await use(`http://127.0.0.1:${port}`);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  },
});

test('StrictMode: one connection, one join, no warning', async ({ browser, server, openAs, devUrl }) => {
  test.setTimeout(150_000);
  const linusId = await idOf(server, 'linus');
  const ada = await openAs('ada');
  const context = await browser.newContext();
  const page = await context.newPage();
  const warnings: string[] = [];
  let acks = 0;
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') warnings.push(message.text());
  });
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).includes('connection.ack')) acks += 1;
    });
  });
  await page.goto(`${devUrl}/?as=linus`, { timeout: START_LIMIT_MS });
  await expectConnected(page);
  await expect(cardOf(page, 'Ada Lovelace')).toBeVisible();
  expect(await eventsAbout(ada, linusId)).toEqual(['joined']);
  expect(acks).toBe(1);
  expect(warnings).toEqual([]);
  await context.close();
});
