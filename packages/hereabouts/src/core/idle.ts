import type { Environment } from './environment';

/** Watches whether the person is using this browser, in whichever tab. */
export interface IdleWatch {
  /** Somebody touched something, here or in another tab. */
  input(): void;
  readonly isIdle: boolean;
  stop(): void;
}

/**
 * Idle after `idleAfterMs` without input. The timer only wakes us to look at the clock: timers of hidden tabs run
 * late, and a laptop sleeps.
 */
export function watchIdle(
  environment: Environment,
  idleAfterMs: number,
  onChange: (idle: boolean) => void,
): IdleWatch {
  let lastInput = environment.now();
  let isIdle = false;
  let stopTimer = () => {};

  function look(): void {
    const left = lastInput + idleAfterMs - environment.now();
    if (left > 0) {
      stopTimer = environment.after(left, look);
      return;
    }
    isIdle = true;
    onChange(true);
  }

  look();
  return {
    input() {
      lastInput = environment.now();
      if (!isIdle) return;
      isIdle = false;
      onChange(false);
      look();
    },
    get isIdle() {
      return isIdle;
    },
    stop: () => stopTimer(),
  };
}
