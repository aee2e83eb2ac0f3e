import { useEffect, useState } from 'react';
import type { PresenceError } from '../core/types';
import { selectStatus, useHereabouts, useSnapshot } from './context';
import { fill } from './messages';
import { secondsAgo } from './time';

/** What went wrong, in words for people, and what can be done. The raw error is for the console only. */
export function Problem({ error, onRetry }: { error: PresenceError | null; onRetry(): void }) {
  const { messages, signIn, client } = useHereabouts('OnlineUsers');
  switch (error?.code) {
    case 'signed_out':
      return <p className="ha-note">{messages.signedOut}</p>;
    case 'blocked':
      return <p className="ha-note">{messages.blocked}</p>;
    case 'unauthorized':
      return <Action text={messages.signInEnded} action={messages.signInAgain} onAction={signIn} />;
    case undefined:
      return (
        <Action
          text={messages.disconnected}
          action={messages.connectAgain}
          onAction={() => client.connect()}
        />
      );
    default:
      return (
        <Action
          text={messages.errorTitle}
          action={messages.retry}
          onAction={onRetry}
          code={fill(messages.errorCode, { code: error?.code ?? '' })}
        />
      );
  }
}

function Action(props: { text: string; action: string; onAction(): void; code?: string }) {
  return (
    <div className="ha-note">
      <p>{props.text}</p>
      <button type="button" className="ha-action" onClick={props.onAction}>
        {props.action}
      </button>
      {props.code && <p className="ha-code">{props.code}</p>}
    </div>
  );
}

/** Under a list that may be out of date: since when, and what is done about it. */
export function StaleNote({ error, onRetry }: { error: PresenceError | null; onRetry(): void }) {
  const { client, messages, locale } = useHereabouts('OnlineUsers');
  const status = useSnapshot(client, selectStatus);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  if (status === 'disconnected') return <Problem error={error} onRetry={onRetry} />;
  const updatedAt = client.getSnapshot().updatedAt ?? now;
  return (
    <p className="ha-note">{fill(messages.reconnecting, { ago: secondsAgo(now - updatedAt, locale) })}</p>
  );
}
