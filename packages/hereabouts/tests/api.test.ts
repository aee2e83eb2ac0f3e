/** What the client asks of the API in this person's name. */
import { expect, it } from 'vitest';
import { RequestError, UnauthorizedError } from '../src/core/errors';
import { clientIn, connected } from './client-world';
import { FakeBrowser, tokenFor } from './fake-browser';
import { person } from './fake-server';

it('mode and custom status are one call each, and what is not named stays as it is', async () => {
  const { browser, client } = await connected();
  const { social } = browser.server;
  expect(await client.setMode('dnd', '2026-11-24T03:00:00.000Z')).toMatchObject({ mode: 'dnd' });
  expect(await client.setCustomStatus({ text: 'Lunch' })).toMatchObject({
    mode: 'dnd',
    custom: { text: 'Lunch' },
  });
  await client.setMode('away');
  await client.setCustomStatus(null);
  expect(social.calls).toEqual([
    'PUT /me/status/ {"mode":"dnd","until":"2026-11-24T03:00:00.000Z"}',
    'PUT /me/status/ {"custom":{"text":"Lunch"}}',
    // Without an end the server has its own.
    'PUT /me/status/ {"mode":"away"}',
    'PUT /me/status/ {"custom":null}',
  ]);
});

it('a refusal is an error with the sentence and the status of the server', async () => {
  const { browser, client } = await connected();
  browser.server.social.refusal = 'The end of the mode must lie in the future.';
  const error = await client.setMode('away', '1999-01-01T00:00:00Z').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toMatchObject({ message: 'The end of the mode must lie in the future.', status: 400 });
});

it('a refused token is renewed once, then it is over', async () => {
  const browser = new FakeBrowser();
  const reasons: string[] = [];
  const tab = browser.openTab();
  const client = clientIn(tab, {
    getToken: async ({ reason }) => {
      reasons.push(reason);
      return tokenFor('me', { n: reasons.length });
    },
  });
  browser.server.apiAccepts = (token) => token === tokenFor('me', { n: 2 });
  expect(await client.request('GET', '/me/status/')).toMatchObject({ mode: 'auto' });
  expect(reasons).toEqual(['initial', 'rejected']);
  browser.server.apiAccepts = () => false;
  await expect(client.request('GET', '/me/status/')).rejects.toBeInstanceOf(UnauthorizedError);
  expect(reasons).toEqual(['initial', 'rejected', 'rejected']);
});

it('waits for somebody: what is told of them reaches every tab', async () => {
  const browser = new FakeBrowser();
  const clients = [clientIn(browser.openTab()), clientIn(browser.openTab())];
  const heard: string[] = [];
  for (const client of clients) {
    client.connect();
    client.on('watch-online', (user) => heard.push(`${user.id} ${user.is_online}`));
    await browser.advance(100);
  }
  const stop = await clients[1]?.watch('ada', { repeat: true });
  browser.server.last.say({ type: 'watch.online', user: person('ada') });
  await browser.settle();
  expect(heard).toEqual(['ada true', 'ada true']);
  await stop?.();
  expect(browser.server.social.calls).toEqual([
    'POST /me/watches/ {"user_id":"ada","repeat":true}',
    'DELETE /me/watches/ada/',
  ]);
});
