import type { Metadata } from 'next';
import { ExampleCode } from '@/components/example-code';
import { NeedSignIn } from '@/components/need-sign-in';
import { Privacy } from '@/components/privacy';
import { PRIVACY_CODE } from '@/lib/examples';

export const metadata: Metadata = { title: 'Privacy' };

/** Who sees what of me, and exactly what one person gets. */
export default function PrivacyPage() {
  return (
    <main id="main" className="example">
      <div className="page">
        <NeedSignIn title="Privacy" text="What somebody may not see never leaves the server.">
          <Privacy />
        </NeedSignIn>
      </div>
      <ExampleCode
        file="components/view-as.tsx"
        code={PRIVACY_CODE}
        note="The answer is what the server would send to that person, and the rule that decided it."
      />
    </main>
  );
}
