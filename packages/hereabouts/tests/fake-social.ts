/** What a fake server knows beyond who is here: my status, activity, requests, watches. */
import type { ActivityRow, FriendRequest, MyStatus, SetStatus } from '../src/core/protocol';
import { person } from './fake-server';

export class FakeSocial {
  status: MyStatus = {
    mode: 'auto',
    until: null,
    custom: null,
    status: 'online',
    as_others_see: person('me'),
  };
  /** The next change of my status is refused with this sentence. */
  refusal: string | null = null;
  activity: ActivityRow[] = [];
  requests: FriendRequest[] = [];
  /** Each call: `PUT /me/status/ {"mode":"dnd"}`. */
  readonly calls: string[] = [];

  constructor(private readonly now: () => number) {}

  /** Null for what is not its business. */
  answer(method: string, address: string, sent: string): Response | null {
    const url = new URL(address, 'https://app.test');
    const path = url.pathname.replace('/api', '');
    if (!/^\/(me|activity|auth\/friend-requests)\//.test(path)) return null;
    this.calls.push(`${method} ${path}${url.search}${sent && ` ${sent}`}`);
    const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
    if (path === '/me/status/') {
      if (method === 'PUT' && this.refusal !== null) return json({ detail: this.refusal }, 400);
      if (method === 'PUT') this.set(JSON.parse(sent) as SetStatus);
      return json(this.current());
    }
    if (path === '/activity/') return json(this.page(url.searchParams));
    if (path === '/auth/friend-requests/' && method === 'GET') {
      const mine = url.searchParams.get('direction') === 'outgoing';
      const results = this.requests.filter((request) => (request.from_user.id === 'me') === mine);
      return json({ count: results.length, next: null, previous: null, results });
    }
    const answered = /^\/auth\/friend-requests\/(\w+)\//.exec(path);
    if (answered) this.requests = this.requests.filter((request) => request.id !== answered[1]);
    return new Response(null, { status: 204 });
  }

  /** As the real one: what ended is not there any more. */
  private current(): MyStatus {
    const isOver = (until: string | null | undefined) => !!until && Date.parse(until) <= this.now();
    if (isOver(this.status.until)) this.status = { ...this.status, mode: 'auto', until: null };
    if (isOver(this.status.custom?.until)) this.status = { ...this.status, custom: null };
    return this.status;
  }

  private set({ mode, until, custom }: SetStatus): void {
    this.status = {
      ...this.status,
      ...(mode && { mode, until: until ?? null }),
      ...(custom !== undefined && {
        custom: custom && { emoji: null, text: null, until: null, show_offline: false, ...custom },
      }),
    };
  }

  private page(query: URLSearchParams) {
    const limit = Number(query.get('limit'));
    const from = Number(query.get('before') ?? 0);
    const of = query.get('user_id');
    const rows = this.activity.filter((row) => of === null || row.user_id === of);
    query.set('before', String(from + limit));
    const next = rows.length > from + limit ? `/api/activity/?${query}` : null;
    return { results: rows.slice(from, from + limit), next };
  }
}
