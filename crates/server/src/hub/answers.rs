//! What subscribers get when they ask: what they missed, or everything, as they may see it.

use bytes::Bytes;
use hereabouts_engine::{TickSeq, Viewer};
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
        let Some(viewer) = self.viewer_on(connection) else { return };
        self.classes.add(cause.subscription());
        let watched = match (cause, viewer) {
            (Cause::Friends, Viewer::User(user)) => {
                self.circles.watch_friends(connection, user);
                self.engine.person(user).friends.to_vec()
            }
            (Cause::Users(number), _) => {
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
        let Some(viewer) = self.viewer_on(connection) else { return };
        let since = since.filter(|seq| self.horizon.reaches(*seq));
        let frames = match (cause, since) {
            (Cause::Everyone, Some(since)) => Snapshots::changed_since(&self.engine, viewer, since)
                .unwrap_or_else(|| self.snapshots.everyone(&self.engine, viewer)),
            (Cause::Everyone, None) => self.snapshots.everyone(&self.engine, viewer),
            (Cause::Window(limit), _) => self.snapshots.window(&self.engine, viewer, limit),
            (Cause::Friends, _) => self.friends_snapshot(viewer),
            (Cause::Users(_), _) => self.set_snapshot(connection, viewer),
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
        let Some(viewer) = self.viewer_on(connection) else { return Bytes::new() };
        let Subscriptions::V1 { everyone, window, friends, users } = subscriptions else {
            return frames::original_newest(&self.engine, viewer, since);
        };
        let mut states = Vec::new();
        states.extend(everyone.then(|| self.snapshots.everyone(&self.engine, viewer)));
        states.extend(window.map(|limit| self.snapshots.window(&self.engine, viewer, limit)));
        states.extend(friends.then(|| self.friends_snapshot(viewer)));
        states.extend(users.map(|_| self.set_snapshot(connection, viewer)));
        match states.len() {
            1 => states.remove(0),
            _ => states.concat().into(),
        }
    }

    /// By whose eyes this connection sees; `None` when it is gone.
    fn viewer_on(&self, connection: ConnectionId) -> Option<Viewer> {
        match self.engine.owner(connection.session()) {
            Some(user) => Some(Viewer::User(user)),
            None => self.observers.contains(&connection).then_some(Viewer::Everyone),
        }
    }

    /// A service has no friends.
    fn friends_snapshot(&self, viewer: Viewer) -> Bytes {
        let friends = match viewer {
            Viewer::User(user) => &self.engine.person(user).friends[..],
            Viewer::Everyone => &[],
        };
        frames::circle_snapshot(&self.engine, Scope::Friends, viewer, friends)
    }

    fn set_snapshot(&self, connection: ConnectionId, viewer: Viewer) -> Bytes {
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
