/** What stands in the corner: pure, so that its rules can be tested one by one. */

export interface Toast {
  readonly id: string;
  readonly name: string;
}

export interface Toasts {
  /** Oldest first. */
  readonly shown: readonly Toast[];
  /** Further people in the last one. */
  readonly more: number;
}

/** More than these would cover the page; who comes on top is counted. */
const MAX_SHOWN = 3;

export const NO_TOASTS: Toasts = { shown: [], more: 0 };

/** Somebody who is named already is not named twice. */
export function withToast(toasts: Toasts, toast: Toast): Toasts {
  if (toasts.shown.some((each) => each.id === toast.id)) return toasts;
  if (toasts.shown.length < MAX_SHOWN) return { ...toasts, shown: [...toasts.shown, toast] };
  return { ...toasts, more: toasts.more + 1 };
}

export function withoutToast(toasts: Toasts, id: string): Toasts {
  const shown = toasts.shown.filter((each) => each.id !== id);
  return shown.length === 0 && toasts.more === 0 ? NO_TOASTS : { ...toasts, shown };
}

export function withoutMore(toasts: Toasts): Toasts {
  return toasts.shown.length === 0 ? NO_TOASTS : { ...toasts, more: 0 };
}
