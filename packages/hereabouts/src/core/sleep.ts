import type { Environment } from './environment';

const LOOK_EVERY_MS = 2_000;
/** Timers of hidden tabs may run only once a minute; a gap beyond that was sleep. */
const HIDDEN_GAP_MS = 90_000;
const VISIBLE_GAP_MS = 8_000;

/** Tells when the machine slept: the clock moved much further than the timer. */
export function watchSleep(environment: Environment, onWoke: () => void): () => void {
  let stopTimer = () => {};
  let lastLook = environment.now();
  function look(): void {
    const gap = environment.now() - lastLook;
    lastLook = environment.now();
    if (gap > (environment.isVisible() ? VISIBLE_GAP_MS : HIDDEN_GAP_MS)) onWoke();
    stopTimer = environment.after(LOOK_EVERY_MS, look);
  }
  stopTimer = environment.after(LOOK_EVERY_MS, look);
  return () => stopTimer();
}
