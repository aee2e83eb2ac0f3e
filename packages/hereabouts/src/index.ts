export { browserEnvironment } from './core/browser-environment';
export { createPresenceClient } from './core/client';
export type { Channel, Environment, Locks, Socket, SocketHandlers, WorldEvents } from './core/environment';
export { RequestError, UnauthorizedError } from './core/errors';
export type {
  ActivityPage,
  ActivityRow,
  AsViewer,
  Audience,
  AudienceRule,
  CustomStatus,
  FriendRequest,
  FriendRow,
  MyStatus,
  OnlineUser,
  OwnCustomStatus,
  Page,
  Person,
  Precision,
  Presence,
  Privacy,
  SetCustomStatus,
  Watch,
} from './core/protocol';
export type {
  ConnectionStatus,
  GetToken,
  ListState,
  Logger,
  LostConnection,
  PresenceChange,
  PresenceClient,
  PresenceClientOptions,
  PresenceError,
  PresenceEvents,
  PresenceMode,
  PresenceSnapshot,
  PresenceStatus,
  PresenceUser,
  StatusChange,
  TokenReason,
} from './core/types';
