import {
  type ComponentType,
  type FocusEvent,
  type PointerEvent,
  useCallback,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { PresenceUser } from '../core/types';
import type { TooltipProps } from './tooltip';

interface Target {
  anchor: HTMLElement;
  userId: string;
}

/** Opens one tooltip for a whole list, and loads its code when it is first needed. */
export function useTooltip(users: readonly PresenceUser[]) {
  const id = useId();
  const [target, setTarget] = useState<Target | null>(null);
  const [Tooltip, setTooltip] = useState<ComponentType<TooltipProps> | null>(null);
  const isLoading = useRef(false);

  const open = useCallback((from: EventTarget) => {
    const anchor = from instanceof Element ? from.closest<HTMLElement>('.ha-user') : null;
    const userId = anchor?.closest<HTMLElement>('[data-user-id]')?.dataset.userId;
    if (!anchor || !userId) return;
    setTarget((now) => (now?.anchor === anchor ? now : { anchor, userId }));
    if (isLoading.current) return;
    isLoading.current = true;
    import('./tooltip').then(
      (module) => setTooltip(() => module.Tooltip),
      () => {
        // The name stands under the picture anyway; the next hover tries again.
        isLoading.current = false;
      },
    );
  }, []);
  const close = useCallback(() => setTarget(null), []);

  const handlers = useMemo(
    () => ({
      onPointerOver(event: PointerEvent) {
        // A finger cannot hover: what a tooltip says is printed or spoken.
        if (event.pointerType !== 'touch') open(event.target);
      },
      onPointerOut(event: PointerEvent) {
        // Before the tooltip is there nothing else notices that the pointer has gone.
        if (
          !Tooltip &&
          !(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))
        ) {
          close();
        }
      },
      onFocus: (event: FocusEvent) => open(event.target),
      onBlur: () => close(),
    }),
    [open, close, Tooltip],
  );

  // A tooltip hears late that the pointer has left: by then another one may have been opened, which is not its to close.
  const closeThis = () => setTarget((now) => (now?.anchor === target?.anchor ? null : now));
  const user = target && users.find((each) => each.id === target.userId);
  const tooltip =
    Tooltip && target && user && target.anchor.isConnected ? (
      <Tooltip key={target.userId} anchor={target.anchor} user={user} id={id} onClose={closeThis} />
    ) : null;
  return { handlers, tooltip };
}
