import { createElement, type ReactNode, useId, useRef } from 'react';
import type { FriendRequest } from '../core/protocol';
import { isolate } from './isolate';
import { Ago } from './last-seen';
import { fill } from './messages';
import { usePanel } from './panel-messages';
import { type HeadingLevel, PanelTitle } from './panel-title';

import { useFriendRequests } from './use-friend-requests';

export interface FriendRequestsProps {
  headingLevel?: HeadingLevel;
  className?: string;
}

/** Who asks to be a friend, with an answer for each; and whom this person asked. */
export function FriendRequests({ className = '', headingLevel = 3 }: FriendRequestsProps) {
  const { messages, dir } = usePanel('FriendRequests');
  const { received, sent, state, error, accept, decline, withdraw, refetch } = useFriendRequests();
  const id = useId();
  const title = useRef<HTMLElement>(null);
  const answer = (how: (id: string) => Promise<void>) => (request: FriendRequest) => {
    // The button goes away with its request; the focus must not.
    title.current?.focus();
    void how(request.id);
  };
  return (
    <section
      className={`ha-panel ${className}`}
      aria-labelledby={id}
      aria-busy={state === 'loading'}
      dir={dir}
    >
      <PanelTitle level={headingLevel} id={id} text={messages.requestsTitle} focus={title} />
      {state === 'loading' && <p className="ha-quiet">{messages.loading}</p>}
      {state === 'ready' && received.length === 0 && <p className="ha-quiet">{messages.requestsEmpty}</p>}
      <Rows dir={dir} requests={received} text={messages.requestFrom} person="from_user">
        {(request) => {
          const name = request.from_user.username;
          return (
            <span className="ha-answers">
              <button
                type="button"
                className="ha-button"
                aria-label={fill(messages.acceptLabel, { name })}
                onClick={() => answer(accept)(request)}
              >
                {messages.accept}
              </button>
              <button
                type="button"
                className="ha-button ha-plain"
                aria-label={fill(messages.declineLabel, { name })}
                onClick={() => answer(decline)(request)}
              >
                {messages.decline}
              </button>
            </span>
          );
        }}
      </Rows>
      {sent.length > 0 &&
        createElement(`h${headingLevel + 1}`, { className: 'ha-day-title' }, messages.requestsSent)}
      <Rows dir={dir} requests={sent} text={messages.requestTo} person="to_user">
        {(request) => (
          <button
            type="button"
            className="ha-button ha-plain"
            aria-label={fill(messages.withdrawLabel, { name: request.to_user.username })}
            onClick={() => answer(withdraw)(request)}
          >
            {messages.withdraw}
          </button>
        )}
      </Rows>
      {error !== null && (
        <div className="ha-empty" role="alert">
          <p>{fill(messages.failed, { reason: error })}</p>
          <button type="button" className="ha-button" onClick={() => void refetch()}>
            {messages.retry}
          </button>
        </div>
      )}
    </section>
  );
}

function Rows(props: {
  dir: 'ltr' | 'rtl' | undefined;
  requests: readonly FriendRequest[];
  text: string;
  person: 'from_user' | 'to_user';
  children: (request: FriendRequest) => ReactNode;
}) {
  const { dir, requests, text, person, children } = props;
  if (requests.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noRedundantRoles: Safari drops a list without bullets from what it reads out
    <ul role="list" className="ha-entries">
      {requests.map((request) => (
        <li key={request.id} className="ha-entry">
          <span className="ha-entry-text">
            <Ago
              iso={request.created_at}
              text={fill(text, { name: isolate(request[person].username, dir) })}
            />
          </span>
          {children(request)}
        </li>
      ))}
    </ul>
  );
}
