'use client';

import { useAuth } from 'hereabouts/react';
import { useMemo } from 'react';
import type { ServerPerson } from '@/lib/server';

/** Who this window is, in the fields the demo's sign-in put there; null while nobody is signed in. */
export function useMe(): ServerPerson | null {
  const { user } = useAuth();
  return useMemo(() => {
    if (!user) return null;
    const { id, username, slug, profile_image_url } = user;
    return {
      id,
      username,
      slug: typeof slug === 'string' ? slug : '',
      profile_image_url: typeof profile_image_url === 'string' ? profile_image_url : null,
    };
  }, [user]);
}
