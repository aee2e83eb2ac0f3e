'use client';

import OnlineUsers from 'hereabouts/react';
import { useState } from 'react';
import type { Partner } from '@/components/conversation';
import { ExampleCode } from '@/components/example-code';
import { Messages } from '@/components/messages';
import { MESSAGES_CODE } from '@/lib/examples';
import { useSwitches } from '@/lib/switches';

/** Example 1 of the quick start: a messages page with the card beside the conversation. */
export default function MessagesPage() {
  const [partner, setPartner] = useState<Partner | null>(null);
  const { showSelf } = useSwitches();
  return (
    <main id="main" className="example">
      <div className="grid grid-cols-1 lg:grid-cols-4 gap-6 p-6">
        <div className="lg:col-span-3">
          <Messages partner={partner} />
        </div>

        <div className="lg:col-span-1">
          <OnlineUsers
            maxUsers={8}
            title="Who's Online?"
            showSelf={showSelf}
            headingLevel={2}
            onUserClick={(user) => setPartner(user)}
          />
        </div>
      </div>
      <ExampleCode file="app/messages/page.tsx" code={MESSAGES_CODE} />
    </main>
  );
}
