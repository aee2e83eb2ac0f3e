'use client';

import { useAuth, useUserStatus } from 'hereabouts/react';
import { type ReactNode, useState } from 'react';
import { EventLog } from '@/components/event-log';
import { CrowdIcon, KeyIcon, MoonIcon } from '@/components/icons';
import { useEventLog } from '@/lib/event-log-context';
import { ServerError, setCrowd } from '@/lib/server';
import { useDemoSignIn } from '@/lib/use-demo-sign-in';
import { useMe } from '@/lib/use-me';

const CROWD = 1_000;
const SHORT_TOKEN_S = 6;

/** Three ways to try to make the dot lie, and the log that shows it does not. */
export function ControlRoom() {
  return (
    <section className="section" aria-labelledby="try-title">
      <div className="section-head">
        <h2 id="try-title">Try to make it lie</h2>
        <p>
          Leave, let the key run out, or bring a crowd. Watch the card and the log, here and in your other
          window.
        </p>
      </div>
      <div className="control-room">
        <div className="panel controls">
          <OfflineControl />
          <TokenControl />
          <CrowdControl />
        </div>
        <EventLog />
      </div>
    </section>
  );
}

function OfflineControl() {
  const { connectionStatus, disconnect, connect } = useUserStatus();
  const { isAuthenticated } = useAuth();
  const isOffline = connectionStatus === 'disconnected';
  return (
    <Control
      icon={<MoonIcon />}
      title="Leave on purpose"
      text="A goodbye needs no waiting: your dot goes out for everybody at once."
    >
      <button
        type="button"
        className="button"
        disabled={!isAuthenticated}
        onClick={() => (isOffline ? connect() : disconnect())}
      >
        {isOffline ? 'Come back' : 'Go offline'}
      </button>
    </Control>
  );
}

function TokenControl() {
  const { user } = useAuth();
  const me = useMe();
  const { signInAs, pendingSlug } = useDemoSignIn();
  const { note } = useEventLog();
  async function expire() {
    // The running connection takes the short token in place of the one it has.
    if (!me || !(await signInAs(me.slug, SHORT_TOKEN_S))) return;
    note(`Your token ends in ${SHORT_TOKEN_S} s; a new one is fetched by itself`);
  }
  return (
    <Control
      icon={<KeyIcon />}
      title="Let the token run out"
      text="The client fetches a new one by itself; nobody sees you blink."
    >
      <button
        type="button"
        className="button"
        disabled={user?.isDemo !== true || pendingSlug !== null}
        onClick={() => void expire()}
      >
        Expire my token
      </button>
    </Control>
  );
}

function CrowdControl() {
  const [crowd, setShownCrowd] = useState(0);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { isAuthenticated } = useAuth();

  async function change() {
    const wanted = crowd === 0 ? CROWD : 0;
    setIsBusy(true);
    setError(null);
    try {
      await setCrowd(wanted);
      setShownCrowd(wanted);
    } catch (cause) {
      const isUnknown = cause instanceof ServerError && cause.status === 404;
      setError(isUnknown ? 'This server brings no crowd.' : 'That did not work. Try again.');
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <Control
      icon={<CrowdIcon />}
      title="Bring a crowd"
      text={error ?? 'A thousand more come online; the page still draws nine cards.'}
    >
      <button
        type="button"
        className="button"
        disabled={!isAuthenticated || isBusy}
        onClick={() => void change()}
      >
        {crowd === 0 ? `Add ${CROWD.toLocaleString('en')} people` : 'Send them home'}
      </button>
    </Control>
  );
}

function Control(props: { icon: ReactNode; title: string; text: string; children: ReactNode }) {
  return (
    <div className="control">
      <span className="control-icon">{props.icon}</span>
      <div className="control-text">
        <h3>{props.title}</h3>
        <p>{props.text}</p>
      </div>
      {props.children}
    </div>
  );
}
