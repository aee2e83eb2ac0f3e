import type { Metadata } from 'next';
import { ExampleCode } from '@/components/example-code';
import { Friends } from '@/components/friends';
import { NeedSignIn } from '@/components/need-sign-in';
import { FRIENDS_CODE } from '@/lib/examples';

export const metadata: Metadata = { title: 'Friends' };

/** Friends: a list of its own in the card, requests, and notices of people one waits for. */
export default function FriendsPage() {
  return (
    <main id="main" className="example">
      <div className="page">
        <NeedSignIn title="Friends" text="Ask, accept, and be told the moment somebody arrives.">
          <Friends />
        </NeedSignIn>
      </div>
      <ExampleCode
        file="app/friends/page.tsx"
        code={FRIENDS_CODE}
        note="The filter is the original’s wish; requests and notices come with the package."
      />
    </main>
  );
}
