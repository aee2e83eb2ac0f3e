import type { Metadata } from 'next';
import { ExampleCode } from '@/components/example-code';
import Sidebar from '@/components/sidebar';
import { Team } from '@/components/team';
import { SIDEBAR_CODE } from '@/lib/examples';

export const metadata: Metadata = { title: 'Sidebar' };

/** Example 2 of the quick start: the card in a sidebar, beside a page that follows single people. */
export default function SidebarPage() {
  return (
    <main id="main" className="example">
      <div className="with-sidebar">
        <Sidebar />
        <Team />
      </div>
      <ExampleCode file="components/Sidebar.tsx" code={SIDEBAR_CODE} />
    </main>
  );
}
