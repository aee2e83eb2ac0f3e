import { useEffect, useRef, useState } from 'react';
import type { PresenceUser } from '../core/types';
import { initialsOf } from './initials';

/** What `slots.Avatar` gets: enough for `next/image` or a picture of your own. */
export interface AvatarProps {
  user: PresenceUser;
  /** Address of the picture; null without one. */
  src: string | null;
  /** Always empty: the name stands beside the picture. */
  alt: '';
  className: string;
}

/** The picture, or the initials: never both, and the same size in every state. */
export function Avatar({ user, src, className }: AvatarProps) {
  const [failed, setFailed] = useState<string | null>(null);
  const [loaded, setLoaded] = useState<string | null>(null);
  const image = useRef<HTMLImageElement>(null);

  useEffect(() => {
    // A server-rendered picture may have loaded, or failed, before this code was there to hear of it.
    const { current } = image;
    if (!src || !current?.complete) return;
    if (current.naturalWidth > 0) setLoaded(src);
    else if (current.currentSrc) setFailed(src);
  }, [src]);

  const isShown = src !== null && failed !== src;
  return (
    <span className={className}>
      {!(isShown && loaded === src) && <span className="ha-initials">{initialsOf(user.username)}</span>}
      {isShown && (
        <img
          ref={image}
          className="ha-picture"
          src={src}
          alt=""
          width={56}
          height={56}
          loading="lazy"
          decoding="async"
          referrerPolicy="no-referrer"
          data-loaded={loaded === src}
          onLoad={() => setLoaded(src)}
          onError={() => setFailed(src)}
        />
      )}
    </span>
  );
}
