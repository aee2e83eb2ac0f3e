//! What a person decided about themselves: the engine's copy of what is at rest.

use hereabouts_protocol::{Audience, AudienceRule, Mode, OwnCustomStatus, Privacy, Timestamp, UserId};

/// A mode that ends by itself; then the one below it holds again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedMode {
    /// The mode.
    pub mode: Mode,
    /// When it ends.
    pub until: Timestamp,
}

/// Somebody wants to be told when somebody else comes online.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Whom they wait for.
    pub user_id: UserId,
    /// Every time; otherwise once.
    pub repeats: bool,
}

/// Everything a person decided, whole: a change replaces all of it. [`Person::default`] is somebody who never decided
/// anything, and costs the engine nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The mode that holds while no timed one does.
    pub mode: Mode,
    /// The mode that holds until its time.
    pub timed: Option<TimedMode>,
    /// What they wrote about themselves.
    pub custom: Option<OwnCustomStatus>,
    /// Who sees what of them.
    pub privacy: Privacy,
    /// Sorted. Each of them has this person among theirs.
    pub friends: Box<[UserId]>,
    /// Whom they block. Sorted.
    pub blocks: Box<[UserId]>,
    /// Whose coming they wait for.
    pub watches: Box<[Watched]>,
    /// May not come in, and is nobody to others.
    pub is_deactivated: bool,
}

impl Person {
    /// The mode that holds at `now`.
    pub fn mode_at(&self, now: Timestamp) -> Mode {
        self.timed.filter(|timed| now < timed.until).map_or(self.mode, |timed| timed.mode)
    }

    /// The custom status that holds at `now`.
    pub fn custom_at(&self, now: Timestamp) -> Option<&OwnCustomStatus> {
        self.custom.as_ref().filter(|custom| holds(custom, now))
    }

    /// The next moment after `now` at which something ends by itself.
    pub(crate) fn next_end(&self, now: Timestamp) -> Option<Timestamp> {
        let custom_until = self.custom.as_ref().and_then(|custom| custom.until);
        [self.timed.map(|timed| timed.until), custom_until].into_iter().flatten().filter(|&at| at > now).min()
    }

    /// Whether this is a friend.
    pub fn is_friend(&self, user_id: UserId) -> bool {
        self.friends.binary_search(&user_id).is_ok()
    }

    /// Whether they block this person.
    pub fn is_blocking(&self, user_id: UserId) -> bool {
        self.blocks.binary_search(&user_id).is_ok()
    }

    /// Whether one of their rules lets this person see.
    pub fn allows(&self, rule: &AudienceRule, viewer: UserId) -> bool {
        rule.allows(viewer, rule.audience == Audience::Friends && self.is_friend(viewer))
    }

    /// Whether people none of the rules name see that they are here.
    pub(crate) fn is_public(&self) -> bool {
        self.privacy.online.audience == Audience::Everyone && !self.is_deactivated
    }

    /// Whether others see the same of them under `other`, status and custom status apart.
    pub(crate) fn has_same_relations(&self, other: &Self) -> bool {
        self.privacy == other.privacy
            && self.friends == other.friends
            && self.blocks == other.blocks
            && self.is_deactivated == other.is_deactivated
    }

    /// Those for whom what everybody sees of this person may be wrong. Repeats are possible.
    pub(crate) fn named(&self) -> impl Iterator<Item = UserId> + '_ {
        let rules = [&self.privacy.online, &self.privacy.last_seen];
        let has_friends_only = rules.iter().any(|rule| rule.audience == Audience::Friends);
        let friends = if has_friends_only { &*self.friends } else { &[] };
        let listed = rules.into_iter().flat_map(|rule| rule.allow.iter().chain(&rule.deny));
        listed.chain(friends).chain(&self.blocks).copied()
    }
}

/// Whether a custom status has not ended yet.
pub(crate) fn holds(custom: &OwnCustomStatus, now: Timestamp) -> bool {
    custom.until.is_none_or(|until| now < until)
}
