import {
  autoUpdate,
  FloatingPortal,
  flip,
  offset,
  safePolygon,
  shift,
  useDismiss,
  useFloating,
  useHover,
  useInteractions,
  useRole,
} from '@floating-ui/react';
import { useEffect } from 'react';
import type { PresenceUser } from '../core/types';
import { useHereabouts } from './context';
import { fill } from './messages';
import { useRelativeTime } from './use-relative-time';
import { customText, statusText } from './user-card';

export interface TooltipProps {
  /** The card it belongs to. */
  anchor: HTMLElement;
  user: PresenceUser;
  id: string;
  onClose(): void;
}

/**
 * Name in full, status and more. Loaded on the first hover or focus. It stands at the end of the page, so that no
 * card can clip it; the pointer may enter it; Escape closes it; it never goes away by itself.
 */
export function Tooltip({ anchor, user, id, onClose }: TooltipProps) {
  const { messages, locale, dir } = useHereabouts('OnlineUsers');
  const { refs, floatingStyles, context } = useFloating({
    open: true,
    onOpenChange: (open) => {
      if (!open) onClose();
    },
    elements: { reference: anchor },
    placement: 'top',
    strategy: 'fixed',
    middleware: [offset(8), flip(), shift({ padding: 8 })],
    whileElementsMounted: autoUpdate,
  });
  const { getFloatingProps } = useInteractions([
    useHover(context, { handleClose: safePolygon(), move: false }),
    useDismiss(context, { outsidePress: false }),
    useRole(context, { role: 'tooltip' }),
  ]);
  useEffect(() => {
    anchor.setAttribute('aria-describedby', id);
    return () => anchor.removeAttribute('aria-describedby');
  }, [anchor, id]);

  const ago = useRelativeTime(user.is_online ? null : user.last_seen);
  const custom = customText(user, messages, locale);
  return (
    <FloatingPortal>
      <div
        ref={refs.setFloating}
        className="ha-tooltip"
        dir={dir}
        style={floatingStyles}
        {...getFloatingProps()}
        id={id}
      >
        <bdi className="ha-tooltip-name">{user.username}</bdi>
        <span className="ha-tooltip-status">{statusText(user, messages)}</span>
        {custom && <span className="ha-tooltip-custom">{custom}</span>}
        {ago && <span className="ha-tooltip-status">{fill(messages.lastSeen, { ago })}</span>}
      </div>
    </FloatingPortal>
  );
}
