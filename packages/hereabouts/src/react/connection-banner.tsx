import { useEffect, useState } from 'react';
import { selectStatus, useSnapshot } from './context';
import { useLostConnection } from './hooks';
import { Problem } from './notice';
import { usePanel } from './panel-messages';

/** How long "Connected again" stands. */
const RESTORED_MS = 4_000;

export interface ConnectionBannerProps {
  className?: string;
}

/** Says that the connection has been missing for a while, and that it is back. Nothing on a short gap. */
export function ConnectionBanner({ className = '' }: ConnectionBannerProps) {
  const { client, messages, dir } = usePanel('ConnectionBanner');
  const status = useSnapshot(client, selectStatus);
  const error = useSnapshot(client, (snapshot) => snapshot.error);
  const [event, setEvent] = useState<'lost' | 'restored' | null>(null);
  useLostConnection((now) => setEvent(now === 'failed' ? null : now));
  useEffect(() => {
    if (event !== 'restored') return;
    const timer = setTimeout(() => setEvent(null), RESTORED_MS);
    return () => clearTimeout(timer);
  }, [event]);

  // Whoever signed out knows it.
  const isOver = status === 'disconnected' && error !== null && error.code !== 'signed_out';
  const shown = isOver ? 'over' : event;
  return (
    // The region is always there: one that appears with its text is not read out everywhere.
    <div
      role="status"
      className={shown ? `ha-banner ${className}` : undefined}
      data-event={shown ?? undefined}
      dir={dir}
    >
      {shown === 'lost' && messages.bannerLost}
      {shown === 'restored' && messages.bannerRestored}
      {shown === 'over' && <Problem error={error} onRetry={() => client.connect()} />}
    </div>
  );
}
