'use client';

export type { LostConnection, PresenceUser, StatusChange } from './core/types';
export { type AuthBackend, AuthError, type AuthFields, createAuthBackend } from './react/auth-backend';
export {
  type Auth,
  AuthProvider,
  type AuthProviderProps,
  type SignedIn,
  useAuth,
} from './react/auth-context';
export { AUTH_STORAGE_KEY, type AuthState, type AuthStorageKind, type AuthUser } from './react/auth-storage';
export type { AvatarProps } from './react/avatar';
export { usePresenceClient, useUserStatusContext } from './react/context';
export { type UserStatus, useLostConnection, useUserPresence, useUserStatus } from './react/hooks';
export { ENGLISH, type Messages, type Plural } from './react/messages';
export { OnlineUsers, OnlineUsers as default, type OnlineUsersProps } from './react/online-users';
export { type OnlineUsersOptions, type OnlineUsersResult, useOnlineUsers } from './react/use-online-users';
export { useRelativeTime } from './react/use-relative-time';
export type { OnlineUsersClassNames } from './react/user-card';
export { UserStatusProvider, type UserStatusProviderProps } from './react/user-status-provider';
