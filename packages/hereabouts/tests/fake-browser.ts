import type { Channel, Environment, Locks, WorldEvents } from '../src/core/environment';
import type { OnlineUser } from '../src/core/protocol';
import { FakeServer } from './fake-server';

/** A browser with tabs, a clock that only moves when told, and a server with named behaviours. */
export class FakeBrowser {
  nowMs = Date.parse('2026-11-24T01:02:03Z');
  readonly server = new FakeServer(this);
  private timers: { at: number; order: number; callback: () => void; tab: FakeTab | null }[] = [];
  private order = 0;
  private readonly locks = new Map<string, LockEntry[]>();
  private readonly channels = new Map<string, Set<ChannelEnd>>();

  openTab(options: { locks?: boolean } = {}): FakeTab {
    return new FakeTab(this, options.locks ?? true);
  }

  after(ms: number, callback: () => void, tab: FakeTab | null = null): () => void {
    const timer = { at: this.nowMs + ms, order: this.order++, callback, tab };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }

  /** Lets promises settle: what a browser does between two tasks. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
  }

  /** Moves the clock, running what is due on the way, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.nowMs + ms;
    await this.settle();
    for (let step = 0; step < 100_000; step += 1) {
      const due = this.timers
        .filter((timer) => timer.at <= end && !timer.tab?.isFrozen)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!due) break;
      this.timers = this.timers.filter((timer) => timer !== due);
      this.nowMs = Math.max(this.nowMs, due.at);
      due.callback();
      await this.settle();
    }
    this.nowMs = end;
    await this.settle();
  }

  /** The machine sleeps: the clock moves, timers do not; they are all late afterwards. */
  async sleep(ms: number): Promise<void> {
    this.nowMs += ms;
    await this.advance(0);
  }

  channel(name: string, tab: FakeTab, onMessage: (message: unknown) => void): Channel {
    const ends = this.channels.get(name) ?? new Set();
    this.channels.set(name, ends);
    const end = { tab, onMessage };
    ends.add(end);
    return {
      post: (message) => {
        const copy = structuredClone(message);
        for (const other of [...ends]) {
          if (other === end) continue;
          queueMicrotask(() => {
            if (ends.has(other) && !other.tab.isFrozen) other.onMessage(copy);
          });
        }
      },
      close: () => ends.delete(end),
    };
  }

  lockManager(tab: FakeTab): Locks {
    return {
      acquire: (name, { steal, onHeld, onLost }) => {
        const queue = this.locks.get(name) ?? [];
        this.locks.set(name, queue);
        const entry: LockEntry = { tab, isHeld: false, onHeld, onLost };
        if (steal) {
          const holder = queue.find((each) => each.isHeld);
          if (holder) {
            queue.splice(queue.indexOf(holder), 1);
            holder.isHeld = false;
            queueMicrotask(holder.onLost);
          }
          queue.unshift(entry);
        } else queue.push(entry);
        this.grant(name);
        return { release: () => this.release(name, entry) };
      },
      count: async (name) => this.locks.get(name)?.length ?? 0,
    };
  }

  release(name: string, entry: LockEntry): void {
    const queue = this.locks.get(name) ?? [];
    const index = queue.indexOf(entry);
    if (index >= 0) queue.splice(index, 1);
    this.grant(name);
  }

  private grant(name: string): void {
    const queue = this.locks.get(name) ?? [];
    const first = queue[0];
    if (!first || queue.some((entry) => entry.isHeld)) return;
    first.isHeld = true;
    queueMicrotask(() => {
      if (queue.includes(first)) first.onHeld();
    });
  }

  /** The tab is closed or crashes: what it held is free, and its sockets are lost. */
  kill(tab: FakeTab): void {
    this.timers = this.timers.filter((timer) => timer.tab !== tab);
    for (const ends of this.channels.values()) {
      for (const end of [...ends]) if (end.tab === tab) ends.delete(end);
    }
    for (const [name, queue] of this.locks) {
      for (const entry of queue.filter((each) => each.tab === tab)) this.release(name, entry);
    }
    this.server.tabDied(tab);
  }
}

interface LockEntry {
  tab: FakeTab;
  isHeld: boolean;
  onHeld(): void;
  onLost(): void;
}

interface ChannelEnd {
  tab: FakeTab;
  onMessage(message: unknown): void;
}

/** One tab: its own timers, visibility and network. */
export class FakeTab {
  isOnline = true;
  isVisible = true;
  isFrozen = false;
  /** What `random` gives; null for a fixed half. */
  randomValue = 0.5;
  events: WorldEvents | null = null;
  readonly requests: { url: string; headers: Record<string, string> }[] = [];
  readonly environment: Environment;

  constructor(
    readonly browser: FakeBrowser,
    hasLocks: boolean,
  ) {
    this.environment = {
      page: 'https://app.test/messages',
      now: () => browser.nowMs,
      random: () => this.randomValue,
      after: (ms, callback) => browser.after(ms, callback, this),
      fetch: async (url, init) => {
        const { headers, method } = init as { headers: Record<string, string>; method?: string };
        this.requests.push({ url, headers });
        return browser.server.answer(url, headers, String(init.body ?? ''), method);
      },
      openSocket: (url, protocol, handlers) => browser.server.accept(this, url, protocol, handlers),
      isOnline: () => this.isOnline,
      isVisible: () => this.isVisible,
      listen: (events) => {
        this.events = events;
        return () => {
          this.events = null;
        };
      },
      locks: hasLocks ? browser.lockManager(this) : null,
      openChannel: hasLocks ? (name, onMessage) => browser.channel(name, this, onMessage) : null,
    };
  }
}

/** A token of the form Django simplejwt writes, unsigned. */
export function tokenFor(userId: string, extra: Record<string, unknown> = {}): string {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, '');
  return `${part({ alg: 'HS256' })}.${part({ user_id: userId, token_type: 'access', ...extra })}.x`;
}

export function row(id: string, extra: Partial<OnlineUser> = {}): OnlineUser {
  return {
    id,
    username: id,
    profile_image_url: null,
    is_online: true,
    last_seen: '2026-11-24T01:02:00.000000Z',
    last_activity: '2026-11-24T01:02:00.000000Z',
    slug: id,
    ...extra,
  };
}
