import type { Metadata } from 'next';
import { ExampleCode } from '@/components/example-code';
import { MyStatus } from '@/components/my-status';
import { NeedSignIn } from '@/components/need-sign-in';
import { STATUS_CODE } from '@/lib/examples';

export const metadata: Metadata = { title: 'My status' };

/** Modes and a custom status, each with an end. */
export default function StatusPage() {
  return (
    <main id="main" className="example">
      <div className="page">
        <NeedSignIn
          title="My status"
          text="Say what you are up to, for as long as it is true. Invisible is shown as offline."
        >
          <MyStatus />
        </NeedSignIn>
      </div>
      <ExampleCode
        file="app/status/page.tsx"
        code={STATUS_CODE}
        note="The components do the calls; the hook is for a form of your own."
      />
    </main>
  );
}
