import type { Presence } from 'hereabouts';
import { LastSeen, PresenceDot } from 'hereabouts/react';

/** One person as somebody gets them: picture, status, last seen, custom status. */
export function AsShown({ presence }: { presence: Presence }) {
  const custom = [presence.custom_status?.emoji, presence.custom_status?.text].filter(Boolean).join(' ');
  return (
    <div className="as-shown" data-status={presence.status}>
      {presence.profile_image_url && (
        <img className="face" src={presence.profile_image_url} alt="" width={44} height={44} />
      )}
      <span className="team-name">
        {presence.username}
        <span className="friend-state">
          <PresenceDot status={presence.status} />
          <LastSeen user={presence} />
        </span>
        {custom !== '' && (
          <span className="as-shown-custom">
            <bdi>{custom}</bdi>
          </span>
        )}
      </span>
    </div>
  );
}
