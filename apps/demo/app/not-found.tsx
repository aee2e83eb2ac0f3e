import type { Metadata } from 'next';
import Link from 'next/link';

export const metadata: Metadata = { title: 'Nobody here' };

export default function NotFound() {
  return (
    <main id="main" className="blank-page">
      <p className="eyebrow">404</p>
      <h1>Nobody here.</h1>
      <p>This page does not exist, or it has moved.</p>
      <p>
        <Link className="button" href="/">
          To the start page
        </Link>
      </p>
    </main>
  );
}
