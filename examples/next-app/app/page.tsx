import OnlineUsers from 'hereabouts/react';
import { SignIn } from '@/components/sign-in';

/** A server component: the card needs no wrapper of its own. */
export default function HomePage() {
  return (
    <main>
      <h1>Home</h1>
      <SignIn />
      <OnlineUsers maxUsers={10} title="Who's Online?" />
    </main>
  );
}
