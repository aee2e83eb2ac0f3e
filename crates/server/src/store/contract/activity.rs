//! What the port of activity promises.

use hereabouts_protocol::{ActivityId, ActivityKind, Audience, AudienceRule, Privacy, Status};
use uuid::Uuid;

use super::people::{befriend, settle};
use super::*;
use crate::store::{ActivityEntry, ActivityQuery, ActivityScope, AudienceThen};

const MINUTE: Duration = Duration::from_secs(60);

fn open_to(audience: Audience) -> Privacy {
    Privacy { activity: AudienceRule::plain(audience), ..Privacy::default() }
}

fn came(entry: u128, user: u128, minutes: u32, privacy: &Privacy) -> ActivityEntry {
    ActivityEntry {
        id: ActivityId(Uuid::from_u128(entry)),
        user_id: id(user),
        kind: ActivityKind::Joined,
        status: Status::Online,
        at: NOON + MINUTE * minutes,
        version: 1,
        session_id: Some(hereabouts_protocol::SessionId(Uuid::from_u128(7))),
        audience: AudienceThen::of(privacy),
    }
}

async fn read(store: &dyn WholeStore, viewer: u128, scope: ActivityScope) -> Vec<u128> {
    let query = ActivityQuery { viewer: id(viewer), scope, before: None, limit: 100 };
    let slice = store.activity(&query).await.unwrap();
    assert_eq!(slice.next, None);
    slice.rows.iter().map(|row| row.entry.id.0.as_u128()).collect()
}

fn of(n: u128) -> ActivityScope {
    ActivityScope::Of(id(n))
}

promise!(what_is_written_twice_is_there_once, store => {
    settle(store.as_ref()).await;
    let all = Privacy::default();
    let (first, second) = (came(1, 1, 0, &all), came(2, 1, 1, &all));
    let stranger = came(3, 9, 0, &all);
    assert_eq!(store.record_activity(&[first.clone(), second.clone(), stranger]).await.unwrap(), 2);
    let replayed = ActivityEntry { id: ActivityId(Uuid::from_u128(4)), ..first.clone() };
    assert_eq!(store.record_activity(&[replayed, second.clone()]).await.unwrap(), 0);
    let query = ActivityQuery { viewer: id(1), scope: of(1), before: None, limit: 100 };
    let rows = store.activity(&query).await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| &row.entry).collect::<Vec<_>>(), [&second, &first]);
    assert_eq!(rows[0].username, "Ada");
    store.remove_user(id(1), NOON).await.unwrap();
    store.add_user(&profile(1, "Ada"), NOON).await.unwrap();
    assert!(read(store.as_ref(), 1, of(1)).await.is_empty(), "erased with the person");
});

promise!(a35_activity_is_read_by_whom_it_was_and_is_open_to, store => {
    settle(store.as_ref()).await;
    let (closed, friends, everyone) = (Privacy::default(), open_to(Audience::Friends), open_to(Audience::Everyone));
    befriend(store.as_ref(), 1, 2, NOON + MINUTE * 15).await;
    let hidden = Privacy { online: AudienceRule::plain(Audience::Nobody), ..everyone.clone() };
    store.record_activity(&[
        came(1, 1, 0, &closed), came(2, 1, 10, &friends), came(3, 1, 20, &friends),
        came(4, 1, 30, &everyone), came(5, 1, 40, &hidden),
    ]).await.unwrap();
    assert_eq!(read(store.as_ref(), 1, of(1)).await, [5, 4, 3, 2, 1], "one's own is there, whatever the rules");
    assert!(read(store.as_ref(), 2, of(1)).await.is_empty(), "the rule of now is nobody");
    store.change_privacy(id(1), &friends).await.unwrap();
    assert_eq!(read(store.as_ref(), 2, of(1)).await, [4, 3], "friends since 15, so not what was before");
    assert!(read(store.as_ref(), 3, of(1)).await.is_empty());
    store.change_privacy(id(1), &everyone).await.unwrap();
    assert_eq!(read(store.as_ref(), 3, of(1)).await, [4], "only what was open to everyone then");
    assert_eq!(read(store.as_ref(), 2, ActivityScope::Friends).await, [4, 3]);
    assert!(read(store.as_ref(), 3, ActivityScope::Friends).await.is_empty());
    store.change_privacy(id(1), &hidden).await.unwrap();
    assert!(read(store.as_ref(), 3, of(1)).await.is_empty(), "whom presence is hidden from, activity is too");
});

promise!(a34_a_block_hides_what_happened_while_it_was_in_force, store => {
    settle(store.as_ref()).await;
    let everyone = open_to(Audience::Everyone);
    store.change_privacy(id(1), &everyone).await.unwrap();
    let minute = |n: u32| NOON + MINUTE * n;
    store.record_activity(&[came(1, 1, 0, &everyone), came(2, 1, 10, &everyone), came(3, 1, 20, &everyone)]).await.unwrap();
    for (blocker, blocked) in [(1, 2), (3, 1)] {
        store.block(id(blocker), id(blocked), minute(5)).await.unwrap();
        let viewer = if blocker == 1 { blocked } else { blocker };
        assert!(read(store.as_ref(), viewer, of(1)).await.is_empty());
        store.unblock(id(blocker), id(blocked), minute(15)).await.unwrap();
        assert_eq!(read(store.as_ref(), viewer, of(1)).await, [3, 1]);
    }
});

promise!(activity_is_read_in_pages_and_forgotten, store => {
    settle(store.as_ref()).await;
    let (closed, everyone) = (Privacy::default(), open_to(Audience::Everyone));
    store.change_privacy(id(1), &everyone).await.unwrap();
    // Every other entry is closed: more of them than are read at once.
    let entries: Vec<_> = (0..1_300_u32)
        .map(|n| came(n.into(), 1, n, if n % 2 == 0 { &everyone } else { &closed }))
        .collect();
    assert_eq!(store.record_activity(&entries).await.unwrap(), 1_300);
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let query = ActivityQuery { viewer: id(2), scope: of(1), before, limit: 97 };
        let slice = store.activity(&query).await.unwrap();
        assert!(slice.rows.len() == 97 || slice.next.is_none());
        seen.extend(slice.rows.iter().map(|row| row.entry.id.0.as_u128()));
        before = slice.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..1_300).rev().filter(|n| n % 2 == 0).collect::<Vec<_>>());
    let unknown = ActivityQuery {
        viewer: id(2), scope: of(1), before: Some(ActivityId(Uuid::from_u128(9_999))), limit: 10,
    };
    assert!(store.activity(&unknown).await.unwrap().rows.is_empty());
    assert_eq!(store.forget_activity(NOON + MINUTE * 1_290).await.unwrap(), 1_290);
    assert_eq!(read(store.as_ref(), 1, of(1)).await, [1_299, 1_298, 1_297, 1_296, 1_295, 1_294, 1_293, 1_292, 1_291, 1_290]);
});
