export { browserEnvironment } from './core/browser-environment';
export { createPresenceClient } from './core/client';
export type { Channel, Environment, Locks, Socket, SocketHandlers, WorldEvents } from './core/environment';
export { UnauthorizedError } from './core/errors';
export type { CustomStatus, OnlineUser } from './core/protocol';
export type {
  ConnectionStatus,
  GetToken,
  ListState,
  Logger,
  LostConnection,
  PresenceClient,
  PresenceClientOptions,
  PresenceError,
  PresenceEvents,
  PresenceSnapshot,
  PresenceStatus,
  PresenceUser,
  StatusChange,
  TokenReason,
} from './core/types';
