import type { Socket, SocketHandlers } from './environment';

/**
 * Sockets that can be dropped the way a reload drops them.
 *
 * `close()` of a page sends a close frame that means "leaving", and others see the person go. A page that is put
 * into the cache for going back must let its socket go without that. No API says so; but a browser closes the
 * sockets of a removed frame with 1001, exactly as on a reload. So the socket is made in an empty hidden frame.
 * Measured in Chromium 156: reload 1001, `close()` 1005, removed frame 1001.
 */
export function openBrowserSocket(url: string, protocol: string, handlers: SocketHandlers): Socket {
  const Constructor = socketConstructor();
  const socket = new Constructor(url, protocol);
  socket.onopen = () => handlers.onOpen();
  socket.onmessage = (event) => {
    if (typeof event.data === 'string') handlers.onMessage(event.data);
  };
  socket.onclose = (event) => handlers.onClose(event.code, event.reason);
  return {
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text);
    },
    close: () => socket.close(1000),
    letGo: () => {
      socket.onopen = socket.onmessage = socket.onclose = null;
      if (frameSocket() === Constructor) frame?.remove();
      else socket.close();
    },
  };
}

let frame: HTMLIFrameElement | null = null;

/** The constructor of the hidden frame, while it stands. */
function frameSocket(): typeof WebSocket | undefined {
  return (frame?.contentWindow as { WebSocket?: typeof WebSocket } | null | undefined)?.WebSocket;
}

function socketConstructor(): typeof WebSocket {
  if (typeof WebSocket === 'undefined') throw new Error('No WebSocket here: Node 22 has one.');
  // A replaced constructor (a test's, a monitor's) must see our socket.
  if (typeof document === 'undefined' || !document.body || !/\[native code\]/.test(String(WebSocket))) {
    return WebSocket;
  }
  if (!frame?.isConnected) {
    frame = document.createElement('iframe');
    frame.hidden = true;
    document.body.append(frame);
  }
  return frameSocket() ?? WebSocket;
}
