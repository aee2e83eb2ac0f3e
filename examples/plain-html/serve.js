// Serves the page at http://localhost:3000 under a policy that allows no inline script and no inline style.
// Any web server will do: it needs these four files, and the package's `dist` folder as `/hereabouts/`.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  // The API and its socket.
  'connect-src http://localhost:8000 ws://localhost:8000',
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = import.meta.dirname ?? fileURLToPath(new URL('.', import.meta.url));
const PACKAGE = fileURLToPath(new URL('.', import.meta.resolve('hereabouts')));

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, 'http://localhost').pathname);
  const file = path.startsWith('/hereabouts/') ? join(PACKAGE, path.slice(11)) : join(PAGE, path);
  const name = path === '/' ? join(PAGE, 'index.html') : file;
  try {
    const body = await readFile(name);
    response.writeHead(200, {
      'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(body);
  } catch {
    response.writeHead(404, { 'Content-Security-Policy': POLICY });
    response.end('Not found');
  }
});

server.listen(Number(process.argv[2] ?? 3000), 'localhost', () => {
  console.log(`http://localhost:${server.address().port}`);
});
