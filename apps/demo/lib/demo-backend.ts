import { type AuthBackend, type AuthState, createAuthBackend } from 'hereabouts/react';
import { apiBaseUrl, signIn } from '@/lib/server';

const accounts = createAuthBackend(apiBaseUrl());

/** The twelve have no password: who is one of them gets new tokens for the asking. Everybody else has an account. */
export const DEMO_BACKEND: Partial<AuthBackend> = {
  async refresh(state) {
    const slug = demoSlugOf(state);
    return slug === null ? accounts.refresh(state) : signIn(slug);
  },
  async logout(state) {
    if (demoSlugOf(state) === null) await accounts.logout(state);
  },
};

function demoSlugOf({ user }: AuthState): string | null {
  return user?.isDemo === true && typeof user.slug === 'string' ? user.slug : null;
}
