import type { Channel, Environment } from './environment';

/** What tabs of one person say to each other. `Leading` is what a leader sends, `Asking` what it receives. */
export type TabMessage<Leading, Asking> =
  | { kind: 'leading'; body: Leading }
  | { kind: 'asking'; from: string; body: Asking }
  | { kind: 'probe' }
  | { kind: 'here' }
  | { kind: 'input' }
  | { kind: 'bye' };

export interface TabEvents<Leading, Asking> {
  /** This tab holds the socket from now on. */
  onElected(): void;
  /** Another tab took over. */
  onDemoted(): void;
  onLeading(body: Leading): void;
  onAsking(body: Asking, from: string): void;
  onInput(): void;
  /** Another tab of this person signed out. */
  onBye(): void;
}

export interface Tabs<Leading, Asking> {
  /** Take part under this key; without a key, or where the browser lacks the means, this tab works alone. */
  join(key: string | null): void;
  /** Stops taking part at once. Resolves to whether another tab goes on, as far as the browser can tell. */
  leave(options: { everyTab: boolean }): Promise<boolean> | false;
  tellFollowers(body: Leading): void;
  askLeader(body: Asking): void;
  tellInput(): void;
}

const PROBE_EVERY_MS = 1_000;
/** Two unanswered probes are two seconds of silence: the leader is frozen, whatever its socket says. */
const MAX_UNANSWERED = 2;

/**
 * One socket for each browser. The tab that holds the Web Lock leads; the others wait for the lock, so the
 * browser itself promotes one the moment the leader dies. A leader that is frozen keeps its lock: a visible tab
 * that hears nothing for two seconds takes it.
 */
export function createTabs<Leading, Asking>(
  environment: Environment,
  events: TabEvents<Leading, Asking>,
): Tabs<Leading, Asking> {
  type Message = TabMessage<Leading, Asking>;
  const { locks, openChannel } = environment;
  const self = String(environment.random());
  let key: string | null = null;
  let isLeader = false;
  let unanswered = 0;
  let channel: Channel | null = null;
  let lock: { release(): void } | null = null;
  let stopProbing: () => void = () => {};

  function post(message: Message): void {
    channel?.post(message);
  }

  function queue(steal: boolean): void {
    if (!locks || key === null) return;
    lock?.release();
    lock = locks.acquire(key, {
      steal,
      onHeld() {
        isLeader = true;
        stopProbing();
        events.onElected();
      },
      onLost() {
        const wasLeader = isLeader;
        isLeader = false;
        queue(false);
        probe();
        if (wasLeader) events.onDemoted();
      },
    });
  }

  function probe(): void {
    stopProbing();
    stopProbing = environment.after(PROBE_EVERY_MS, () => {
      if (isLeader || key === null) return;
      if (!environment.isVisible()) unanswered = 0;
      else if (unanswered >= MAX_UNANSWERED) {
        unanswered = 0;
        queue(true);
      } else {
        unanswered += 1;
        post({ kind: 'probe' });
      }
      probe();
    });
  }

  function receive(message: Message): void {
    switch (message.kind) {
      case 'leading':
        unanswered = 0;
        if (!isLeader) events.onLeading(message.body);
        break;
      case 'here':
        unanswered = 0;
        break;
      case 'probe':
        if (isLeader) post({ kind: 'here' });
        break;
      case 'asking':
        if (isLeader) events.onAsking(message.body, message.from);
        break;
      case 'input':
        events.onInput();
        break;
      case 'bye':
        events.onBye();
    }
  }

  function close(): void {
    stopProbing();
    isLeader = false;
    key = null;
    channel?.close();
    lock = channel = null;
  }

  return {
    join(name) {
      if (name !== null && name === key) return;
      lock?.release();
      close();
      if (name === null || !locks || !openChannel) return events.onElected();
      key = name;
      unanswered = 0;
      channel = openChannel(name, (message) => receive(message as Message));
      queue(false);
      probe();
    },
    leave({ everyTab }) {
      if (everyTab) post({ kind: 'bye' });
      const held = lock;
      const name = key;
      close();
      if (everyTab || !held || name === null || !locks) {
        held?.release();
        return false;
      }
      // Counted while our own lock is still held or waited for: one means nobody else.
      return locks
        .count(name)
        .then((count) => count > 1)
        .catch(() => false)
        .finally(() => held.release());
    },
    tellFollowers(body) {
      if (isLeader) post({ kind: 'leading', body });
    },
    askLeader(body) {
      post({ kind: 'asking', from: self, body });
    },
    tellInput() {
      post({ kind: 'input' });
    },
  };
}
