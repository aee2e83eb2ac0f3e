'use client';

import { useEffect, useRef, useState } from 'react';

/** A line of a conversation. Lines travel between the windows of one browser; Hereabouts carries presence only. */
export interface Line {
  id: string;
  from: string;
  to: string;
  text: string;
  atMs: number;
}

const CHANNEL = 'hereabouts-demo-messages';
const MAX_LINES = 200;
const MAX_LENGTH = 2_000;

function isLine(value: unknown): value is Line {
  if (typeof value !== 'object' || value === null) return false;
  const line = value as Record<string, unknown>;
  return (
    ['id', 'from', 'to', 'text'].every((key) => typeof line[key] === 'string') &&
    typeof line.atMs === 'number'
  );
}

/** The lines this window has sent and received as `me`, and the way to send one. */
export function useConversations(me: string | undefined) {
  const [lines, setLines] = useState<readonly Line[]>([]);
  const channel = useRef<BroadcastChannel | null>(null);

  useEffect(() => {
    if (!me || typeof BroadcastChannel === 'undefined') return;
    const open = () => {
      const opened = new BroadcastChannel(CHANNEL);
      opened.onmessage = ({ data }) => {
        if (isLine(data) && (data.to === me || data.from === me)) add(data);
      };
      channel.current = opened;
    };
    const close = () => {
      channel.current?.close();
      channel.current = null;
    };
    const add = (line: Line) => setLines((old) => [...old, line].slice(-MAX_LINES));
    const reopen = () => channel.current ?? open();
    open();
    // An open channel can keep the page from being cached for going back.
    window.addEventListener('pagehide', close);
    window.addEventListener('pageshow', reopen);
    return () => {
      window.removeEventListener('pagehide', close);
      window.removeEventListener('pageshow', reopen);
      close();
    };
  }, [me]);

  function send(to: string, text: string) {
    const trimmed = text.trim().slice(0, MAX_LENGTH);
    if (!me || trimmed === '') return;
    const line: Line = { id: crypto.randomUUID(), from: me, to, text: trimmed, atMs: Date.now() };
    channel.current?.postMessage(line);
    setLines((old) => [...old, line].slice(-MAX_LINES));
  }

  return { lines, send };
}
