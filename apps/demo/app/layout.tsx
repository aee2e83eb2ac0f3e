import 'hereabouts/styles.css';
import './globals.css';
import { ConnectionBanner } from 'hereabouts/react';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { Providers } from '@/components/providers';
import { SiteHeader } from '@/components/site-header';

export const metadata: Metadata = {
  title: { default: 'Hereabouts: see who’s here', template: '%s · Hereabouts' },
  description: 'Who is online now, in real time and truthfully: one binary, one React component.',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fbfbfd' },
    { media: '(prefers-color-scheme: dark)', color: '#08090d' },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <Providers>
          <SiteHeader />
          <ConnectionBanner className="site-banner" />
          {children}
        </Providers>
        <footer className="site-footer">
          <p>
            <b>Hereabouts</b> answers one question: who is online now?
          </p>
          <p>MIT or Apache-2.0. The twelve people of this demo, and their faces, are drawn for it.</p>
        </footer>
      </body>
    </html>
  );
}
