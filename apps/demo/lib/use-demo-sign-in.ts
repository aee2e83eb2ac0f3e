'use client';

import { useAuth } from 'hereabouts/react';
import { useState } from 'react';
import { ServerError, signIn } from '@/lib/server';

/** Makes this window one of the twelve; says which one is on the way and what went wrong. */
export function useDemoSignIn() {
  const { login } = useAuth();
  const [pendingSlug, setPendingSlug] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);

  async function signInAs(slug: string, ttlSeconds?: number): Promise<boolean> {
    setPendingSlug(slug);
    setError(null);
    try {
      login(await signIn(slug, ttlSeconds));
      return true;
    } catch (cause) {
      setError(cause instanceof ServerError ? cause.message : 'Something went wrong. Try again.');
      return false;
    } finally {
      setPendingSlug(null);
    }
  }

  return { signInAs, pendingSlug, error };
}
