'use client';

import { useEffect, useState } from 'react';

const SHOWN_MS = 1_600;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [result, setResult] = useState<'idle' | 'copied' | 'failed'>('idle');

  useEffect(() => {
    if (result === 'idle') return;
    const timer = setTimeout(() => setResult('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [result]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setResult('copied');
    } catch {
      setResult('failed');
    }
  }

  return (
    <button type="button" className="copy" aria-label={label} onClick={copy}>
      <span aria-live="polite">
        {result === 'copied' ? 'Copied' : result === 'failed' ? 'Select and copy' : 'Copy'}
      </span>
    </button>
  );
}
