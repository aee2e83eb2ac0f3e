//! What is kept of people's relations: friends, requests, blocks, watches. The port, in domain words.

use async_trait::async_trait;
use hereabouts_protocol::{RequestId, Timestamp, UserId};

use super::{StoreError, User};

/// Everybody a person stands in a relation with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relations {
    /// Their friends.
    pub friends: Vec<UserId>,
    /// Whom they block.
    pub blocks: Vec<UserId>,
    /// Who blocks them.
    pub blocked_by: Vec<UserId>,
}

/// A part of an ordered list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// How many come before it.
    pub offset: u64,
    /// At most so many.
    pub limit: u32,
}

/// A part of a list, and how long the list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sliced<T> {
    /// All of the list.
    pub count: u64,
    /// The part.
    pub rows: Vec<T>,
}

/// A request that nobody has answered, with both its people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRequest {
    /// Which.
    pub id: RequestId,
    /// Who asks.
    pub from: User,
    /// Who is asked.
    pub to: User,
    /// When.
    pub created_at: Timestamp,
}

/// A request as it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// New, random.
    pub id: RequestId,
    /// Who asks.
    pub from: UserId,
    /// Who is asked.
    pub to: UserId,
    /// Now.
    pub at: Timestamp,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requested {
    /// It waits for an answer, under this id: the new one, or that of a request made before.
    Pending {
        /// Which.
        id: RequestId,
        /// When it was made.
        created_at: Timestamp,
    },
    /// The other one had asked too: they are friends.
    Befriended,
    /// They had been friends.
    AlreadyFriends,
    /// The one who asks blocks the other.
    Blocking,
    /// The one who asks has too many requests waiting, or friends.
    TooMany,
    /// One of the two is not in the users table, or may not come in, or the two are one.
    Unknown,
}

/// What became of an acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The two are friends.
    Befriended(UserId),
    /// There is no such request to this person.
    Gone,
    /// One of the two has too many friends.
    TooMany,
}

/// Whose requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Those that wait for this person's answer.
    Incoming,
    /// Those that this person made.
    Outgoing,
}

/// What became of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// It is in force; friendship and requests between the two are gone.
    Done,
    /// It had been.
    Already,
    /// The blocker blocks too many.
    TooMany,
    /// One of the two is not in the users table, or the two are one.
    Unknown,
}

/// A watch with whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchOf {
    /// Whose coming is waited for.
    pub user: User,
    /// Every time; otherwise once.
    pub is_repeat: bool,
    /// Since when.
    pub created_at: Timestamp,
}

/// A watch as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchEntry {
    /// Who waits.
    pub watcher: UserId,
    /// For whom.
    pub user: UserId,
    /// Every time; otherwise once.
    pub is_repeat: bool,
    /// Since when.
    pub at: Timestamp,
}

/// Relations at rest. Every method is one transaction, and durable when it returns. Lists are ordered by name, then id,
/// so that no order tells who is here.
#[async_trait]
pub trait RelationStore: Send + Sync {
    /// Everybody this person stands in a relation with.
    async fn relations(&self, id: UserId) -> Result<Relations, StoreError>;

    /// Friends.
    async fn friends(&self, id: UserId, slice: Slice) -> Result<Sliced<User>, StoreError>;

    /// Asks somebody to be a friend. Whether that person blocks the one who asks does not show in what is returned.
    async fn request_friend(&self, request: &NewRequest) -> Result<Requested, StoreError>;

    /// Requests that wait, newest first.
    async fn requests(
        &self,
        id: UserId,
        direction: Direction,
        slice: Slice,
    ) -> Result<Sliced<PendingRequest>, StoreError>;

    /// Accepts a request that was made to `by`.
    async fn accept_request(&self, id: RequestId, by: UserId, at: Timestamp) -> Result<Accepted, StoreError>;

    /// Ends a request unanswered: that of `by`, or one to `by`. False when there is none.
    async fn drop_request(&self, id: RequestId, by: UserId) -> Result<bool, StoreError>;

    /// Ends a friendship; false when there was none.
    async fn unfriend(&self, one: UserId, other: UserId) -> Result<bool, StoreError>;

    /// Blocks somebody, and ends what the two had.
    async fn block(&self, by: UserId, whom: UserId, at: Timestamp) -> Result<Blocked, StoreError>;

    /// Ends a block; false when there was none.
    async fn unblock(&self, by: UserId, whom: UserId, at: Timestamp) -> Result<bool, StoreError>;

    /// Whom this person blocks, and since when.
    async fn blocks(&self, id: UserId, slice: Slice) -> Result<Sliced<(User, Timestamp)>, StoreError>;
}

/// Watches at rest; the same promises.
#[async_trait]
pub trait WatchStore: Send + Sync {
    /// Whom this person waits for.
    async fn watches(&self, watcher: UserId) -> Result<Vec<WatchOf>, StoreError>;

    /// Keeps a watch, in the place of one that was there; false when the watcher has too many, or somebody is not in
    /// the users table.
    async fn add_watch(&self, watch: &WatchEntry) -> Result<bool, StoreError>;

    /// Ends a watch; false when there was none.
    async fn remove_watch(&self, watcher: UserId, user: UserId) -> Result<bool, StoreError>;

    /// Takes the notice that a watch gives: true if it is still kept, and one that gives a single notice is then gone.
    async fn take_notice(&self, watcher: UserId, user: UserId) -> Result<bool, StoreError>;
}
