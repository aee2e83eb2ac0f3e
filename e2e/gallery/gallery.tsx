/** `<OnlineUsers/>`, or a part beside it, alone on a page, with people from the address instead of a server. */
import type { PresenceClient, PresenceEvents, PresenceSnapshot, PresenceUser } from 'hereabouts';
import ar from 'hereabouts/locales/ar';
import en from 'hereabouts/locales/en';
import es from 'hereabouts/locales/es';
import pl from 'hereabouts/locales/pl';
import { type AllMessages, OnlineUsers, UserStatusProvider } from 'hereabouts/react';
import { createRoot } from 'react-dom/client';
import type { GalleryConfig } from '../support/gallery.ts';
import { answerTo, myStatus } from './answers.ts';
import { PANELS } from './panels.tsx';

const config = JSON.parse(decodeURIComponent(location.hash.slice(1))) as GalleryConfig;
const users = config.users.map(whole);

function whole(user: GalleryConfig['users'][number], index: number): PresenceUser {
  const isOnline = (user.status ?? 'online') !== 'offline';
  return {
    profile_image_url: null,
    status: 'online',
    custom_status: null,
    ...user,
    id: String(index),
    is_online: isOnline,
    since: isOnline ? '2026-11-24T01:00:00.000000Z' : null,
    last_seen: isOnline ? null : '2026-11-20T01:00:00.000000Z',
    last_activity: null,
    slug: '',
    version: 1,
  };
}

const snapshot: PresenceSnapshot = {
  connectionStatus: config.connectionStatus ?? 'connected',
  isConnected: (config.connectionStatus ?? 'connected') === 'connected',
  userId: 'viewer',
  users: users.filter((user) => user.is_online),
  friends: null,
  features: [],
  byId: new Map(),
  total: config.total ?? users.length,
  recent: users.filter((user) => !user.is_online),
  listState: config.listState ?? 'ready',
  error: config.error ? { code: config.error, message: 'Only for the console' } : null,
  updatedAt: Date.now() - 12_000,
  clockOffsetMs: 0,
};

const stay = () => () => {};
const client: PresenceClient = {
  connect() {},
  disconnect() {},
  subscribe: stay,
  getSnapshot: () => snapshot,
  getServerSnapshot: () => snapshot,
  watchOnline: stay,
  watchRecent: stay,
  follow: stay,
  on(event, callback) {
    // Toasts: everybody of the page comes online.
    const say = callback as (event: PresenceEvents['watch-online']) => void;
    if (event === 'watch-online') for (const user of users) setTimeout(() => say(user));
    return () => {};
  },
  request: async <Answer,>(method: string, path: string) => answerTo(config, method, path) as Answer,
  setMode: async () => myStatus(config),
  setCustomStatus: async () => myStatus(config),
  watch: async () => async () => {},
  sendPing() {},
  renewToken() {},
  refetch: async () => {},
};

/** Every word in brackets: what stands outside of them on the page was never in `messages`. */
function bracketed(): AllMessages {
  const bracket = (text: unknown): unknown =>
    typeof text === 'string'
      ? `⟦${text}⟧`
      : Object.fromEntries(Object.entries(text as object).map(([form, each]) => [form, bracket(each)]));
  return bracket(en) as AllMessages;
}

const translations: Record<string, AllMessages> = { ar, es, pl };
const translation = config.translated ? translations[config.locale ?? ''] : undefined;

const root = document.querySelector('#root');
if (!root) throw new Error('no #root');
createRoot(root).render(
  <UserStatusProvider
    client={client}
    locale={config.locale}
    dir={config.dir}
    messages={config.pseudo ? bracketed() : translation}
  >
    {config.panel ? (
      PANELS[config.panel]()
    ) : (
      <OnlineUsers
        maxUsers={config.maxUsers}
        className={config.className}
        classNames={config.classNames}
        viewAllHref={config.viewAllHref}
        onUserClick={() => {}}
      />
    )}
  </UserStatusProvider>,
);
