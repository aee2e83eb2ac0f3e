import { type FocusEvent, useCallback, useLayoutEffect, useRef } from 'react';

/** Layout effects warn during server rendering in React 18; there is no focus to keep there. */
const useBrowserLayoutEffect = typeof window === 'undefined' ? () => {} : useLayoutEffect;

/** When the focused person leaves the list, focus goes to the card that took their place, not to the page. */
export function useFocusKeeper(ids: readonly string[]) {
  const list = useRef<HTMLUListElement>(null);
  const focused = useRef<{ id: string; index: number } | null>(null);

  const onFocus = useCallback(
    (event: FocusEvent) => {
      const id = (event.target as Element).closest<HTMLElement>('[data-user-id]')?.dataset.userId;
      focused.current = id === undefined ? null : { id, index: ids.indexOf(id) };
    },
    [ids],
  );
  const onBlur = useCallback(() => {
    // A removed element tells nobody that it lost the focus, in most browsers; where one does, it is still connected.
    focused.current = null;
  }, []);

  useBrowserLayoutEffect(() => {
    const last = focused.current;
    if (!last) return;
    const index = ids.indexOf(last.id);
    if (index >= 0) {
      last.index = index;
      return;
    }
    const cards = list.current?.querySelectorAll<HTMLElement>('a.ha-user, button.ha-user') ?? [];
    const next = cards[Math.min(last.index, cards.length - 1)];
    focused.current = null;
    // Only when the focus was really lost: the person may have moved on already.
    if (document.activeElement === document.body || document.activeElement === null) next?.focus();
  });
  return { list, onFocus, onBlur };
}
