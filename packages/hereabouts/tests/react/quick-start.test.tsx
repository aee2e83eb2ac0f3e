// @vitest-environment jsdom
// biome-ignore-all lint/a11y/useHtmlLang: as printed in the quick start
// biome-ignore-all lint/correctness/noUnusedFunctionParameters: as printed in the quick start
/*
 * The snippets of the original quick start, word for word; only the import path is ours. That they compile is
 * checked by `tsc`, which reads this file; that they work, here.
 */

import { screen } from '@testing-library/react';
import OnlineUsers, {
  AuthProvider,
  UserStatusProvider,
  useUserStatus,
  useUserStatusContext,
} from 'hereabouts/react';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { person } from '../fake-server';
import { show } from './render';

// biome-ignore-start format: as printed in the quick start
function RootLayout({ children }: { children: React.ReactNode }) {
  return (
    <html>
      <body>
        <AuthProvider>
          <UserStatusProvider>{children}</UserStatusProvider>
        </AuthProvider>
      </body>
    </html>
  );
}

function MessagesPage() {
  return (
    <div className="grid grid-cols-1 lg:grid-cols-4 gap-6 p-6">
      <div className="lg:col-span-3">{/* Your messages component */}</div>

      <div className="lg:col-span-1">
        <OnlineUsers
          maxUsers={8}
          title="Who's Online?"
          onUserClick={(user) => {
            // Handle user click - start conversation, view profile, etc.
          }}
        />
      </div>
    </div>
  );
}

function Sidebar() {
  return (
    <div className="w-64 p-4">
      <OnlineUsers maxUsers={10} title="Online Friends" />
    </div>
  );
}

const Friends = () => <OnlineUsers filter="friends" />;
// biome-ignore-end format: as printed in the quick start

it('the layout, the messages page and the sidebar render on a server', () => {
  const html = renderToString(
    <RootLayout>
      <MessagesPage />
      <Sidebar />
      <Friends />
    </RootLayout>,
  );
  expect(html).toContain('Who&#x27;s Online?');
  expect(html).toContain('Online Friends');
});

it('the messages page and the sidebar show who is online', async () => {
  await show(
    <>
      <MessagesPage />
      <Sidebar />
    </>,
    { people: [person('ada')] },
  );
  expect(screen.getAllByText('ada')).toHaveLength(2);
});

it("the hooks return the original's fields", async () => {
  function Consumer() {
    const { isConnected, sendPing, disconnect } = useUserStatus((event) => {
      const type: 'user.status.changed' = event.type;
      const change: [string, boolean] = [event.user_id, event.is_online];
      return [type, change];
    });
    const context: { isConnected: boolean } = useUserStatusContext();
    return <p>{[isConnected, context.isConnected, typeof sendPing, typeof disconnect].join()}</p>;
  }
  await show(<Consumer />);
  expect(screen.getByText('true,true,function,function')).toBeTruthy();
});
