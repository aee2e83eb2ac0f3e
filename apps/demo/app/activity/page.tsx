import { ActivityTimeline } from 'hereabouts/react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { ExampleCode } from '@/components/example-code';
import { NeedSignIn } from '@/components/need-sign-in';
import { ACTIVITY_CODE } from '@/lib/examples';

export const metadata: Metadata = { title: 'Activity' };

/** Who came and went: mine, and what friends let me see of theirs. */
export default function ActivityPage() {
  return (
    <main id="main" className="example">
      <div className="page">
        <NeedSignIn
          title="Activity"
          text="Comings and goings of the last 30 days. Time spent invisible is not in it."
        >
          <div className="two-columns">
            <ActivityTimeline scope="me" title="Mine" headingLevel={2} />
            <div className="stack">
              <ActivityTimeline scope="friends" title="My friends’" headingLevel={2} />
              <p className="page-note">
                Nobody reads anybody’s activity unless they allow it.{' '}
                <Link href="/privacy/">Allow it for mine</Link>
              </p>
            </div>
          </div>
        </NeedSignIn>
      </div>
      <ExampleCode
        file="app/activity/page.tsx"
        code={ACTIVITY_CODE}
        note="Days, flaps in one line, older rows on demand: it is all in the component."
      />
    </main>
  );
}
