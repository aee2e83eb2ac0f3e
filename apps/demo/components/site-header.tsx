'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { ConnectionChip } from '@/components/connection-chip';
import {
  ChatIcon,
  ClockIcon,
  HomeIcon,
  Logo,
  PeopleIcon,
  ShieldIcon,
  SidebarIcon,
  StatusIcon,
} from '@/components/icons';
import { Identity } from '@/components/identity';

/** `isWide`: not among those at the bottom of a phone; the start page leads there. */
const PAGES: { href: string; label: string; Icon: () => ReactNode; isWide?: boolean }[] = [
  { href: '/', label: 'Start', Icon: HomeIcon },
  { href: '/messages/', label: 'Messages', Icon: ChatIcon },
  { href: '/sidebar/', label: 'Sidebar', Icon: SidebarIcon, isWide: true },
  { href: '/friends/', label: 'Friends', Icon: PeopleIcon },
  { href: '/activity/', label: 'Activity', Icon: ClockIcon },
  { href: '/status/', label: 'Status', Icon: StatusIcon },
  { href: '/privacy/', label: 'Privacy', Icon: ShieldIcon },
];

/** The bar on top; on a phone its links move to the bottom edge, where the thumb is. */
export function SiteHeader() {
  const path = usePathname();
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="site-header">
        <Link href="/" className="brand" aria-label="Hereabouts, start page">
          <Logo />
          <span>Hereabouts</span>
        </Link>
        <nav className="site-nav" aria-label="Pages">
          {PAGES.map(({ href, label, Icon, isWide }) => (
            <Link
              key={href}
              href={href}
              data-wide={isWide}
              aria-current={isCurrent(path, href) ? 'page' : undefined}
            >
              <Icon />
              <span>{label}</span>
            </Link>
          ))}
        </nav>
        <div className="site-state">
          <ConnectionChip />
          <Identity />
        </div>
      </header>
    </>
  );
}

function isCurrent(path: string, href: string): boolean {
  const plain = path.replace(/^\/app\//, '/').replace(/\/?$/, '/');
  return plain === href;
}
