//! One page of the online list for one viewer: which rows, as which bytes, under which `ETag`.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use hereabouts_protocol::{Timestamp, UserId};

use super::chunk::{Chunk, EncodedChunk};
use super::exceptional;
use super::list::People;
use super::seen::SeenTable;

/// What a viewer asks for.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// Who asks: left out of the list unless `include_self`.
    pub viewer: UserId,
    /// Whether the viewer is in their own list.
    pub include_self: bool,
    /// At most so many rows; `None` is the whole list.
    pub limit: Option<usize>,
    /// Only people after this place of the order.
    pub after: Option<(Timestamp, UserId)>,
    /// Only these people; `None` is everybody.
    pub among: Option<Arc<[UserId]>>,
}

/// The answer, not yet copied into anything.
#[derive(Debug)]
pub struct Page {
    parts: Vec<Part>,
    /// People online, without the viewer unless they asked to be included.
    pub total: usize,
    /// Where the next page begins; `None` when this is the last.
    pub next: Option<(Timestamp, UserId)>,
    etag: u64,
}

/// Neighbouring rows of one chunk.
#[derive(Debug)]
struct Part {
    chunk: Arc<EncodedChunk>,
    rows: Range<usize>,
}

impl Page {
    /// Encodes what was selected. Holds no lock: whoever publishes meanwhile changes a copy.
    pub(super) fn new(selection: Selection, seen: &SeenTable, hasher: &RandomState) -> Self {
        let total = selection.total;
        let parts: Vec<_> = selection
            .rows
            .into_iter()
            .map(|(chunk, rows)| Part { chunk: chunk.encoded(seen, hasher), rows })
            .collect();
        let sum = parts.iter().fold(0_u64, |sum, part| sum.wrapping_add(part.chunk.hash(part.rows.clone())));
        let etag = hasher.hash_one((sum, total, selection.next.map(|(since, id)| (since.as_micros(), id))));
        Self { parts, total, next: selection.next, etag }
    }

    /// The `ETag` of exactly this body for exactly this viewer.
    pub fn etag(&self) -> String {
        format!("\"{:016x}\"", self.etag)
    }

    /// The JSON array as a few shared slices, none of them copied.
    pub fn into_body(self) -> Vec<Bytes> {
        let mut body = Vec::with_capacity(self.parts.len() * 2 + 1);
        body.push(Bytes::from_static(b"["));
        for slice in self.parts.into_iter().filter_map(|part| part.chunk.slice(part.rows)) {
            if body.len() > 1 {
                body.push(Bytes::from_static(b","));
            }
            body.push(slice);
        }
        body.push(Bytes::from_static(b"]"));
        body
    }
}

/// The rows of a page, before anything is encoded.
pub(super) struct Selection {
    pub(super) rows: Vec<(Arc<Chunk>, Range<usize>)>,
    pub(super) total: usize,
    pub(super) next: Option<(Timestamp, UserId)>,
}

/// Which rows of which chunks: from `after` on, up to `limit`, cut around the viewer.
pub(super) fn select(people: &People, request: &PageRequest) -> Selection {
    match (&request.among, people.exceptions(request.viewer)) {
        (Some(among), _) => exceptional::select_among(people, request, among),
        (None, Some(exceptions)) => exceptional::select_exceptional(people, request, exceptions),
        (None, None) => select_common(people, request),
    }
}

/// The rows for a viewer who sees what everybody does.
fn select_common(people: &People, request: &PageRequest) -> Selection {
    let hidden = usize::from(!request.include_self && people.since(request.viewer).is_some());
    let mut selection = Selection { rows: Vec::new(), total: people.len() - hidden, next: None };
    let mut n_left = request.limit.unwrap_or(usize::MAX);
    let skip = viewer_place(people, request);
    let mut last = None;
    for (index, start) in starting_at(people, request.after) {
        let rows = people.chunks[index].rows();
        for range in without(start..rows.len(), skip.filter(|(chunk, _)| *chunk == index).map(|(_, row)| row))
        {
            if range.is_empty() {
                continue;
            }
            if n_left == 0 {
                selection.next = last;
                return selection;
            }
            let taken = range.start..range.end.min(range.start.saturating_add(n_left));
            n_left -= taken.len();
            last = taken.clone().next_back().map(|row| rows[row].key());
            let is_cut = taken.end < range.end;
            selection.rows.push((Arc::clone(&people.chunks[index]), taken));
            if is_cut {
                selection.next = last;
                return selection;
            }
        }
    }
    selection
}

/// The chunk and row of the viewer, if they are in the list and not to be in the answer.
fn viewer_place(people: &People, request: &PageRequest) -> Option<(usize, usize)> {
    if request.include_self {
        return None;
    }
    let key = (people.since(request.viewer)?, request.viewer);
    let chunk = people.chunk_for(key);
    Some((chunk, people.chunks[chunk].rows().partition_point(|row| row.key() < key)))
}

/// The chunks from `after` on, each with its first row of interest.
pub(super) fn starting_at(
    people: &People,
    after: Option<(Timestamp, UserId)>,
) -> impl Iterator<Item = (usize, usize)> {
    let first = after.map_or(0, |key| people.chunk_for(key));
    (first..people.chunks.len()).map(move |index| {
        let start =
            after.map_or(0, |key| people.chunks[index].rows().partition_point(|row| row.key() <= key));
        (index, start)
    })
}

/// `range` without the row `hole`.
fn without(range: Range<usize>, hole: Option<usize>) -> [Range<usize>; 2] {
    match hole {
        Some(hole) if range.contains(&hole) => [range.start..hole, hole + 1..range.end],
        _ => [range, 0..0],
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hereabouts_engine::{Profile, UserIndex};
    use hereabouts_protocol::OnlineUser;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::list::{OnlineView, Row, RowChange};
    use super::*;

    fn id(n: u32) -> UserId {
        UserId(Uuid::from_u128(u128::from(n)))
    }

    fn row(n: u32, since_s: u64) -> RowChange {
        let profile = Profile {
            user_id: id(n),
            username: format!("user {n}").into(),
            profile_image_url: None,
            slug: format!("user-{n}").into(),
        };
        let since = Timestamp::from_secs(since_s);
        RowChange::Present(Row { since, user: UserIndex(n), profile: Arc::new(profile) })
    }

    fn ask(
        view: &OnlineView,
        request: &PageRequest,
    ) -> (Vec<OnlineUser>, Option<(Timestamp, UserId)>, String) {
        let page = view.page(request);
        let (next, etag) = (page.next, page.etag());
        let body = page.into_body().concat();
        (serde_json::from_slice(&body).expect("the body is a JSON array of rows"), next, etag)
    }

    fn everyone_for(viewer: u32) -> PageRequest {
        PageRequest { viewer: id(viewer), include_self: false, limit: None, after: None, among: None }
    }

    #[test]
    fn an_empty_list_is_an_empty_array() {
        let (users, next, _) = ask(&OnlineView::default(), &everyone_for(1));
        assert_eq!((users.len(), next), (0, None));
    }

    #[test]
    fn a_heartbeat_moves_the_times_and_the_etag_of_others_but_not_my_own_view() {
        let view = OnlineView::default();
        view.publish([row(1, 10), row(2, 20)].into_iter(), std::iter::empty());
        view.seen().store(UserIndex(2), Timestamp::from_secs(20));
        let (before, _, etag_before) = ask(&view, &everyone_for(1));
        assert_eq!(before[0].last_seen, Some(Timestamp::from_secs(20)));
        let (_, _, own_before) = ask(&view, &everyone_for(2));

        view.seen().store(UserIndex(2), Timestamp::from_secs(50));
        let (after, _, etag_after) = ask(&view, &everyone_for(1));
        assert_eq!(after[0].last_seen, Some(Timestamp::from_secs(50)));
        assert_eq!(after[0].last_activity, Some(Timestamp::from_secs(50)));
        assert_ne!(etag_before, etag_after);
        let (_, _, own_after) = ask(&view, &everyone_for(2));
        assert_eq!(own_before, own_after, "my own heartbeat is not in my list");
    }

    #[derive(Debug, Clone)]
    enum Step {
        Come(u32, u64),
        Go(u32),
        Read,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            40 => (0..1500_u32, 0..3_u64).prop_map(|(n, since)| Step::Come(n, since)),
            10 => (0..1500_u32).prop_map(Step::Go),
            1 => Just(Step::Read),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Against a sorted vector: any coming and going, read in pages of any size, by anybody.
        #[test]
        fn pages_equal_a_plain_sorted_list(
            steps in proptest::collection::vec(step(), 0..2500),
            limit in 1..700_usize,
            viewer in 0..1500_u32,
            include_self: bool,
        ) {
            let view = OnlineView::default();
            let mut model = std::collections::BTreeMap::new();
            for step in steps {
                match step {
                    Step::Come(n, since) => {
                        model.insert(id(n), since);
                        view.publish(std::iter::once(row(n, since)), std::iter::empty());
                    }
                    Step::Go(n) => {
                        model.remove(&id(n));
                        view.publish(std::iter::once(RowChange::Gone(id(n))), std::iter::empty());
                    }
                    Step::Read => drop(ask(&view, &everyone_for(viewer))),
                }
            }
            let mut wanted: Vec<_> = model.into_iter().map(|(id, since)| (since, id)).collect();
            wanted.sort_unstable();
            if !include_self {
                wanted.retain(|(_, other)| *other != id(viewer));
            }
            let mut found = Vec::new();
            let mut after = None;
            for _ in 0..=wanted.len() {
                let request = PageRequest {
                    viewer: id(viewer),
                    include_self,
                    limit: Some(limit),
                    after,
                    among: None,
                };
                let (users, next, _) = ask(&view, &request);
                prop_assert!(users.len() <= limit);
                found.extend(users.into_iter().map(|user| user.id));
                after = next;
                if after.is_none() {
                    break;
                }
            }
            prop_assert_eq!(found, wanted.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
        }
    }
}
