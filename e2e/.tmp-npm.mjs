import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const base = /listening on (http:\S+?)"/.exec(readFileSync('/tmp/npmx/dev.log', 'utf8'))[1];
const token = (u, ttl = '1h') =>
  execFileSync('/tmp/npmx/hereabouts', ['token', '--user', u, '--data-dir', '/tmp/npmx/data', '--ttl', ttl])
    .toString()
    .trim()
    .split('\n')
    .pop();
const t0 = Date.now();
const log = (...a) => console.log(((Date.now() - t0) / 1000).toFixed(2), ...a);
const b = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox'],
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
});
const id = (t) => JSON.parse(Buffer.from(t.split('.')[1], 'base64url')).user_id;
async function open(ctx, u, q = '') {
  const p = await ctx.newPage();
  p.on('console', (m) => {
    if (['error', 'warning'].includes(m.type())) log('CONSOLE', u, m.text());
  });
  p.on('pageerror', (e) => log('PAGEERROR', u, e.message));
  p.ws = 0;
  p.on('websocket', (w) => {
    p.ws++;
    w.on('close', () => {});
  });
  await p.goto(base + '/' + q);
  await p.waitForFunction(() => window.hb);
  return p;
}
const login = (p, u, t = token(u)) =>
  p.evaluate(([t, u, i]) => hb.login({ accessToken: t, user: { id: i, username: u } }), [t, u, id(t)]);
const names = (p) => p.$$eval('.ha-name', (e) => e.map((x) => x.textContent));
const sees = (p, n, yes, timeout = 20000) =>
  p.waitForFunction(
    ([n, yes]) => [...document.querySelectorAll('.ha-name')].some((x) => x.textContent === n) === yes,
    [n, yes],
    { timeout, polling: 10 },
  );
const timed = async (what, pr) => {
  const s = Date.now();
  try {
    await pr;
    log(what, Date.now() - s, 'ms');
  } catch (e) {
    log('FAIL', what, e.message.split('\n')[0]);
  }
};
const c1 = await b.newContext(),
  c2 = await b.newContext();
const users = JSON.parse(readFileSync('/work/main/apps/demo/people.json', 'utf8'));
log(JSON.stringify(users).slice(0, 200));
const U = process.argv[2].split(',');
const a = await open(c1, U[0]);
await login(a, U[0]);
await timed(
  'a connected',
  a.waitForFunction(() => document.querySelector('#status').textContent === 'connected'),
);
await a.waitForTimeout(500);
log('a sees', await names(a), 'sockets', a.ws);
const full = await a.evaluate(() => hb.client.getSnapshot());
log(full.total, full.listState, JSON.stringify(full.users[0]));
const l = await open(c2, U[1]);
await timed('login→visible', Promise.all([login(l, U[1]), sees(a, process.argv[3], true)]));
// reload x5
await a.evaluate(() => {
  events.length = 0;
});
for (let i = 0; i < 5; i++) {
  await l.reload();
  await l.waitForFunction(() => document.querySelector('#status')?.textContent === 'connected');
}
log(
  'events during 5 reloads',
  await a.evaluate((i) => events.filter((e) => e.startsWith(i)), id(token(U[1]))),
);
// navigate away and back
await l.goto(base + '/other/');
await l.waitForTimeout(800);
await l.goBack({ waitUntil: 'commit' }).catch(() => {});
await timed(
  'back connected',
  l.waitForFunction(() => document.querySelector('#status')?.textContent === 'connected', null, {
    timeout: 5000,
  }),
);
log(
  'bfcache persisted?',
  await l.evaluate(() => performance.getEntriesByType('navigation')[0]?.notRestoredReasons),
);
log('events after back', await a.evaluate((i) => events.filter((e) => e.startsWith(i)), id(token(U[1]))));
// second tab of linus (session storage is copied? new tab logs in)
const l2 = await open(c2, U[1]);
await login(l2, U[1]);
await timed(
  'tab2 connected',
  l2.waitForFunction(() => document.querySelector('#status').textContent === 'connected'),
);
log('tab2 sockets', l2.ws);
// close the leader tab
await l.close();
await timed('takeover', l2.waitForEvent('websocket', { timeout: 3000 }));
await l2.waitForFunction(() => document.querySelector('#status').textContent === 'connected');
await l2.waitForTimeout(1000);
log(
  'events after closing leader',
  await a.evaluate((i) => events.filter((e) => e.startsWith(i)), id(token(U[1]))),
);
// disconnect → bye
await timed('bye→gone', Promise.all([l2.evaluate(() => hb.disconnect()), sees(a, process.argv[3], false)]));
await timed('connect→back', Promise.all([l2.evaluate(() => hb.connect()), sees(a, process.argv[3], true)]));
await timed('logout→gone', Promise.all([l2.evaluate(() => hb.logout()), sees(a, process.argv[3], false)]));
log('l2 shows', await l2.textContent('.ha-card'));
// offline
await login(l2, U[1]);
await sees(a, process.argv[3], true);
await c2.setOffline(true);
await l2.waitForTimeout(1500);
log('offline shows', await l2.textContent('.ha-card'));
await c2.setOffline(false);
await timed(
  'online→ready',
  l2.waitForFunction(
    () =>
      document.querySelector('.ha-card').dataset.state === 'ready' &&
      document.querySelector('#status').textContent === 'connected',
  ),
);
log('events over offline', await a.evaluate((i) => events.filter((e) => e.startsWith(i)), id(token(U[1]))));
// tooltip
await a.hover('.ha-user');
await timed('tooltip', a.waitForSelector('.ha-tooltip'));
log(await a.textContent('.ha-tooltip'));
await a.hover('.ha-tooltip');
await a.waitForTimeout(300);
log('still there', !!(await a.$('.ha-tooltip')));
await a.mouse.move(900, 700);
await a.waitForTimeout(300);
log('gone', !(await a.$('.ha-tooltip')));
for (const [w, h] of [
  [320, 560],
  [256, 640],
  [640, 420],
  [1100, 330],
]) {
  await a.setViewportSize({ width: w, height: h });
  await a.screenshot({ path: `/tmp/npmx/shot-${w}.png` });
}
// expired token
const e = await open(await b.newContext(), 'exp');
await login(e, U[2], token(U[2], '1s')).catch((x) => log(x.message));
await b.close();
