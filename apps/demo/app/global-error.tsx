'use client';

import './globals.css';

/** The last resort when the layout itself fails. The framework's own page carries inline styles, which our policy forbids. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>Something broke · Hereabouts</title>
        <main id="main" className="blank-page">
          <h1>Something broke on this page.</h1>
          <p>It is not you. Loading it again usually helps.</p>
          <p>
            <button type="button" className="button" onClick={() => reset()}>
              Try again
            </button>
          </p>
        </main>
      </body>
    </html>
  );
}
