import 'hereabouts/styles.css';
import './globals.css';
import { AuthProvider, UserStatusProvider } from 'hereabouts/react';
import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { TokenCookie } from '@/components/token-cookie';
import { onlineUsers } from '@/lib/online-users';

export const metadata: Metadata = { title: 'Hereabouts in Next.js' };

/** Step 2 of the quick start, and the list as this server knows it, so that it stands there before any script runs. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <AuthProvider>
          <UserStatusProvider initialUsers={await onlineUsers()}>
            <TokenCookie />
            <nav>
              <Link href="/">Home</Link> <Link href="/messages">Messages</Link>
            </nav>
            {children}
          </UserStatusProvider>
        </AuthProvider>
      </body>
    </html>
  );
}
