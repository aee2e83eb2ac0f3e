/** The npm `ws`, a client that shares no line with ours, against the real binary: what a stranger's program meets. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import type { Server } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

const PATIENCE_MS = 8_000;

interface Message {
  type: string;
  [field: string]: unknown;
}

/** One socket of a person of the demo; what arrives before it is asked for is kept. */
class Client {
  readonly #arrived: Message[] = [];
  #wake: (() => void) | undefined;

  private constructor(
    readonly socket: WebSocket,
    readonly upgrade: IncomingMessage,
  ) {}

  static async open(server: Server, query: string, protocols: string[] = []): Promise<Client> {
    const address = `${server.url.replace('http', 'ws')}/ws/user-status/${query}`;
    const socket = new WebSocket(address, protocols);
    // Listening from the first moment: messages may come right behind the handshake.
    const early: Message[] = [];
    const keep = (data: WebSocket.RawData) => early.push(JSON.parse(String(data)));
    socket.on('message', keep);
    // What went wrong shows in the close code.
    socket.on('error', () => {});
    const [response] = (await limited(once(socket, 'upgrade'), 'the upgrade')) as [IncomingMessage];
    if (socket.readyState === WebSocket.CONNECTING) await limited(once(socket, 'open'), 'the opening');
    const client = new Client(socket, response);
    client.#arrived.push(...early);
    socket.off('message', keep);
    socket.on('message', (data) => {
      client.#arrived.push(JSON.parse(String(data)));
      client.#wake?.();
    });
    return client;
  }

  say(message: Message): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The next message for which `isIt` holds; those before it are passed over. */
  async next(isIt: (message: Message) => boolean): Promise<Message> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      for (let message = this.#arrived.shift(); message; message = this.#arrived.shift())
        if (isIt(message)) return message;
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await limited(woken, 'a message', until - Date.now());
    }
  }

  nextOf(type: string): Promise<Message> {
    return this.next((message) => message.type === type);
  }

  async closed(): Promise<number> {
    const [code] = await limited(once(this.socket, 'close'), 'the close');
    return Number(code);
  }
}

async function limited<T>(promise: Promise<T>, what: string, ms = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function signIn(server: Server, slug: string): Promise<{ token: string; id: string }> {
  const response = await fetch(`${server.url}/demo/sign-in/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ slug }),
  });
  const { accessToken, user } = (await response.json()) as { accessToken: string; user: { id: string } };
  return { token: accessToken, id: user.id };
}

async function online(server: Server, token: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.url}/api/users/online/`, { headers });
  return ((await response.json()) as { id: string }[]).map((user) => user.id);
}

test('an original client: ack, ping, list, the coming and going of another', async ({ server }) => {
  const [ada, linus] = await Promise.all([signIn(server, 'ada'), signIn(server, 'linus')]);
  const first = await Client.open(server, `?token=${ada.token}`);
  expect(await first.nextOf('connection.ack')).toEqual({ type: 'connection.ack', user_id: ada.id });
  expect(first.socket.protocol).toBe('');
  first.say({ type: 'ping' });
  expect(await first.nextOf('pong')).toEqual({ type: 'pong' });

  const second = await Client.open(server, `?token=${linus.token}`);
  await second.nextOf('connection.ack');
  const ofLinus = (message: Message) => message.user_id === linus.id;
  expect(await first.next(ofLinus)).toMatchObject({ type: 'user.status.changed', is_online: true });
  expect(await online(server, ada.token)).toContain(linus.id);

  second.socket.close(1000);
  expect(await second.closed()).toBe(1000);
  expect(await first.next(ofLinus)).toMatchObject({ type: 'user.status.changed', is_online: false });
  expect(await online(server, ada.token)).not.toContain(linus.id);
  first.socket.terminate();
});

test('a v1 client: subprotocol, first-message auth, snapshot, bye; compression is offered and not taken', async ({
  server,
}) => {
  const ada = await signIn(server, 'ada');
  const client = await Client.open(server, '', ['chat', 'hereabouts.v1']);
  expect(client.socket.protocol).toBe('hereabouts.v1');
  expect(client.socket.extensions).toBe('');
  expect(client.upgrade.headers['sec-websocket-extensions']).toBeUndefined();

  client.say({ type: 'auth', token: ada.token });
  expect(await client.nextOf('connection.ack')).toMatchObject({ user_id: ada.id });
  client.say({ type: 'subscribe', scope: 'window', limit: 3 });
  expect(await client.nextOf('presence.snapshot')).toMatchObject({ scope: 'window' });
  client.say({ type: 'ping' });
  expect((await client.nextOf('pong')).cursor).toMatch(/^[0-9a-f]{32}$/);
  client.say({ type: 'bye' });
  expect(await client.closed()).toBe(1000);
});

test('frames: pings come back with what they carried, fragments are one message', async ({ server }) => {
  const { token } = await signIn(server, 'ada');
  const { socket, ...client } = await opened(server, token);
  for (const payload of [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(125, 0xfe)]) {
    socket.ping(payload);
    const [echoed] = await limited(once(socket, 'pong'), 'the pong');
    expect(echoed).toEqual(payload);
  }
  socket.send('{"type":', { fin: false });
  socket.ping('in between');
  socket.send('"ping"', { fin: false });
  socket.send('}', { fin: true });
  expect(await client.pong()).toEqual({ type: 'pong' });
  socket.terminate();
});

test('close codes', async ({ server }) => {
  const { token } = await signIn(server, 'ada');
  const closesWith = async (code: number, act: (socket: WebSocket) => void) => {
    const client = await Client.open(server, `?token=${token}`);
    await client.nextOf('connection.ack');
    act(client.socket);
    expect(await client.closed()).toBe(code);
  };
  await closesWith(1003, (socket) => socket.send(Buffer.from([1, 2, 3])));
  await closesWith(1009, (socket) => socket.send('x'.repeat(65_537)));
  await closesWith(4001, (socket) => socket.close(4001, 'my own reason'));
  await closesWith(1005, (socket) => socket.close());
  await closesWith(1008, (socket) => {
    for (let n = 0; n < 5; n++) socket.send('no JSON');
  });
  for (const query of ['', '?token=', '?token=nonsense'])
    expect(await (await Client.open(server, query)).closed()).toBe(4401);
});

test('a killed server is 1006, and the same client comes back', async ({ server }) => {
  const { token } = await signIn(server, 'ada');
  const client = await Client.open(server, `?token=${token}`);
  await client.nextOf('connection.ack');
  const closed = client.closed();
  await server.restart();
  expect(await closed).toBe(1006);
  await (await Client.open(server, `?token=${token}`)).nextOf('connection.ack');
});

async function opened(server: Server, token: string) {
  const client = await Client.open(server, `?token=${token}`);
  await client.nextOf('connection.ack');
  return { socket: client.socket, pong: () => client.nextOf('pong') };
}
