/** Where the original's front end keeps its sign-in. */
export const AUTH_STORAGE_KEY = 'liberty_auth_v1';

export type AuthStorageKind = 'localStorage' | 'sessionStorage';

/** Who is signed in, as the app knows them. Apps keep what they like in it; `id` and `username` are ours to read. */
export interface AuthUser {
  id: string;
  username: string;
  [field: string]: unknown;
}

/** What is kept, as JSON. */
export interface AuthState {
  accessToken: string;
  refreshToken: string | null;
  user: AuthUser | null;
}

/** One sign-in in the browser's storage. `read` gives the same object while nothing changed. */
export interface AuthStorage {
  read(): AuthState | null;
  write(state: AuthState | null): void;
  subscribe(listener: () => void): () => void;
}

export function createAuthStorage(key: string, kind: AuthStorageKind): AuthStorage {
  const listeners = new Set<() => void>();
  let lastText: string | null = null;
  let last: AuthState | null = null;

  function storage(): Storage | null {
    try {
      return typeof window === 'undefined' ? null : window[kind];
    } catch {
      // A page may be forbidden to store anything; it is then simply not signed in.
      return null;
    }
  }

  function read(): AuthState | null {
    const text = storage()?.getItem(key) ?? null;
    if (text !== lastText) {
      lastText = text;
      last = parse(text);
    }
    return last;
  }

  function changed(): void {
    for (const listener of [...listeners]) listener();
  }

  return {
    read,
    write(state) {
      if (state) storage()?.setItem(key, JSON.stringify(state));
      else storage()?.removeItem(key);
      changed();
    },
    subscribe(listener) {
      listeners.add(listener);
      const onStorage = (event: StorageEvent) => {
        // `key` is null when everything was cleared.
        if (event.key === key || event.key === null) listener();
      };
      window.addEventListener('storage', onStorage);
      return () => {
        listeners.delete(listener);
        window.removeEventListener('storage', onStorage);
      };
    },
  };
}

function parse(text: string | null): AuthState | null {
  if (!text) return null;
  try {
    const { accessToken, refreshToken, user } = JSON.parse(text) as Partial<AuthState>;
    if (typeof accessToken !== 'string' || accessToken === '') return null;
    return { accessToken, refreshToken: refreshToken ?? null, user: user ?? null };
  } catch {
    return null;
  }
}
