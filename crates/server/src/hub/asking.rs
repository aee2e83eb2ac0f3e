//! What the rest of the process can ask of the hub and tell it: people as others see them, and that they changed.

use std::sync::Arc;

use hereabouts_engine::{Engine, SelfView, UserIndex, Viewer};
use hereabouts_protocol::{Presence, UserId};
use tokio::sync::oneshot;

use super::loader::LoadRequest;
use super::{Hub, Message};

/// The hub is going down, or what people decided cannot be read now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("presence cannot be told right now")]
pub struct Unknowable;

/// What a person may know of themselves.
#[derive(Clone, Debug)]
pub struct SelfReport {
    /// Mode, sessions, decisions.
    pub own: SelfView,
    /// What they are to themselves: row 0.
    pub presence: Presence,
    /// What people get whom none of their rules names.
    pub as_others_see: Presence,
}

/// What somebody else gets of a person by that person's rules, and by which row of the table.
#[derive(Clone, Debug)]
pub struct SeenBy {
    /// The row.
    pub row: u8,
    /// What they get.
    pub presence: Presence,
}

impl Hub {
    /// Something at rest of these people has changed (what they decided, friends, blocks, watches): reads all of it again
    /// and puts it in force together. When this returns, everybody's lists show it, and every live socket has been told
    /// or is being told. An error when it cannot be read now: then it comes into force as soon as it can.
    pub async fn refresh(&self, ids: Vec<UserId>) -> Result<(), Unknowable> {
        let (done, is_done) = oneshot::channel();
        self.loads.send(LoadRequest { ids, done: Some(done), answer: None }).map_err(|_| Unknowable)?;
        is_done.await.map_err(|_| Unknowable)
    }

    /// These people as `viewer` sees them (`None`: somebody whom no rule names), in the order asked for. Who does not
    /// exist is left out.
    pub async fn see(&self, viewer: Option<UserId>, ids: Vec<UserId>) -> Result<Vec<Presence>, Unknowable> {
        self.know(ids.iter().copied().chain(viewer).collect()).await?;
        self.ask(move |engine| {
            let viewer = viewer_of(engine, viewer);
            let known = ids.into_iter().filter_map(|id| engine.user(id));
            let known = known.filter(|&user| engine.is_loaded(user) && engine.is_somebody(user));
            known.map(|user| engine.presence(user, viewer)).collect()
        })
        .await
    }

    /// What a person may know of themselves; `None` when there is no such person.
    pub async fn report(&self, user_id: UserId) -> Result<Option<SelfReport>, Unknowable> {
        self.know(vec![user_id]).await?;
        self.ask(move |engine| {
            let user = engine.user(user_id)?;
            Some(SelfReport {
                own: engine.self_view(user),
                presence: engine.presence(user, Viewer::User(user)),
                as_others_see: engine.presence(user, Viewer::Everyone),
            })
        })
        .await
    }

    /// What `viewer` gets of `user_id` as far as it is the doing of `user_id`; `None` when one of them is nobody.
    pub async fn seen_by(&self, user_id: UserId, viewer: UserId) -> Result<Option<SeenBy>, Unknowable> {
        self.know(vec![user_id, viewer]).await?;
        self.ask(move |engine| {
            let (user, viewer) = (engine.user(user_id)?, engine.user(viewer)?);
            if !engine.is_loaded(viewer) || !engine.is_somebody(viewer) {
                return None;
            }
            let (row, presence) = engine.presence_by_own_rules(user, viewer);
            Some(SeenBy { row, presence })
        })
        .await
    }

    /// Makes sure that what this viewer decided counts in their lists.
    pub async fn admit(&self, viewer: UserId) -> Result<(), Unknowable> {
        if self.online.knows(viewer) {
            return Ok(());
        }
        self.know(vec![viewer]).await?;
        self.online.note_known(std::iter::once(viewer));
        Ok(())
    }

    /// Whom a person has for friends.
    pub async fn friends(&self, user_id: UserId) -> Result<Arc<[UserId]>, Unknowable> {
        self.know(vec![user_id]).await?;
        self.ask(move |engine| {
            engine.user(user_id).map_or_else(Arc::default, |user| Arc::from(&*engine.person(user).friends))
        })
        .await
    }

    /// Makes sure that the engine knows these people, as far as they exist.
    pub(crate) async fn know(&self, ids: Vec<UserId>) -> Result<(), Unknowable> {
        let is_unknown =
            |engine: &Engine, id: UserId| !engine.user(id).is_some_and(|user| engine.is_loaded(user));
        let unknown: Vec<_> =
            self.ask(move |engine| ids.into_iter().filter(|&id| is_unknown(engine, id)).collect()).await?;
        if unknown.is_empty() { Ok(()) } else { self.refresh(unknown).await }
    }

    /// Asks the engine, on the hub's thread: what anybody can read at this moment.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Unknowable> {
        let (reply, answer) = oneshot::channel();
        let ask = move |engine: &Engine| {
            let _ = reply.send(question(engine));
        };
        self.sender.send_async(Message::Ask(Box::new(ask))).await;
        answer.await.map_err(|_| Unknowable)
    }
}

fn viewer_of(engine: &Engine, viewer: Option<UserId>) -> Viewer {
    let known = viewer.and_then(|viewer| engine.user(viewer));
    known.map_or(Viewer::Everyone, |viewer: UserIndex| Viewer::User(viewer))
}
