import type { Environment } from './environment';
import type { ConnectionStatus, LostConnection } from './types';

/** A gap this short is not worth dimming the page for. Milliseconds. */
const BLINK_MS = 1_000;

/** Times how long a connection is missing. */
export interface LossWatch {
  update(status: ConnectionStatus, isOnline: boolean): void;
}

export function watchLoss(
  environment: Environment,
  lostAfterMs: number,
  events: { onInterrupted(): void; onLoss(event: LostConnection): void },
): LossWatch {
  let wasConnected = false;
  let isLost = false;
  let stopTimers = () => {};

  function begin(isOnline: boolean): void {
    const stopBlink = environment.after(isOnline ? BLINK_MS : 0, events.onInterrupted);
    const stopLost = environment.after(lostAfterMs, () => {
      isLost = true;
      events.onLoss('lost');
    });
    stopTimers = () => {
      stopBlink();
      stopLost();
    };
  }

  function end(event: LostConnection): void {
    stopTimers();
    if (isLost) events.onLoss(event);
    isLost = false;
  }

  return {
    update(status, isOnline) {
      if (status === 'connected') {
        end('restored');
        wasConnected = true;
      } else if (status === 'disconnected' || status === 'initial') {
        end('failed');
        wasConnected = false;
      } else if (wasConnected) {
        wasConnected = false;
        begin(isOnline);
      }
    },
  };
}
