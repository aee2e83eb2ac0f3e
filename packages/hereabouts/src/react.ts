'use client';

export type { LostConnection, PresenceUser, StatusChange } from './core/types';
export { ActivityTimeline, type ActivityTimelineProps } from './react/activity-timeline';
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
export { ConnectionBanner, type ConnectionBannerProps } from './react/connection-banner';
export { usePresenceClient, useUserStatusContext } from './react/context';
export { CustomStatusForm, type CustomStatusFormProps } from './react/custom-status-form';
export { FriendRequests, type FriendRequestsProps } from './react/friend-requests';
export { type UserStatus, useLostConnection, useUserPresence, useUserStatus } from './react/hooks';
export { LastSeen, type LastSeenProps } from './react/last-seen';
export { ENGLISH, type Messages, type Plural } from './react/messages';
export { OnlineUsers, OnlineUsers as default, type OnlineUsersProps } from './react/online-users';
export { type AllMessages, PANEL_ENGLISH, type PanelMessages } from './react/panel-messages';
export type { HeadingLevel } from './react/panel-title';
export { PresenceDot, type PresenceDotProps } from './react/presence-dot';
export { PresenceToasts, type PresenceToastsProps } from './react/presence-toasts';
export { StatusPicker, type StatusPickerProps } from './react/status-picker';
export { type Activity, type ActivityOptions, useActivity } from './react/use-activity';
export { type FriendRequestsResult, useFriendRequests } from './react/use-friend-requests';
export { type MyPresence, useMyPresence } from './react/use-my-presence';
export { type OnlineUsersOptions, type OnlineUsersResult, useOnlineUsers } from './react/use-online-users';
export { type PresenceHandlers, usePresenceEvents } from './react/use-presence-events';
export { useRelativeTime } from './react/use-relative-time';
export { useWatches, type Watches } from './react/use-watches';
export type { OnlineUsersClassNames } from './react/user-card';
export { UserStatusProvider, type UserStatusProviderProps } from './react/user-status-provider';
