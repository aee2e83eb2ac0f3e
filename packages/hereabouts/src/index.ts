export { browserEnvironment } from './core/browser-environment';
export { createPresenceClient } from './core/client';
export type { Channel, Environment, Locks, Socket, SocketHandlers, WorldEvents } from './core/environment';
export { RequestError, UnauthorizedError } from './core/errors';
export type {
  ActivityRow,
  CustomStatus,
  MyStatus,
  OnlineUser,
  OwnCustomStatus,
  SetCustomStatus,
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
