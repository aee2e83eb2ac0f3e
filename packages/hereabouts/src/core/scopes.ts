import type { ClientMessage, Scope as CoreScope } from './protocol';

/** The audiences this client can watch; a server says by its features which of them it has beyond the first two. */
export type Scope = CoreScope | 'friends' | 'users';

/** What this client says. */
export type Outgoing =
  | Exclude<ClientMessage, { type: 'subscribe' | 'unsubscribe' }>
  | { type: 'subscribe'; scope: Scope; limit?: number; ids?: string[]; cursor?: string }
  | { type: 'unsubscribe'; scope: Scope };
