'use client';

import { useAuth, useUserStatusContext } from 'hereabouts/react';
import { useEffect, useState } from 'react';
import { measureRoundTrip } from '@/lib/server';

const MEASURE_EVERY_MS = 5_000;

const LABELS = {
  initial: 'Not connected',
  connecting: 'Connecting…',
  connected: 'Connected',
  reconnecting: 'Reconnecting…',
  disconnected: 'Offline',
} as const;

/** The state of this window's connection in words and colour, with the time of one round trip. */
export function ConnectionChip() {
  const { connectionStatus } = useUserStatusContext();
  const { isAuthenticated } = useAuth();
  const latencyMs = useLatency(connectionStatus === 'connected');
  const label = isAuthenticated ? LABELS[connectionStatus] : 'Signed out';

  return (
    <span
      className="chip"
      data-state={isAuthenticated ? connectionStatus : 'initial'}
      data-testid="connection"
    >
      <span className="chip-dot" aria-hidden="true" />
      <span role="status">{label}</span>
      {latencyMs !== null && (
        <span className="chip-latency" title="One round trip to the server">
          {formatMs(latencyMs)}
        </span>
      )}
    </span>
  );
}

function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

function useLatency(isConnected: boolean): number | null {
  const [latencyMs, setLatencyMs] = useState<number | null>(null);

  useEffect(() => {
    if (!isConnected) {
      setLatencyMs(null);
      return;
    }
    let isCurrent = true;
    const measure = () => {
      if (document.visibilityState === 'hidden') return;
      measureRoundTrip().then(
        (ms) => isCurrent && setLatencyMs(ms),
        () => isCurrent && setLatencyMs(null),
      );
    };
    measure();
    const timer = setInterval(measure, MEASURE_EVERY_MS);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [isConnected]);

  return latencyMs;
}
