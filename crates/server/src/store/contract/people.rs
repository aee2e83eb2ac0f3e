//! What the ports of decisions and relations promise.

use hereabouts_protocol::{Audience, AudienceRule, Mode, OwnCustomStatus, Privacy, RequestId};
use uuid::Uuid;

use super::*;
use crate::store::{
    Accepted, Blocked, Choices, CustomChange, Direction, ModeChange, NewRequest, Relations, Requested, Slice,
    WatchEntry,
};

pub(super) const ALL: Slice = Slice { offset: 0, limit: 100 };

pub(super) async fn settle(store: &dyn WholeStore) {
    for (n, name) in [(1, "Ada"), (2, "Bob"), (3, "Eve")] {
        store.add_user(&profile(n, name), NOON).await.unwrap();
    }
}

fn asks(request: u128, from: u128, to: u128) -> NewRequest {
    NewRequest { id: RequestId(Uuid::from_u128(request)), from: id(from), to: id(to), at: NOON }
}

fn request(n: u128) -> RequestId {
    RequestId(Uuid::from_u128(n))
}

fn pending(n: u128) -> Requested {
    Requested::Pending { id: request(n), created_at: NOON }
}

async fn incoming(store: &dyn WholeStore, n: u128) -> Vec<RequestId> {
    let page = store.requests(id(n), Direction::Incoming, ALL).await.unwrap();
    assert_eq!(page.count, page.rows.len() as u64);
    page.rows.iter().map(|row| row.id).collect()
}

async fn outgoing(store: &dyn WholeStore, n: u128) -> Vec<RequestId> {
    let page = store.requests(id(n), Direction::Outgoing, ALL).await.unwrap();
    assert_eq!(page.count, page.rows.len() as u64);
    page.rows.iter().map(|row| row.id).collect()
}

pub(super) async fn befriend(store: &dyn WholeStore, one: u128, other: u128, at: Timestamp) {
    let ask = NewRequest { at, ..asks(one * 100 + other, one, other) };
    assert!(matches!(store.request_friend(&ask).await.unwrap(), Requested::Pending { .. }));
    assert_eq!(store.accept_request(ask.id, id(other), at).await.unwrap(), Accepted::Befriended(id(one)));
}

promise!(choices_change_apart_and_count, store => {
    settle(store.as_ref()).await;
    assert_eq!(store.choices(id(1)).await.unwrap(), Choices::default());
    let custom = OwnCustomStatus {
        emoji: Some("\u{2615}".into()), text: Some("at tea".into()), until: Some(NOON), show_offline: true,
    };
    let set = CustomChange::Set(Some(custom.clone()));
    let first = store.change_status(id(1), ModeChange::Override(Mode::Dnd, NOON), set).await.unwrap().unwrap();
    assert_eq!((first.base_mode, first.override_mode, first.epoch), (Mode::Auto, Some((Mode::Dnd, NOON)), 1));
    let privacy = Privacy { activity: AudienceRule::plain(Audience::Friends), ..Privacy::default() };
    let second = store.change_privacy(id(1), &privacy).await.unwrap().unwrap();
    assert_eq!((second.custom.as_ref(), &second.privacy, second.epoch), (Some(&custom), &privacy, 2));
    let third = store.change_status(id(1), ModeChange::Base(Mode::Invisible), CustomChange::Keep).await.unwrap().unwrap();
    let wanted = Choices {
        base_mode: Mode::Invisible, override_mode: None, custom: Some(custom), privacy, epoch: 3,
    };
    assert_eq!((&third, &store.choices(id(1)).await.unwrap()), (&wanted, &wanted));
    let last = store.change_status(id(1), ModeChange::Keep, CustomChange::Set(None)).await.unwrap().unwrap();
    assert_eq!((last.base_mode, last.custom), (Mode::Invisible, None));
    assert_eq!(store.change_status(id(9), ModeChange::Keep, CustomChange::Keep).await.unwrap(), None);
    assert_eq!(store.change_privacy(id(9), &Privacy::default()).await.unwrap(), None);
    assert_eq!(store.choices(id(2)).await.unwrap().epoch, 0, "nobody else is concerned");
});

promise!(a_request_is_accepted_declined_or_taken_back, store => {
    settle(store.as_ref()).await;
    assert_eq!(store.request_friend(&asks(1, 1, 2)).await.unwrap(), pending(1));
    let later = NewRequest { at: NOON + Duration::from_secs(60), ..asks(2, 1, 2) };
    assert_eq!(store.request_friend(&later).await.unwrap(), pending(1), "the one of before");
    assert_eq!(store.request_friend(&asks(3, 1, 9)).await.unwrap(), Requested::Unknown);
    assert_eq!(store.request_friend(&asks(3, 1, 1)).await.unwrap(), Requested::Unknown);
    assert_eq!((incoming(store.as_ref(), 2).await, outgoing(store.as_ref(), 1).await), (vec![request(1)], vec![request(1)]));
    for stranger in [1, 3] {
        assert_eq!(store.accept_request(request(1), id(stranger), NOON).await.unwrap(), Accepted::Gone);
    }
    assert!(!store.drop_request(request(1), id(3)).await.unwrap());
    assert_eq!(store.accept_request(request(1), id(2), NOON).await.unwrap(), Accepted::Befriended(id(1)));
    assert_eq!(store.accept_request(request(1), id(2), NOON).await.unwrap(), Accepted::Gone);
    assert_eq!(store.request_friend(&asks(3, 2, 1)).await.unwrap(), Requested::AlreadyFriends);
    for (one, other) in [(1, "Bob"), (2, "Ada")] {
        let page = store.friends(id(one), ALL).await.unwrap();
        assert_eq!((page.count, &*page.rows[0].profile.username), (1, other));
    }
    assert!(store.unfriend(id(2), id(1)).await.unwrap());
    assert!(!store.unfriend(id(1), id(2)).await.unwrap());
    assert_eq!(store.relations(id(1)).await.unwrap(), Relations::default());

    store.request_friend(&asks(4, 1, 2)).await.unwrap();
    assert!(store.drop_request(request(4), id(2)).await.unwrap(), "declined");
    store.request_friend(&asks(5, 1, 2)).await.unwrap();
    assert!(store.drop_request(request(5), id(1)).await.unwrap(), "taken back");
    store.request_friend(&asks(6, 1, 2)).await.unwrap();
    assert_eq!(store.request_friend(&asks(7, 2, 1)).await.unwrap(), Requested::Befriended, "both asked");
    assert!(incoming(store.as_ref(), 2).await.is_empty());
});

promise!(a34_a_block_ends_everything_and_shows_nowhere, store => {
    settle(store.as_ref()).await;
    befriend(store.as_ref(), 1, 2, NOON).await;
    assert_eq!(store.block(id(1), id(2), NOON).await.unwrap(), Blocked::Done);
    assert_eq!(store.block(id(1), id(2), NOON).await.unwrap(), Blocked::Already);
    for nobody in [9, 1] {
        assert_eq!(store.block(id(1), id(nobody), NOON).await.unwrap(), Blocked::Unknown);
    }
    let theirs = Relations { blocks: vec![id(2)], ..Relations::default() };
    assert_eq!(store.relations(id(1)).await.unwrap(), theirs);
    assert_eq!(store.relations(id(2)).await.unwrap(), Relations { blocked_by: vec![id(1)], ..Relations::default() });
    assert_eq!(store.blocks(id(2), ALL).await.unwrap().count, 0, "who is blocked is not told");
    let mine = store.blocks(id(1), ALL).await.unwrap();
    assert_eq!((mine.count, mine.rows[0].0.profile.user_id, mine.rows[0].1), (1, id(2), NOON));

    // The blocked one asks as if nothing were; the blocker never hears of it, not even after the block.
    assert_eq!(store.request_friend(&asks(1, 2, 1)).await.unwrap(), pending(1));
    assert_eq!((outgoing(store.as_ref(), 2).await, incoming(store.as_ref(), 1).await), (vec![request(1)], vec![]));
    assert_eq!(store.accept_request(request(1), id(1), NOON).await.unwrap(), Accepted::Gone);
    assert!(!store.drop_request(request(1), id(1)).await.unwrap());
    assert_eq!(store.request_friend(&asks(2, 1, 2)).await.unwrap(), Requested::Blocking);
    assert!(store.unblock(id(1), id(2), NOON).await.unwrap());
    assert!(!store.unblock(id(1), id(2), NOON).await.unwrap());
    assert!(incoming(store.as_ref(), 1).await.is_empty());
    assert_eq!(store.request_friend(&asks(2, 1, 2)).await.unwrap(), pending(2));
    assert_eq!(store.accept_request(request(2), id(2), NOON).await.unwrap(), Accepted::Befriended(id(1)));
    assert!(outgoing(store.as_ref(), 2).await.is_empty());
});

promise!(a34_a_block_mutes_what_was_asked_before, store => {
    settle(store.as_ref()).await;
    store.request_friend(&asks(1, 2, 1)).await.unwrap();
    store.request_friend(&asks(2, 1, 3)).await.unwrap();
    store.block(id(1), id(2), NOON).await.unwrap();
    store.block(id(1), id(3), NOON).await.unwrap();
    assert_eq!((incoming(store.as_ref(), 1).await, outgoing(store.as_ref(), 2).await), (vec![], vec![request(1)]));
    assert!(incoming(store.as_ref(), 3).await.is_empty(), "what the blocker asked is over");
});

promise!(lists_come_by_name_in_slices, store => {
    store.add_user(&profile(1, "Ada"), NOON).await.unwrap();
    for (n, name) in [(2, "Dan"), (3, "Cid"), (4, "Bea")] {
        store.add_user(&profile(n, name), NOON).await.unwrap();
        befriend(store.as_ref(), n, 1, NOON).await;
    }
    let names = async |offset| {
        let page = store.friends(id(1), Slice { offset, limit: 2 }).await.unwrap();
        assert_eq!(page.count, 3);
        page.rows.into_iter().map(|user| user.profile.username.to_string()).collect::<Vec<_>>()
    };
    assert_eq!((names(0).await, names(2).await, names(4).await), (vec!["Bea".into(), "Cid".into()], vec!["Dan".into()], vec![]));
});

promise!(a_watch_gives_one_notice_or_all, store => {
    settle(store.as_ref()).await;
    let watch = |user, is_repeat| WatchEntry { watcher: id(1), user: id(user), is_repeat, at: NOON };
    assert!(store.add_watch(&watch(2, false)).await.unwrap());
    assert!(store.add_watch(&watch(3, false)).await.unwrap());
    assert!(store.add_watch(&watch(3, true)).await.unwrap(), "the newer one counts");
    for nobody in [1, 9] {
        assert!(!store.add_watch(&watch(nobody, true)).await.unwrap());
    }
    let kept = store.watches(id(1)).await.unwrap();
    let kept: Vec<_> = kept.iter().map(|it| (&*it.user.profile.username, it.is_repeat, it.created_at)).collect();
    assert_eq!(kept, [("Bob", false, NOON), ("Eve", true, NOON)]);
    for (user, takes) in [(2, [true, false]), (3, [true, true])] {
        for takes in takes {
            assert_eq!(store.take_notice(id(1), id(user)).await.unwrap(), takes);
        }
    }
    assert!(store.remove_watch(id(1), id(3)).await.unwrap());
    assert!(!store.remove_watch(id(1), id(3)).await.unwrap());
    assert!(store.watches(id(1)).await.unwrap().is_empty());
});

promise!(who_is_removed_leaves_nothing, store => {
    settle(store.as_ref()).await;
    befriend(store.as_ref(), 1, 2, NOON).await;
    store.request_friend(&asks(1, 1, 3)).await.unwrap();
    store.add_watch(&WatchEntry { watcher: id(3), user: id(1), is_repeat: true, at: NOON }).await.unwrap();
    store.block(id(3), id(2), NOON).await.unwrap();
    store.change_status(id(1), ModeChange::Base(Mode::Dnd), CustomChange::Keep).await.unwrap();
    store.remove_user(id(1), NOON).await.unwrap();
    store.remove_user(id(3), NOON).await.unwrap();
    store.add_user(&profile(1, "Ada"), NOON).await.unwrap();
    assert_eq!(store.relations(id(2)).await.unwrap(), Relations::default());
    assert_eq!(store.relations(id(1)).await.unwrap(), Relations::default());
    assert_eq!(store.choices(id(1)).await.unwrap(), Choices::default());
    assert!(outgoing(store.as_ref(), 1).await.is_empty());
});

promise!(people_are_read_whole_and_strangers_left_out, store => {
    settle(store.as_ref()).await;
    befriend(store.as_ref(), 1, 3, NOON).await;
    befriend(store.as_ref(), 2, 1, NOON).await;
    store.block(id(3), id(2), NOON).await.unwrap();
    store.change_status(id(1), ModeChange::Override(Mode::Dnd, NOON), CustomChange::Keep).await.unwrap();
    store.add_watch(&WatchEntry { watcher: id(1), user: id(2), is_repeat: true, at: NOON }).await.unwrap();
    let mut people = store.people(&[id(3), id(1), id(9)]).await.unwrap();
    people.sort_by_key(|person| person.user.profile.user_id);
    assert_eq!(people.iter().map(|person| person.user.profile.user_id).collect::<Vec<_>>(), [id(1), id(3)]);
    let (ada, eve) = (&people[0].person, &people[1].person);
    assert_eq!(*ada.friends, [id(2), id(3)]);
    assert_eq!((ada.mode_at(NOON), ada.timed.unwrap().until), (Mode::Auto, NOON));
    assert_eq!((ada.watches[0].user_id, ada.watches[0].repeats, ada.watches.len()), (id(2), true, 1));
    assert_eq!((&*eve.blocks, &*eve.friends), (&[id(2)] as &[_], &[id(1)] as &[_]));
    store.unblock(id(3), id(2), NOON).await.unwrap();
    assert!(store.people(&[id(3)]).await.unwrap()[0].person.blocks.is_empty());
});
