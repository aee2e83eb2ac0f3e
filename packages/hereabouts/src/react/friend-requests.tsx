import { type ReactNode, useId, useRef } from 'react';
import type { FriendRequest } from '../core/protocol';
import { Ago } from './last-seen';
import { fill } from './messages';
import { usePanel } from './panel-messages';
import { useFriendRequests } from './use-friend-requests';

export interface FriendRequestsProps {
  className?: string;
}

/** Who asks to be a friend, with an answer for each; and whom this person asked. */
export function FriendRequests({ className = '' }: FriendRequestsProps) {
  const { messages, dir } = usePanel('FriendRequests');
  const { received, sent, state, error, accept, decline, refetch } = useFriendRequests();
  const id = useId();
  const title = useRef<HTMLHeadingElement>(null);
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
      <h3 ref={title} id={id} className="ha-panel-title" tabIndex={-1}>
        {messages.requestsTitle}
      </h3>
      {state === 'loading' && <p className="ha-quiet">{messages.loading}</p>}
      {state === 'ready' && received.length === 0 && <p className="ha-quiet">{messages.requestsEmpty}</p>}
      <Rows requests={received} text={messages.requestFrom} person="from_user">
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
      {sent.length > 0 && <h4 className="ha-day-title">{messages.requestsSent}</h4>}
      <Rows requests={sent} text={messages.requestTo} person="to_user" />
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
  requests: readonly FriendRequest[];
  text: string;
  person: 'from_user' | 'to_user';
  children?: (request: FriendRequest) => ReactNode;
}) {
  const { requests, text, person, children } = props;
  if (requests.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noRedundantRoles: Safari drops a list without bullets from what it reads out
    <ul role="list" className="ha-entries">
      {requests.map((request) => (
        <li key={request.id} className="ha-entry">
          <span className="ha-entry-text">
            <bdi>
              <Ago iso={request.created_at} text={fill(text, { name: request[person].username })} />
            </bdi>
          </span>
          {children?.(request)}
        </li>
      ))}
    </ul>
  );
}
