import type { EventBody } from './connection-state';
import type { Environment } from './environment';
import { type IdleWatch, watchIdle } from './idle';
import { watchSleep } from './sleep';

/** Tabs tell each other of input no more often than this. */
const TELL_INPUT_EVERY_MS = 5_000;

/** What happens around the client, while it is connected or tries to be. */
export interface World {
  readonly idle: IdleWatch;
  stop(): void;
}

export interface WorldHandlers {
  dispatch(event: EventBody): void;
  onIdle(isIdle: boolean): void;
  /** The person used this tab: the other tabs should know. */
  tellInput(): void;
  /** The page is hidden for good, or cached for going back. */
  onPageHide(): void;
}

/** Listens to the page, the network, the person and the clock, and translates for the connection. */
export function watchWorld(environment: Environment, idleAfterMs: number, handlers: WorldHandlers): World {
  const { dispatch } = handlers;
  const idle = watchIdle(environment, idleAfterMs, handlers.onIdle);
  const stopSleep = watchSleep(environment, () => dispatch({ type: 'woke' }));
  let toldInputAt = 0;

  function onInput(): void {
    idle.input();
    if (environment.now() - toldInputAt < TELL_INPUT_EVERY_MS) return;
    toldInputAt = environment.now();
    handlers.tellInput();
  }

  const stopListening = environment.listen({
    onOnline: () => dispatch({ type: 'online' }),
    onOffline: () => dispatch({ type: 'offline' }),
    onVisible() {
      onInput();
      dispatch({ type: 'visible' });
    },
    onHidden: () => {},
    onPageHide(cached) {
      handlers.onPageHide();
      // A page that is not cached is going away: the browser itself drops the socket, as a loss and not a leave.
      if (cached) dispatch({ type: 'pagehide' });
    },
    onPageShow: () => dispatch({ type: 'pageshow' }),
    onInput,
  });

  return {
    idle,
    stop() {
      stopSleep();
      stopListening();
      idle.stop();
    },
  };
}
