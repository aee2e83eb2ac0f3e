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
  expect(addressesOf(url, wsUrl, 'https://page.test/app/messages')).toEqual({ api, socket });
});

it('makes a picture path good for a page from elsewhere', () => {
  expect(pictureUrl('/media/ada.png', 'http://localhost:8000/api')).toBe(
    'http://localhost:8000/media/ada.png',
  );
  expect(pictureUrl('https://cdn.test/a.png', 'http://localhost:8000/api')).toBe('https://cdn.test/a.png');
  expect(pictureUrl('/media/ada.png', '/api')).toBe('/media/ada.png');
  expect(pictureUrl(null, '/api')).toBeNull();
});
