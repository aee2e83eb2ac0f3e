/*
 * The world as the client sees it. Everything that is not a rule comes in here, so that a test can be the world,
 * and so that the core runs in a page, in Node and in a worker.
 */

/** A socket on its way or open. */
export interface Socket {
  send(text: string): void;
  /** Leaves cleanly: the server shows the person as gone at once. */
  close(): void;
  /** Drops the socket as a reload would: the server's grace begins. */
  letGo(): void;
}

export interface SocketHandlers {
  onOpen(): void;
  onMessage(text: string): void;
  onClose(code: number, reason: string): void;
}

/** What a page can tell: about its network, its visibility, its life and the person's input. */
export interface WorldEvents {
  onOnline(): void;
  onOffline(): void;
  onVisible(): void;
  onHidden(): void;
  /** `cached`: the page may be kept for going back. */
  onPageHide(cached: boolean): void;
  onPageShow(cached: boolean): void;
  /** A pointer or key was used; at most once a second. */
  onInput(): void;
}

export interface Channel {
  post(message: unknown): void;
  close(): void;
}

/** Web Locks, as far as we need them. */
export interface Locks {
  /** Waits for the lock, then holds it until `release`. `onLost` when another tab took it away. */
  acquire(
    name: string,
    options: { steal: boolean; onHeld: () => void; onLost: () => void },
  ): { release(): void };
  /** How many hold or wait for it. */
  count(name: string): Promise<number>;
}

export interface Environment {
  /** Address of the page, to resolve relative addresses against. */
  readonly page: string | undefined;
  /** Milliseconds since 1970, of this machine's clock. */
  now(): number;
  /** From 0 up to 1. */
  random(): number;
  /** Runs `callback` once; returns how to call it off. */
  after(ms: number, callback: () => void): () => void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  openSocket(url: string, protocol: string, handlers: SocketHandlers): Socket;
  isOnline(): boolean;
  isVisible(): boolean;
  listen(events: WorldEvents): () => void;
  /** Missing where a browser has none: each tab then works alone. */
  readonly locks: Locks | null;
  openChannel: ((name: string, onMessage: (message: unknown) => void) => Channel) | null;
}
