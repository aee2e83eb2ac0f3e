import OnlineUsers from 'hereabouts/react';

/** Example 2 of the quick start: the card in a sidebar 256 px wide. */
export default function Sidebar() {
  return (
    <div className="w-64 p-4">
      <OnlineUsers maxUsers={10} title="Online Friends" />
    </div>
  );
}
