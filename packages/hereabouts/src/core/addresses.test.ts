import { expect, it } from 'vitest';
import { addressesOf, pictureUrl } from './addresses';

it.each([
  [
    'http://localhost:8000/api',
    undefined,
    'http://localhost:8000/api',
    'ws://localhost:8000/ws/user-status/',
  ],
  ['https://x.test/api/', undefined, 'https://x.test/api', 'wss://x.test/ws/user-status/'],
  ['https://x.test/api', 'wss://live.x.test', 'https://x.test/api', 'wss://live.x.test/ws/user-status/'],
  ['https://x.test/api', 'https://live.x.test/', 'https://x.test/api', 'wss://live.x.test/ws/user-status/'],
  ['/api', undefined, 'https://page.test/api', 'wss://page.test/ws/user-status/'],
  ['https://x.test/v2/api', undefined, 'https://x.test/v2/api', 'wss://x.test/v2/ws/user-status/'],
])('derives the addresses of %s and %s', (url, wsUrl, api, socket) => {
  expect(addressesOf(url, wsUrl, 'https://page.test/app/messages')).toMatchObject({ api, socket });
});

it('knows where paths of pictures belong: nowhere else, when the server is this site', () => {
  const page = 'https://page.test/app/messages';
  expect(addressesOf('http://localhost:8000/api', undefined, page).pictures).toBe('http://localhost:8000');
  expect(addressesOf('/api', undefined, page).pictures).toBe('');
  expect(addressesOf('/api', undefined, undefined).pictures).toBe('');
});

it.each([
  ['/media/ada.png', 'http://localhost:8000', 'http://localhost:8000/media/ada.png'],
  ['/media/ada.png', '', '/media/ada.png'],
  ['https://cdn.test/a.png?x=1#y', '', 'https://cdn.test/a.png?x=1#y'],
  ['https://cdn.test:8443', '', 'https://cdn.test:8443'],
  ['HTTPS://cdn.test/a@2x.png', '', 'HTTPS://cdn.test/a@2x.png'],
  ['http://localhost:8000/media/a.png', 'http://localhost:8000', 'http://localhost:8000/media/a.png'],
])('shows the picture %s', (picture, origin, shown) => {
  expect(pictureUrl(picture, origin)).toBe(shown);
});

it.each([
  null,
  '',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  '\tjavascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:image/svg+xml,<svg onload=alert(1)>',
  'blob:https://app.test/1',
  'http://tracker.test/pixel.gif',
  'http://localhost:8000.evil.test/a.png',
  '//evil.test/a.png',
  '/\\evil.test/a.png',
  '/\t/evil.test/a.png',
  '\\\\evil.test\\a.png',
  'https:///a.png',
  'https:evil.test/a.png',
  'https://user:password@evil.test/a.png',
  'https://user@evil.test',
  'https://a.test/\r\nSet-Cookie: x',
  ' https://a.test/a.png',
  'avatar.png',
  `https://a.test/${'x'.repeat(2_048)}`,
])('a41 shows no picture for %j', (picture) => {
  expect(pictureUrl(picture, 'http://localhost:8000')).toBeNull();
});
