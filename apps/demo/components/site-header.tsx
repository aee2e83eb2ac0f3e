'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { ConnectionChip } from '@/components/connection-chip';
import { ChatIcon, HomeIcon, Logo, SidebarIcon } from '@/components/icons';
import { Identity } from '@/components/identity';

const PAGES = [
  { href: '/', label: 'Start', Icon: HomeIcon },
  { href: '/messages/', label: 'Messages', Icon: ChatIcon },
  { href: '/sidebar/', label: 'Sidebar', Icon: SidebarIcon },
] as const;

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
          {PAGES.map(({ href, label, Icon }) => (
            <Link key={href} href={href} aria-current={isCurrent(path, href) ? 'page' : undefined}>
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
