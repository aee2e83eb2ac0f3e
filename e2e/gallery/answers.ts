/** What the gallery's fake client is answered: enough for each panel to have something to show. */
import type { ActivityRow, MyStatus } from 'hereabouts';
import type { GalleryConfig } from '../support/gallery.ts';

const NOW = Date.now();
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

const NAMES = ['Ada Lovelace', 'Grace Hopper', 'Linus'];

function activity(): ActivityRow[] {
  const row = (
    minutes: number,
    name: number,
    kind: ActivityRow['kind'],
    status: ActivityRow['status'] = 'online',
  ) => ({
    id: `${minutes}-${name}`,
    user_id: String(name),
    username: NAMES[name] ?? '',
    kind,
    status: kind === 'left' ? ('offline' as const) : status,
    at: ago(minutes),
  });
  const flaps = [0, 1, 2, 3, 4, 5].map((n) => row(60 + n * 3, 2, n % 2 === 0 ? 'left' : 'joined'));
  return [
    row(2, 0, 'joined'),
    row(9, 1, 'changed', 'dnd'),
    row(31, 1, 'changed', 'away'),
    ...flaps,
    row(25 * 60, 0, 'left'),
    row(27 * 60, 0, 'joined'),
    row(80 * 60, 1, 'left'),
  ];
}

export function myStatus({ mode = 'dnd' }: GalleryConfig): MyStatus {
  const until = new Date(NOW + 3_600_000).toISOString();
  return {
    mode,
    until: mode === 'auto' ? null : until,
    custom: { emoji: '📅', text: 'In a meeting with a rather long name for it', until, show_offline: false },
    status: 'dnd',
    as_others_see: {
      user_id: 'viewer',
      username: 'Viewer',
      profile_image_url: null,
      status: 'dnd',
      is_online: true,
      since: ago(60),
      last_seen: null,
      version: 1,
    },
  };
}

/** By method and path, as the server would. */
export function answerTo(config: GalleryConfig, method: string, path: string): unknown {
  if (path.startsWith('/me/status/')) return myStatus(config);
  if (path.startsWith('/activity/'))
    return {
      results: config.isEmpty ? [] : activity(),
      next: config.isEmpty ? null : '/api/activity/?before=x',
    };
  if (path.startsWith('/auth/friend-requests/')) {
    const people = (name: string) => ({ id: name, username: name, profile_image_url: null });
    const request = (id: string, from: string, to: string) => ({
      id,
      from_user: people(from),
      to_user: people(to),
      created_at: ago(7),
    });
    const results = config.isEmpty
      ? []
      : [
          request('1', 'Ada Lovelace', 'viewer'),
          request('2', 'Wolfeschlegelsteinhausenbergerdorff the Elder of Somewhere', 'viewer'),
          request('3', 'viewer', 'Grace Hopper'),
        ];
    const mine = path.includes('outgoing');
    const shown = results.filter((each) => (each.from_user.id === 'viewer') === mine);
    return { count: shown.length, next: null, previous: null, results: shown };
  }
  throw new Error(`${method} ${path} is not answered in the gallery`);
}
