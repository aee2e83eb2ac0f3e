'use client';

import { useUserPresence, useUserStatusContext } from 'hereabouts/react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { SendIcon } from '@/components/icons';
import { useConversations } from '@/lib/conversation';
import { openerOf } from '@/lib/openers';
import { firstName } from '@/lib/people';
import { useMe } from '@/lib/use-me';

/** The person a conversation is with, as the card or the server gave them. */
export interface Partner {
  id: string;
  username: string;
  slug?: string | null;
  profile_image_url: string | null;
}

export function Conversation({ partner }: { partner: Partner }) {
  const me = useMe();
  const { lines, send } = useConversations(me?.id);
  const ours = lines.filter((line) => line.from === partner.id || line.to === partner.id);
  const scroller = useRef<HTMLDivElement>(null);
  const n = ours.length;

  useEffect(() => {
    const box = scroller.current;
    if (box && n > 0) box.scrollTop = box.scrollHeight;
  }, [n]);

  return (
    <section className="panel talk" aria-labelledby="talk-with">
      <header className="talk-head">
        <Face person={partner} size={40} />
        <div>
          <h1 id="talk-with">{partner.username}</h1>
          <PartnerState id={partner.id} />
        </div>
      </header>
      <div
        className="talk-lines"
        ref={scroller}
        tabIndex={0}
        role="log"
        aria-label={`Conversation with ${partner.username}`}
      >
        <p className="bubble">{openerOf(partner.slug ?? '')}</p>
        {ours.map((line) => (
          <p key={line.id} className={line.from === partner.id ? 'bubble' : 'bubble bubble-mine'}>
            {line.text}
          </p>
        ))}
      </div>
      <Composer to={partner} onSend={(text) => send(partner.id, text)} />
    </section>
  );
}

function PartnerState({ id }: { id: string }) {
  const isOnline = useUserPresence(id)?.is_online === true;
  const { isConnected } = useUserStatusContext();
  return (
    <p className="talk-state" data-online={isOnline}>
      <span className="state-dot" aria-hidden="true" />
      {isOnline ? 'Online now' : isConnected ? 'Offline' : 'Connecting…'}
    </p>
  );
}

function Composer({ to, onSend }: { to: Partner; onSend: (text: string) => void }) {
  const [text, setText] = useState('');
  function submit(event: FormEvent) {
    event.preventDefault();
    onSend(text);
    setText('');
  }
  return (
    <form className="composer" onSubmit={submit}>
      <input
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={`Write to ${firstName(to.username)}`}
        aria-label={`Message to ${to.username}`}
        autoComplete="off"
        maxLength={2_000}
      />
      <button type="submit" className="button" aria-label="Send" disabled={text.trim() === ''}>
        <SendIcon />
      </button>
    </form>
  );
}

function Face({ person, size }: { person: Partner; size: number }) {
  if (!person.profile_image_url)
    return <span className="face face-blank">{person.username.slice(0, 1)}</span>;
  return <img className="face" src={person.profile_image_url} alt="" width={size} height={size} />;
}
