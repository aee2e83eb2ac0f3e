import Link from 'next/link';
import { CodeBlock } from '@/components/code-block';
import { ControlRoom } from '@/components/control-room';
import { Hero } from '@/components/hero';
import { ChatIcon, SidebarIcon } from '@/components/icons';
import { CARD_CODE, LAYOUT_CODE } from '@/lib/examples';

/** How long somebody who left is still shown: the four promises of the contract. */
const PROMISES = [
  {
    figure: '< 1 s',
    title: 'to appear',
    text: 'From opening the page to a green dot in every other window.',
  },
  {
    figure: '2 s',
    title: 'after a goodbye',
    text: 'Going offline or signing out is told to everybody at once.',
  },
  {
    figure: '17 s',
    title: 'after a closed window',
    text: 'Long enough that a reload goes unnoticed, and no longer.',
  },
  {
    figure: '47 s',
    title: 'after a dead network',
    text: 'A pulled cable says nothing. The server finds out by itself.',
  },
] as const;

export default function StartPage() {
  return (
    <main id="main">
      <Hero />
      <ControlRoom />
      <Promises />
      <section className="section" aria-labelledby="code-title">
        <div className="section-head">
          <h2 id="code-title">Two steps into your app</h2>
          <p>Wrap the layout, place the card. Hooks are there for everything the card does not do.</p>
        </div>
        <div className="code-pair">
          <CodeBlock file="app/layout.tsx" code={LAYOUT_CODE} />
          <CodeBlock file="components/people.tsx" code={CARD_CODE} />
        </div>
        <div className="example-links">
          <Link href="/messages/" className="panel example-link">
            <ChatIcon />
            <span>
              <b>Messages page</b>
              The card beside a conversation, eight people wide.
            </span>
          </Link>
          <Link href="/sidebar/" className="panel example-link">
            <SidebarIcon />
            <span>
              <b>Sidebar</b>
              The same card in 256 pixels, and a list that follows each person.
            </span>
          </Link>
        </div>
      </section>
    </main>
  );
}

function Promises() {
  return (
    <section className="section" aria-labelledby="promises-title">
      <div className="section-head">
        <h2 id="promises-title">True, and on time</h2>
        <p>Nobody stays green for ever. These are upper limits, each one a test.</p>
      </div>
      <dl className="promises">
        {PROMISES.map((promise) => (
          <div key={promise.title} className="panel promise">
            <dt>
              <strong>{promise.figure}</strong>
              {promise.title}
            </dt>
            <dd>{promise.text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
