import { vi } from 'vitest';
import type { SocketHandlers } from '../../src/core/environment';
import { FakeBrowser } from '../fake-browser';

/** Puts a fake server behind the global `WebSocket` and `fetch`: for what makes its own client. */
export function fakeGlobals(): FakeBrowser {
  const browser = new FakeBrowser();
  const tab = browser.openTab();

  class FakeWebSocket {
    readonly OPEN = 1;
    readyState = 0;
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    onclose: ((event: { code: number; reason: string }) => void) | null = null;
    private readonly socket;

    constructor(url: string, protocol: string) {
      const handlers: SocketHandlers = {
        onOpen: () => {
          this.readyState = 1;
          this.onopen?.();
        },
        onMessage: (data) => this.onmessage?.({ data }),
        onClose: (code, reason) => this.onclose?.({ code, reason }),
      };
      this.socket = browser.server.accept(tab, url, protocol, handlers);
    }

    send(text: string): void {
      this.socket.send(text);
    }

    close(): void {
      this.socket.close();
    }
  }

  vi.stubGlobal('WebSocket', FakeWebSocket);
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const headers = init.headers as Record<string, string>;
    tab.requests.push({ url, headers });
    return browser.server.answer(url, headers, String(init.body ?? ''));
  });
  return browser;
}
