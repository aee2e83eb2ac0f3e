//! The exceptions: who sees of whom something else than everybody does.
//!
//! A *pair* is a viewer and a person for whom what everybody sees may be wrong: a block, a rule that names the viewer, a
//! friend where only friends see. People without pairs, nearly all, cost nothing here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hereabouts_protocol::UserId;

use crate::TickSeq;

/// What is kept of one pair.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pair {
    /// The person's version as the viewer last saw it, before the person was hidden from them.
    pub(crate) hidden_version: u64,
    /// The last tick in which what the viewer may see changed by a rule, not by what the person did.
    pub(crate) changed_in: TickSeq,
}

/// The pairs of one viewer.
#[derive(Debug, Default)]
pub(crate) struct Exceptions {
    pub(crate) pairs: BTreeMap<UserId, Pair>,
    /// How many present people the viewer sees, minus how many everybody sees.
    pub(crate) surplus: i64,
}

/// All pairs. One that no rule needs any more stays until one of the two is forgotten: it still tells when it changed.
/// Bounded by the lengths of the lists that people keep (the shell's limits) times the people known.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    by_viewer: HashMap<UserId, Exceptions>,
    /// The same pairs, from the other end.
    viewers_of: HashMap<UserId, BTreeSet<UserId>>,
    /// Who sees nobody but by exception: viewers who hide where hiding counts both ways.
    withdrawn: BTreeSet<UserId>,
}

impl Relations {
    /// The pair, made if there is none.
    pub(crate) fn pair_mut(&mut self, viewer: UserId, target: UserId) -> &mut Pair {
        self.viewers_of.entry(target).or_default().insert(viewer);
        self.by_viewer.entry(viewer).or_default().pairs.entry(target).or_default()
    }

    pub(crate) fn pair(&self, viewer: UserId, target: UserId) -> Option<Pair> {
        self.by_viewer.get(&viewer)?.pairs.get(&target).copied()
    }

    /// Whether this viewer certainly sees of the person what everybody does.
    pub(crate) fn is_one_of_many(&self, viewer: UserId, target: UserId) -> bool {
        !self.withdrawn.contains(&viewer) && self.pair(viewer, target).is_none()
    }

    /// Whether this viewer may see something else than everybody.
    pub(crate) fn is_special(&self, viewer: UserId) -> bool {
        self.by_viewer.contains_key(&viewer) || self.withdrawn.contains(&viewer)
    }

    /// All such viewers.
    pub(crate) fn special(&self) -> impl Iterator<Item = UserId> + '_ {
        let withdrawn = self.withdrawn.iter().filter(|viewer| !self.by_viewer.contains_key(viewer));
        self.by_viewer.keys().chain(withdrawn).copied()
    }

    /// The people this viewer has pairs with.
    pub(crate) fn targets(&self, viewer: UserId) -> impl Iterator<Item = (UserId, Pair)> + '_ {
        let pairs = self.by_viewer.get(&viewer).map(|exceptions| &exceptions.pairs);
        pairs.into_iter().flatten().map(|(&target, &pair)| (target, pair))
    }

    /// The viewers who may see something else of this person than everybody.
    pub(crate) fn viewers(&self, target: UserId) -> impl Iterator<Item = UserId> + '_ {
        let paired = self.viewers_of.get(&target);
        let withdrawn =
            self.withdrawn.iter().filter(move |viewer| !paired.is_some_and(|paired| paired.contains(viewer)));
        paired.into_iter().flatten().chain(withdrawn).copied()
    }

    pub(crate) fn surplus(&self, viewer: UserId) -> i64 {
        self.by_viewer.get(&viewer).map_or(0, |exceptions| exceptions.surplus)
    }

    pub(crate) fn add_surplus(&mut self, viewer: UserId, by: i64) {
        if by != 0 {
            self.by_viewer.entry(viewer).or_default().surplus += by;
        }
    }

    pub(crate) fn set_surplus(&mut self, viewer: UserId, surplus: i64) {
        self.by_viewer.entry(viewer).or_default().surplus = surplus;
    }

    pub(crate) fn set_withdrawn(&mut self, viewer: UserId, is_withdrawn: bool) {
        if is_withdrawn {
            self.withdrawn.insert(viewer);
        } else {
            self.withdrawn.remove(&viewer);
        }
    }

    pub(crate) fn is_withdrawn(&self, viewer: UserId) -> bool {
        self.withdrawn.contains(&viewer)
    }

    /// Drops what concerns somebody forgotten, apart from the pairs that somebody else's rules still need.
    pub(crate) fn forget(&mut self, user_id: UserId, is_needed: impl Fn(UserId, UserId) -> bool) {
        self.withdrawn.remove(&user_id);
        let as_viewer: Vec<_> = self.targets(user_id).map(|(target, _)| (user_id, target)).collect();
        let as_target = self.viewers_of.get(&user_id).into_iter().flatten().map(|&viewer| (viewer, user_id));
        let pairs: Vec<_> = as_viewer.into_iter().chain(as_target.collect::<Vec<_>>()).collect();
        for (viewer, target) in pairs.into_iter().filter(|&(viewer, target)| !is_needed(viewer, target)) {
            self.remove(viewer, target);
        }
    }

    fn remove(&mut self, viewer: UserId, target: UserId) {
        if let Some(exceptions) = self.by_viewer.get_mut(&viewer) {
            exceptions.pairs.remove(&target);
            if exceptions.pairs.is_empty() && exceptions.surplus == 0 {
                self.by_viewer.remove(&viewer);
            }
        }
        if let Some(viewers) = self.viewers_of.get_mut(&target) {
            viewers.remove(&viewer);
            if viewers.is_empty() {
                self.viewers_of.remove(&target);
            }
        }
    }
}
