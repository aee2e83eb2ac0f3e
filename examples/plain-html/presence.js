// Shows who is online: signs in, lets the client keep the connection, and draws the list whenever it changes.
import { createPresenceClient, UnauthorizedError } from './hereabouts/index.js';

const API = document.documentElement.dataset.api;
const KEY = 'sign-in';
const STATUS = { online: 'online', away: 'away', dnd: 'do not disturb', offline: 'offline' };
const CONNECTION = {
  initial: '',
  connecting: 'Connecting…',
  connected: 'Connected',
  reconnecting: 'Reconnecting…',
  disconnected: 'Not connected',
};

const client = createPresenceClient({ url: API, getToken });
client.watchOnline(50);
client.subscribe(draw);
client.on('unauthorized', () => keep(null));

byId('sign-in').addEventListener('submit', signIn);
byId('sign-out').addEventListener('click', signOut);
draw();
if (kept()) client.connect();

/** The client asks for a token before each connection, when one ends soon, and when the server refused one. */
async function getToken({ reason }) {
  const session = kept();
  if (!session || (reason !== 'rejected' && reason !== 'expiring')) return session?.access_token ?? null;
  const answer = await post('token/refresh', { refresh_token: session.refresh_token });
  // Another error is tried again; this one ends the sign-in.
  if (answer.status === 401) throw new UnauthorizedError();
  if (!answer.ok) throw new Error(`refresh: ${answer.status}`);
  return keep({ ...session, ...(await answer.json()) }).access_token;
}

async function signIn(event) {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(event.target));
  const answer = await post(event.submitter?.value ?? 'login', fields).catch(() => null);
  const body = await answer?.json().catch(() => null);
  byId('problem').textContent = answer?.ok ? '' : (body?.detail ?? 'The server cannot be reached.');
  if (!answer?.ok) return;
  keep(body);
  client.connect();
}

function signOut() {
  const { access_token, refresh_token } = kept();
  client.disconnect({ everyTab: true });
  keep(null);
  post('logout', { refresh_token }, access_token).catch(() => {});
}

function draw() {
  const { connectionStatus, isConnected, userId, users, total } = client.getSnapshot();
  const others = users.filter((user) => user.id !== userId);
  byId('sign-in').hidden = kept() !== null;
  byId('here').hidden = kept() === null;
  byId('connection').textContent = CONNECTION[connectionStatus];
  byId('count').textContent = others.length === 0 ? 'Nobody else is here.' : `${total - 1} besides you`;
  byId('people').replaceChildren(...others.map(row));
  byId('people').dataset.stale = String(!isConnected);
}

function row({ username, status, since }) {
  const item = document.createElement('li');
  item.dataset.status = status;
  // Names are texts that people chose: they never become HTML.
  item.append(element('b', username), element('span', STATUS[status]));
  if (since) item.title = `Here since ${new Date(since).toLocaleTimeString()}`;
  return item;
}

function element(name, text) {
  return Object.assign(document.createElement(name), { textContent: text });
}

function byId(id) {
  return document.getElementById(id);
}

/** One sign-in for each tab; `localStorage` would keep one for the whole browser. */
function kept() {
  return JSON.parse(sessionStorage.getItem(KEY));
}

function keep(session) {
  sessionStorage.setItem(KEY, JSON.stringify(session));
  draw();
  return session;
}

function post(path, body, token) {
  return fetch(`${API}/auth/${path}/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
}
