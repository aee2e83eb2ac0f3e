/** The parts beside the card, each alone on the page. */
import {
  ActivityTimeline,
  ConnectionBanner,
  CustomStatusForm,
  FriendRequests,
  LastSeen,
  PresenceDot,
  PresenceToasts,
  StatusPicker,
} from 'hereabouts/react';
import type { ReactNode } from 'react';
import type { PanelName } from '../support/gallery.ts';

const STATUSES = ['online', 'away', 'dnd', 'offline'] as const;

export const PANELS: Record<PanelName, () => ReactNode> = {
  status: () => <StatusPicker />,
  custom: () => <CustomStatusForm />,
  activity: () => <ActivityTimeline />,
  requests: () => <FriendRequests />,
  toasts: () => <PresenceToasts onUserClick={() => {}} />,
  banner: () => <ConnectionBanner />,
  dots: () => (
    <ul className="dots">
      {STATUSES.map((status) => (
        <li key={status}>
          <PresenceDot status={status} />{' '}
          <LastSeen
            user={{
              is_online: status !== 'offline',
              status,
              last_seen: status === 'offline' ? '2026-11-20T01:00:00Z' : null,
            }}
          />
        </li>
      ))}
    </ul>
  ),
};
