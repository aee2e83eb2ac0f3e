'use client';

import { useAuth } from 'hereabouts/react';
import { useEffect } from 'react';
import { TOKEN_COOKIE } from '@/lib/token-cookie-name';

/**
 * Hands the access token to this app's own server, which renders the list with it. `AuthProvider` keeps the token in
 * local storage, so a cookie that scripts can read gives nothing away.
 */
export function TokenCookie() {
  const { accessToken } = useAuth();
  useEffect(() => {
    // Not at once: while a page hydrates, nobody is signed in for a moment.
    const timer = setTimeout(() => {
      const secure = location.protocol === 'https:' ? '; secure' : '';
      const age = accessToken ? '' : '; max-age=0';
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
      document.cookie = `${TOKEN_COOKIE}=${accessToken ?? ''}; path=/; samesite=lax${secure}${age}`;
    }, 0);
    return () => clearTimeout(timer);
  }, [accessToken]);
  return null;
}
