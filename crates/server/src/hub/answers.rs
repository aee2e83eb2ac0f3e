//! What subscribers get when they ask: what they missed, or everything, as they may see it.

use bytes::Bytes;
use hereabouts_engine::{TickSeq, UserIndex, Viewer};
use hereabouts_protocol::{Scope, UserId};

use super::HubLoop;
use super::frames::{self, Snapshots};
use super::loader::LoadRequest;
use crate::gateway::{Cause, Command, ConnectionId, Subscriptions};

impl HubLoop {
    /// Counts a subscription and answers it; one that names people who are not known here is answered when they are.
    pub(super) fn subscribe(
        &mut self,
        connection: ConnectionId,
        cause: Cause,
        since: Option<TickSeq>,
        replaced: Subscriptions,
        ids: Vec<UserId>,
    ) {
        self.unsubscribe(connection, replaced);
        // A connection that ended meanwhile gets its answer from its shard: that it is gone.
        let Some(viewer) = self.engine.owner(connection.session()) else { return };
        self.classes.add(cause.subscription());
        let watched = match cause {
            Cause::Friends => {
                self.circles.watch_friends(connection, viewer);
                self.engine.person(viewer).friends.to_vec()
            }
            Cause::Users(number) => {
                self.circles.watch_set(connection, viewer, number, ids.clone());
                ids
            }
            _ => Vec::new(),
        };
        let is_unknown = |id: &UserId| !self.engine.user(*id).is_some_and(|user| self.engine.is_loaded(user));
        let unknown: Vec<_> = watched.into_iter().filter(is_unknown).collect();
        if unknown.is_empty() {
            return self.answer(connection, cause, since);
        }
        // The task that serves it lives as long as the process serves.
        let request = LoadRequest { ids: unknown, done: None, answer: Some((connection, cause)) };
        let _ = self.loads.send(request);
    }

    pub(super) fn unsubscribe(&mut self, connection: ConnectionId, subscriptions: Subscriptions) {
        self.classes.remove(subscriptions);
        let Subscriptions::V1 { friends, users, .. } = subscriptions else { return };
        if friends {
            self.circles.unwatch_friends(connection);
        }
        if let Some(number) = users {
            self.circles.unwatch_set(connection, number);
        }
    }

    /// Sends a new subscriber what they missed, or everything.
    pub(super) fn answer(&mut self, connection: ConnectionId, cause: Cause, since: Option<TickSeq>) {
        let Some(user) = self.engine.owner(connection.session()) else { return };
        let viewer = Viewer::User(user);
        let since = since.filter(|seq| self.horizon.reaches(*seq));
        let frames = match (cause, since) {
            (Cause::Everyone, Some(since)) => Snapshots::changed_since(&self.engine, viewer, since)
                .unwrap_or_else(|| self.snapshots.everyone(&self.engine, viewer)),
            (Cause::Everyone, None) => self.snapshots.everyone(&self.engine, viewer),
            (Cause::Window(limit), _) => self.snapshots.window(&self.engine, viewer, limit),
            (Cause::Friends, _) => self.friends_snapshot(user),
            (Cause::Users(_), _) => self.set_snapshot(connection, user),
            (Cause::Refresh, _) => Bytes::new(),
        };
        self.tell(connection, Command::Deliver { connection, frames, cause });
    }

    /// What a connection gets that fell too far behind after `since`.
    pub(super) fn newest(
        &mut self,
        connection: ConnectionId,
        subscriptions: Subscriptions,
        since: TickSeq,
    ) -> Bytes {
        let Some(user) = self.engine.owner(connection.session()) else { return Bytes::new() };
        let viewer = Viewer::User(user);
        let Subscriptions::V1 { everyone, window, friends, users } = subscriptions else {
            return frames::original_newest(&self.engine, viewer, since);
        };
        let mut states = Vec::new();
        states.extend(everyone.then(|| self.snapshots.everyone(&self.engine, viewer)));
        states.extend(window.map(|limit| self.snapshots.window(&self.engine, viewer, limit)));
        states.extend(friends.then(|| self.friends_snapshot(user)));
        states.extend(users.map(|_| self.set_snapshot(connection, user)));
        match states.len() {
            1 => states.remove(0),
            _ => states.concat().into(),
        }
    }

    fn friends_snapshot(&self, viewer: UserIndex) -> Bytes {
        let friends = &self.engine.person(viewer).friends;
        frames::circle_snapshot(&self.engine, Scope::Friends, viewer, friends)
    }

    fn set_snapshot(&self, connection: ConnectionId, viewer: UserIndex) -> Bytes {
        let ids = self.circles.set(connection).map_or(&[][..], |set| &set.ids);
        frames::circle_snapshot(&self.engine, Scope::Users, viewer, ids)
    }

    /// Answers those who waited for people to be loaded.
    pub(super) fn answer_waiting(&mut self, waiting: Vec<(ConnectionId, Cause)>) {
        for (connection, cause) in waiting {
            self.answer(connection, cause, None);
        }
    }
}
