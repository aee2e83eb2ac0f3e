//! Doubly linked lists of users, linked by index: O(1) to move a user, 8 bytes per user, no allocation per change.

use crate::UserIndex;

/// No neighbour. No user has this index: [`Links::grow`] would need 2^32 records first.
const NONE: u32 = u32::MAX;

/// The neighbours of every user. Lists that no user is in twice can share one.
#[derive(Debug, Default)]
pub(crate) struct Links(Vec<Link>);

#[derive(Clone, Copy, Debug)]
struct Link {
    prev: u32,
    next: u32,
}

/// The ends of one list.
#[derive(Debug)]
pub(crate) struct List {
    first: u32,
    last: u32,
    len: usize,
}

impl Links {
    /// Makes room for users up to `user`.
    pub(crate) fn grow(&mut self, user: UserIndex) {
        if self.0.len() <= user.at() {
            self.0.resize(user.at() + 1, Link { prev: NONE, next: NONE });
        }
    }

    /// Who stands before `user` in the list they are in.
    pub(crate) fn prev(&self, user: UserIndex) -> Option<UserIndex> {
        index(self.0[user.at()].prev)
    }

    fn next(&self, user: UserIndex) -> Option<UserIndex> {
        index(self.0[user.at()].next)
    }
}

impl List {
    pub(crate) const fn new() -> Self {
        Self { first: NONE, last: NONE, len: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn first(&self) -> Option<UserIndex> {
        index(self.first)
    }

    pub(crate) fn last(&self) -> Option<UserIndex> {
        index(self.last)
    }

    pub(crate) fn push_back(&mut self, links: &mut Links, user: UserIndex) {
        self.insert_after(links, self.last(), user);
    }

    /// Puts `user`, who is in no list, behind `after`, or first without one.
    pub(crate) fn insert_after(&mut self, links: &mut Links, after: Option<UserIndex>, user: UserIndex) {
        let prev = after.map_or(NONE, |after| after.0);
        let next = after.map_or(self.first, |after| links.0[after.at()].next);
        links.0[user.at()] = Link { prev, next };
        match index(prev) {
            Some(prev) => links.0[prev.at()].next = user.0,
            None => self.first = user.0,
        }
        match index(next) {
            Some(next) => links.0[next.at()].prev = user.0,
            None => self.last = user.0,
        }
        self.len += 1;
    }

    /// Takes `user` out, who must be in this list.
    pub(crate) fn remove(&mut self, links: &mut Links, user: UserIndex) {
        let Link { prev, next } = links.0[user.at()];
        match index(prev) {
            Some(prev) => links.0[prev.at()].next = next,
            None => self.first = next,
        }
        match index(next) {
            Some(next) => links.0[next.at()].prev = prev,
            None => self.last = prev,
        }
        links.0[user.at()] = Link { prev: NONE, next: NONE };
        self.len -= 1;
    }

    /// First to last.
    pub(crate) fn iter<'a>(&self, links: &'a Links) -> impl Iterator<Item = UserIndex> + use<'a> {
        std::iter::successors(self.first(), |&user| links.next(user))
    }

    /// Last to first.
    pub(crate) fn iter_back<'a>(&self, links: &'a Links) -> impl Iterator<Item = UserIndex> + use<'a> {
        std::iter::successors(self.last(), |&user| links.prev(user))
    }
}

fn index(raw: u32) -> Option<UserIndex> {
    (raw != NONE).then_some(UserIndex(raw))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a plain vector, with two lists that share their links as `Orders` has them.
        #[test]
        fn lists_behave_like_vectors(steps in prop::collection::vec((0..3_u8, 0..16_usize, 0..16_u32), 0..200)) {
            let mut links = Links::default();
            links.grow(UserIndex(15));
            let mut lists = [List::new(), List::new()];
            let mut vectors: [Vec<UserIndex>; 2] = [Vec::new(), Vec::new()];
            for (action, at, user) in steps {
                let (side, user) = (at % 2, UserIndex(user));
                if let Some(home) = vectors.iter().position(|vector| vector.contains(&user)) {
                    lists[home].remove(&mut links, user);
                    vectors[home].retain(|&other| other != user);
                } else if action == 0 {
                    lists[side].push_back(&mut links, user);
                    vectors[side].push(user);
                } else {
                    let at = at % (vectors[side].len() + 1);
                    let after = at.checked_sub(1).map(|before| vectors[side][before]);
                    lists[side].insert_after(&mut links, after, user);
                    vectors[side].insert(at, user);
                }
                for (list, vector) in lists.iter().zip(&vectors) {
                    prop_assert_eq!(&list.iter(&links).collect::<Vec<_>>(), vector);
                    prop_assert!(list.iter_back(&links).eq(vector.iter().rev().copied()));
                    prop_assert_eq!(
                        (list.first(), list.last(), list.len()),
                        (vector.first().copied(), vector.last().copied(), vector.len())
                    );
                }
            }
        }
    }
}
