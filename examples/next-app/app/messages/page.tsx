'use client';

import OnlineUsers from 'hereabouts/react';
import { useState } from 'react';

/** Step 3 of the quick start: the card beside the messages, and what a click on somebody does. */
export default function MessagesPage() {
  const [to, setTo] = useState<string | null>(null);
  return (
    <main className="columns">
      <section>
        <h1>Messages</h1>
        <p>{to ? `To ${to}: ` : 'Choose somebody to write to.'}</p>
        {to && <textarea aria-label={`Message to ${to}`} />}
      </section>
      <aside>
        <OnlineUsers maxUsers={8} title="Who's Online?" onUserClick={(user) => setTo(user.username)} />
      </aside>
    </main>
  );
}
