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

export const FRIENDS_CODE = `
import { FriendRequests, OnlineUsers, useWatches } from 'hereabouts/react';

export default function FriendsPage() {
  const { watch } = useWatches();
  return (
    <>
      <OnlineUsers filter="friends" title="Online Friends" />
      <FriendRequests />
      <button onClick={() => watch(linusId)}>Tell me when Linus arrives</button>
    </>
  );
}

// Once, in the layout: <PresenceToasts />
`;

export const ACTIVITY_CODE = `
import { ActivityTimeline } from 'hereabouts/react';

export default function ActivityPage() {
  return (
    <>
      <ActivityTimeline scope="me" title="Mine" />
      <ActivityTimeline scope="friends" title="My friends’" />
    </>
  );
}
`;

export const STATUS_CODE = `
import { CustomStatusForm, StatusPicker, useMyPresence } from 'hereabouts/react';

export default function StatusPage() {
  const { mode, until, asOthersSee } = useMyPresence();
  return (
    <>
      <StatusPicker />
      <CustomStatusForm />
    </>
  );
}
`;

export const PRIVACY_CODE = `
import { usePresenceClient } from 'hereabouts/react';

export function useViewAs(viewerId: string) {
  const client = usePresenceClient();
  return () => client.request('GET', \`/me/as/\${viewerId}/\`);
  // { presence, row, because }: what they get, and the rule that decided it
}
`;
