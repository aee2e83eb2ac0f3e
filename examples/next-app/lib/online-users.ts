import type { OnlineUser } from 'hereabouts';
import { cookies } from 'next/headers';
import { TOKEN_COOKIE } from './token-cookie-name';

const API = process.env.HEREABOUTS_API_URL ?? process.env.NEXT_PUBLIC_API_BASE_URL;
/** A page must not wait for presence: without an answer the browser asks for itself. */
const PATIENCE_MS = 1_000;

/** Who is online as the person of this request may see it; undefined when nobody is signed in. */
export async function onlineUsers(): Promise<OnlineUser[] | undefined> {
  const token = (await cookies()).get(TOKEN_COOKIE)?.value;
  if (!token) return undefined;
  try {
    const response = await fetch(`${API}/users/online/?limit=11`, {
      headers: { Authorization: `Bearer ${token}` },
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}
