/** The examples as the pages show them: what an app would write, word for word. */

export const LAYOUT_CODE = `
import { AuthProvider, UserStatusProvider } from 'hereabouts/react';
import 'hereabouts/styles.css';

export default function RootLayout({ children }: LayoutProps<'/'>) {
  return (
    <html lang="en">
      <body>
        <AuthProvider>
          <UserStatusProvider>
            {children}
          </UserStatusProvider>
        </AuthProvider>
      </body>
    </html>
  );
}
`;

export const MESSAGES_CODE = `
import OnlineUsers from 'hereabouts/react';

export default function MessagesPage() {
  return (
    <div className="grid grid-cols-1 lg:grid-cols-4 gap-6 p-6">
      <div className="lg:col-span-3">
        {/* Your messages component */}
      </div>

      <div className="lg:col-span-1">
        <OnlineUsers
          maxUsers={8}
          title="Who's Online?"
          onUserClick={(user) => openConversation(user)}
        />
      </div>
    </div>
  );
}
`;

export const SIDEBAR_CODE = `
import OnlineUsers from 'hereabouts/react';

export default function Sidebar() {
  return (
    <div className="w-64 p-4">
      <OnlineUsers
        maxUsers={10}
        title="Online Friends"
      />
    </div>
  );
}
`;

export const CARD_CODE = `
import { OnlineUsers, useUserStatus } from 'hereabouts/react';

export function People() {
  useUserStatus(({ user_id, is_online }) => {
    // the moment somebody comes or goes
  });

  return (
    <OnlineUsers
      maxUsers={8}
      title="Who's Online?"
      onUserClick={(user) => openConversation(user)}
    />
  );
}
`;
