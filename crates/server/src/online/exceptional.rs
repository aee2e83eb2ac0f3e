//! Pages for viewers who see something else than everybody, and of some people only. Row by row, so the cost is that of
//! what is walked over; the rows are the shared, encoded ones.

use std::ops::Range;
use std::sync::Arc;

use hereabouts_protocol::{Timestamp, UserId};

use super::chunk::Chunk;
use super::list::{Exceptions, People, Row};
use super::page::{PageRequest, Selection, starting_at};

/// The rows for a viewer with exceptions.
pub(super) fn select_exceptional(
    people: &People,
    request: &PageRequest,
    exceptions: &Exceptions,
) -> Selection {
    let mut cut = Cut::new(request, n_seen(people, request, exceptions));
    let is_seen = |row: &Row, is_limited: bool| {
        let user_id = row.profile.user_id;
        if user_id == request.viewer {
            return request.include_self && !is_limited;
        }
        exceptions.shows(user_id, is_limited)
    };
    let is_after = |key: (Timestamp, UserId)| request.after.is_none_or(|after| key > after);
    let mut limited =
        people.limited.values().filter(|row| is_after(row.key()) && is_seen(row, true)).peekable();
    for (index, start) in starting_at(people, request.after) {
        let chunk = &people.chunks[index];
        for (at, row) in chunk.rows().iter().enumerate().skip(start) {
            while let Some(earlier) = limited.next_if(|limited| limited.key() < row.key()) {
                if !cut.take_alone(earlier) {
                    return cut.selection;
                }
            }
            if is_seen(row, false) && !cut.take(chunk, at, row.key()) {
                return cut.selection;
            }
        }
    }
    for row in limited {
        if !cut.take_alone(row) {
            break;
        }
    }
    cut.selection
}

/// The rows of some people, as this viewer sees them.
pub(super) fn select_among(people: &People, request: &PageRequest, among: &[UserId]) -> Selection {
    let is_wanted = |user_id: &&UserId| request.include_self || **user_id != request.viewer;
    let places = among.iter().filter(is_wanted).filter_map(|&user_id| people.place(request.viewer, user_id));
    let mut places: Vec<_> = places.collect();
    places.sort_unstable();
    places.dedup();
    let mut cut = Cut::new(request, places.len());
    for key in places.into_iter().filter(|&key| request.after.is_none_or(|after| key > after)) {
        if let Some((chunk, at)) = people.row(key)
            && !cut.take(&chunk, at, key)
        {
            break;
        }
    }
    cut.selection
}

/// How many people this viewer sees here.
fn n_seen(people: &People, request: &PageRequest, exceptions: &Exceptions) -> usize {
    let is_other = |user_id: &UserId| *user_id != request.viewer;
    let is_listed = |user_id: &UserId| people.since(*user_id).is_some();
    let is_self_counted = request.include_self && people.since(request.viewer).is_some();
    let others = exceptions.sees.iter().filter(|(user_id, _)| is_other(user_id));
    let (mut n_hidden, mut n_shown, mut n_limited) = (0, 0, 0);
    for (user_id, &is_seen) in others {
        match (is_listed(user_id), is_seen) {
            (true, true) => n_shown += 1,
            (true, false) => n_hidden += 1,
            (false, true) => n_limited += usize::from(people.is_limited(*user_id)),
            (false, false) => {}
        }
    }
    let n_others = people.len() - usize::from(people.since(request.viewer).is_some());
    let n_listed = if exceptions.is_withdrawn { n_shown } else { n_others - n_hidden };
    n_listed + n_limited + usize::from(is_self_counted)
}

/// A selection up to its limit; neighbouring rows are one range.
struct Cut {
    selection: Selection,
    n_left: usize,
    last: Option<(Timestamp, UserId)>,
}

impl Cut {
    fn new(request: &PageRequest, total: usize) -> Self {
        let selection = Selection { rows: Vec::new(), total, next: None };
        Self { selection, n_left: request.limit.unwrap_or(usize::MAX), last: None }
    }

    /// Takes a row; false when there is no room for it, and the page ends before it.
    fn take(&mut self, chunk: &Arc<Chunk>, at: usize, key: (Timestamp, UserId)) -> bool {
        if self.n_left == 0 {
            self.selection.next = self.last;
            return false;
        }
        self.n_left -= 1;
        self.last = Some(key);
        match self.selection.rows.last_mut() {
            Some((last, Range { end, .. })) if Arc::ptr_eq(last, chunk) && *end == at => *end += 1,
            _ => self.selection.rows.push((Arc::clone(chunk), at..at + 1)),
        }
        true
    }

    /// Takes a row that stands in no chunk.
    fn take_alone(&mut self, row: &Row) -> bool {
        self.take(&Arc::new(Chunk::new(vec![row.clone()])), 0, row.key())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use hereabouts_engine::{Profile, UserIndex};
    use hereabouts_protocol::OnlineUser;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::list::{OnlineView, RowChange};
    use super::*;

    /// People: since when, whether for everybody, and what the viewer sees of them against that, if anything.
    type Person = (u64, bool, Option<bool>);

    fn id(n: usize) -> UserId {
        UserId(Uuid::from_u128(n as u128 + 1))
    }

    fn view(people: &[Person], is_withdrawn: bool) -> OnlineView {
        let view = OnlineView::default();
        let rows = people.iter().enumerate().map(|(n, &(since, is_public, _))| {
            let profile = Profile {
                user_id: id(n),
                username: format!("user {n}").into(),
                profile_image_url: None,
                slug: "user".into(),
            };
            let since = Timestamp::from_secs(since);
            let row = Row { since, user: UserIndex(n as u32), profile: Arc::new(profile) };
            if is_public { RowChange::Present(row) } else { RowChange::Limited(row) }
        });
        let sees: HashMap<_, _> =
            people.iter().enumerate().filter_map(|(n, (_, _, sees))| Some((id(n), (*sees)?))).collect();
        view.publish(rows, std::iter::once((id(0), Some(Exceptions { is_withdrawn, sees }))));
        view
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Against a plain list: whoever the viewer may see, in order, in pages of any size, with the same total on each.
        #[test]
        fn pages_hold_whom_the_viewer_may_see(
            people in proptest::collection::vec((0..4_u64, prop::bool::weighted(0.8), prop::option::weighted(0.3, any::<bool>())), 1..1200),
            limit in 1..700_usize,
            is_withdrawn: bool,
            include_self: bool,
            is_among: bool,
        ) {
            let view = view(&people, is_withdrawn);
            let among: Option<Arc<[UserId]>> = is_among.then(|| (0..people.len()).step_by(3).map(id).collect());
            let mut wanted: Vec<_> = people.iter().enumerate().filter(|&(n, &(_, is_public, sees))| {
                let is_seen = match n {
                    0 => include_self && (is_public || is_among),
                    _ => sees.unwrap_or(is_public && !is_withdrawn),
                };
                is_seen && (!is_among || n % 3 == 0)
            }).map(|(n, &(since, _, _))| (since, id(n))).collect();
            wanted.sort_unstable();
            let (mut found, mut after) = (Vec::new(), None);
            for _ in 0..=wanted.len() {
                let request = PageRequest {
                    viewer: id(0), include_self, limit: Some(limit), after, among: among.clone(),
                };
                let page = view.page(&request);
                prop_assert_eq!(page.total, wanted.len());
                after = page.next;
                let users: Vec<OnlineUser> = serde_json::from_slice(&page.into_body().concat()).unwrap();
                prop_assert!(users.len() <= limit);
                found.extend(users.into_iter().map(|user| user.id));
                if after.is_none() {
                    break;
                }
            }
            prop_assert_eq!(found, wanted.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
        }
    }

    #[test]
    fn who_is_hidden_is_no_place_to_begin_a_page_at() {
        let view =
            view(&[(0, true, None), (1, true, Some(false)), (2, false, None), (3, false, Some(true))], false);
        assert_eq!(view.place(id(0), id(1)), None);
        assert_eq!(view.place(id(0), id(2)), None);
        assert_eq!(view.place(id(0), id(3)), Some((Timestamp::from_secs(3), id(3))));
        assert_eq!(view.place(id(9), id(1)), Some((Timestamp::from_secs(1), id(1))));
        assert_eq!(view.place(id(9), id(3)), None);
    }
}
