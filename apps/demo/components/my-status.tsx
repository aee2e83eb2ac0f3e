'use client';

import { CustomStatusForm, StatusPicker, useMyPresence } from 'hereabouts/react';
import Link from 'next/link';
import { AsShown } from '@/components/as-shown';

/** What I choose, and beside it what comes of it for others. */
export function MyStatus() {
  const { asOthersSee } = useMyPresence();
  return (
    <div className="two-columns">
      <div className="stack">
        <StatusPicker headingLevel={2} />
        <CustomStatusForm headingLevel={2} />
      </div>
      <section className="panel preview" aria-labelledby="preview-title">
        <h2 id="preview-title">What others see</h2>
        {asOthersSee ? <AsShown presence={asOthersSee} /> : <p className="page-note">…</p>}
        <p className="page-note">
          That is everybody whom none of your rules keeps out.{' '}
          <Link href="/privacy/">View it as one of them</Link>
        </p>
      </section>
    </div>
  );
}
