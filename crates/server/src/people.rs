//! What handlers do about people: keep a change first, then put it in force; and look at somebody only by the eyes of
//! somebody.

mod heard;
mod notices;
mod wish;

use std::{collections::HashMap, sync::Arc};

use hereabouts_protocol::{Presence, SetStatus, UserId};

use crate::{
    auth::Claims,
    clock::Clock,
    directory::DirectoryKind,
    http::{ApiError, missing},
    hub::{Hub, SeenBy, SelfReport, Unknowable},
    store::{
        ActivityStore, ChoiceStore, RelationStore, RevocationKind, SqlDatabase, Store, StoreError, User,
        WatchStore,
    },
};

pub use heard::hear_wishes;
pub use notices::give_notices;

/// People at rest, and in force.
pub struct People {
    /// What they decided about themselves.
    pub choices: Arc<dyn ChoiceStore>,
    /// Friends, requests, blocks.
    pub relations: Arc<dyn RelationStore>,
    /// Who waits for whom.
    pub watches: Arc<dyn WatchStore>,
    /// Who came and went.
    pub activity: Arc<dyn ActivityStore>,
    users: Arc<dyn Store>,
    directory: DirectoryKind,
    hub: Hub,
    clock: Clock,
}

impl People {
    /// People in this database.
    pub fn new(database: &Arc<dyn SqlDatabase>, directory: DirectoryKind, hub: Hub, clock: Clock) -> Self {
        Self {
            choices: database.clone(),
            relations: database.clone(),
            watches: database.clone(),
            activity: database.clone(),
            users: database.clone(),
            directory,
            hub,
            clock,
        }
    }

    /// Makes sure that whoever changes something is in the users table. With `--directory token` people enter it with
    /// their first presence, and some only ever use the API.
    pub async fn enter(&self, claims: &Claims) -> Result<UserId, ApiError> {
        let id = claims.user_id;
        if self.directory == DirectoryKind::Token && self.users.user(id).await?.is_none() {
            let profile = crate::directory::profile(
                id,
                claims.username.as_deref().unwrap_or_default(),
                claims.picture.as_deref(),
                claims.slug.as_deref(),
            );
            match self.users.add_user(&profile, self.clock.wall()).await {
                // Somebody else was faster: their own first presence, most likely.
                Ok(()) | Err(StoreError::Exists(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(id)
    }

    /// Keeps and puts in force what somebody wishes to be shown as. Returns who that is.
    pub async fn set_status(&self, claims: &Claims, wish: &SetStatus) -> Result<UserId, ApiError> {
        let (mode, custom) = wish::understand(wish, self.clock.now())?;
        let me = self.enter(claims).await?;
        self.choices.change_status(me, mode, custom).await?.ok_or_else(missing::<UserId>)?;
        self.changed([me]).await?;
        Ok(me)
    }

    /// The person with this id, if they are somebody to others: who may not come in is not.
    pub async fn known(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.users.user(id).await?.filter(|user| !user.is_disabled))
    }

    /// Puts in force what was kept of these people. When this returns, every list shows it.
    pub async fn changed(&self, ids: impl Into<Vec<UserId>>) -> Result<(), ApiError> {
        Ok(self.hub.refresh(ids.into()).await?)
    }

    /// Puts in force that somebody may not come in, may again, or is gone, with all who were their friends. While it
    /// cannot be read, they are shown as not here.
    pub async fn came_or_went(&self, id: UserId, kind: RevocationKind) {
        let mut concerned = vec![id];
        match kind {
            RevocationKind::SignedOut(_) => return,
            RevocationKind::Disabled | RevocationKind::Enabled => {}
            RevocationKind::Removed => {
                let friends = self.hub.friends(id).await;
                concerned.extend(friends.iter().flat_map(|friends| friends.iter()));
            }
        }
        // An error means that it comes into force as soon as it can be read.
        let _ = self.hub.refresh(concerned).await;
    }

    /// These people as `viewer` sees them, in the order asked for; who is nobody is left out.
    pub async fn see(&self, viewer: UserId, ids: Vec<UserId>) -> Result<Vec<Presence>, ApiError> {
        Ok(self.hub.see(Some(viewer), ids).await?)
    }

    /// The same, to look up by id.
    pub async fn see_by_id(
        &self,
        viewer: UserId,
        ids: Vec<UserId>,
    ) -> Result<HashMap<UserId, Presence>, ApiError> {
        let seen = self.see(viewer, ids).await?;
        Ok(seen.into_iter().map(|presence| (presence.user_id, presence)).collect())
    }

    /// What a person may know of themselves.
    pub async fn report(&self, id: UserId) -> Result<Option<SelfReport>, ApiError> {
        Ok(self.hub.report(id).await?)
    }

    /// What `viewer` gets of a person; `None` when one of them is nobody.
    pub async fn seen_by(&self, id: UserId, viewer: UserId) -> Result<Option<SeenBy>, ApiError> {
        Ok(self.hub.seen_by(id, viewer).await?)
    }
}

impl From<Unknowable> for ApiError {
    fn from(_: Unknowable) -> Self {
        Self::unavailable("Presence cannot be told right now. Try again in a moment.", 2)
    }
}
