//! What holds for every history.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use hereabouts_engine::{Effect, SessionKey, TickSeq, Viewer};
use hereabouts_protocol::{Reason, Status, UserId};
use proptest::prelude::*;

use crate::clients::Client;
use crate::world::{N_USERS, SETTINGS, Step, World, history, user_id};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn joining_and_leaving_alternate(steps in history(120)) {
        let mut world = World::new();
        let mut published: HashMap<UserId, Status> = HashMap::new();
        for step in steps {
            let Some(tick) = world.apply(step) else { continue };
            let mut told = HashSet::new();
            for change in &tick.changes {
                let user_id = world.engine.profile(change.user).user_id;
                prop_assert!(told.insert(user_id), "{user_id} twice in one tick");
                let before = published.insert(user_id, change.to).unwrap_or(Status::Offline);
                prop_assert_eq!(change.from, before);
                let expected: &[Reason] = match (change.from.is_online(), change.to.is_online()) {
                    (false, true) => &[Reason::Joined],
                    (true, false) => &[Reason::Closed, Reason::Lost],
                    (true, true) => &[Reason::Idle, Reason::Active, Reason::Changed],
                    (false, false) => &[],
                };
                prop_assert!(expected.contains(&change.reason), "{change:?}");
                prop_assert_eq!(change.from == change.to, change.reason == Reason::Changed);
            }
        }
    }

    #[test]
    fn any_snapshot_and_the_changes_after_it_are_the_next_snapshot(
        steps in history(120),
        limits in prop::collection::vec(1..8_usize, 1..4),
    ) {
        let mut world = World::new();
        let limits: Vec<_> = limits.into_iter().map(Some).chain([None]).collect();
        let mut clients: Vec<Client> = Vec::new();
        for step in steps {
            // Subscribing at any moment, not only right after a tick.
            clients.extend(limits.iter().map(|&limit| Client::subscribe(&world.engine, limit)));
            let tick = world.apply(step);
            for client in &mut clients {
                if let Some(tick) = &tick {
                    client.receive(&world.engine, tick);
                }
                client.assert_current(&world.engine);
            }
            clients.truncate(80);
        }
    }

    #[test]
    fn the_connected_are_present_and_the_gone_are_gone(steps in history(120)) {
        let mut world = World::new();
        for step in steps {
            world.apply(step);
            world.apply(Step::Timeout);
            world.apply(Step::Flush);
            let connected: HashSet<_> = world.live.values().copied().collect();
            for user_id in (0..N_USERS).map(user_id) {
                let is_online = world.engine.user(user_id)
                    .is_some_and(|user| world.engine.presence(user, Viewer::Everyone).is_online);
                if connected.contains(&user_id) {
                    prop_assert!(is_online, "{user_id} is connected but shown as offline");
                } else if is_online {
                    let within = world.last_live_at[&user_id] + SETTINGS.grace > world.now;
                    prop_assert!(within, "{user_id} is shown as present beyond the grace");
                }
            }
            prop_assert!(!world.engine.has_changes());
            prop_assert!(world.engine.next_timeout().is_none_or(|at| at > world.now));
        }
    }

    #[test]
    fn versions_count_the_public_changes_and_never_go_back(steps in history(160)) {
        let mut world = World::new();
        let mut versions: HashMap<UserId, u64> = HashMap::new();
        for step in steps {
            let changed = world.apply(step).map(|tick| tick.changes).unwrap_or_default();
            let changed: HashSet<_> = changed.into_iter().map(|change| change.user).collect();
            for user_id in (0..N_USERS).map(user_id) {
                let Some(user) = world.engine.user(user_id) else { continue };
                let version = world.engine.presence(user, Viewer::Everyone).version;
                let before = versions.insert(user_id, version).unwrap_or(0);
                if changed.contains(&user) {
                    prop_assert!(version > before, "{user_id}: a change left the version at {before}");
                } else {
                    prop_assert!(version >= before, "{user_id}: the version went from {before} to {version}");
                }
            }
        }
    }

    #[test]
    fn who_changed_since_is_the_union_of_the_ticks(steps in history(120)) {
        let mut world = World::new();
        let mut ticks: Vec<BTreeSet<UserId>> = Vec::new();
        for step in steps {
            if let Some(tick) = world.apply(step) {
                prop_assert_eq!(tick.seq, TickSeq(ticks.len() as u64 + 1));
                ticks.push(tick.changes.iter().map(|c| world.engine.profile(c.user).user_id).collect());
            }
            for seq in 0..=ticks.len() {
                let changed: Vec<_> = world.engine.changed_since(TickSeq(seq as u64))
                    .map(|user| world.engine.profile(user).user_id)
                    .collect();
                let once: BTreeSet<_> = changed.iter().copied().collect();
                prop_assert_eq!(changed.len(), once.len(), "somebody came twice");
                let union: BTreeSet<_> = ticks[seq..].iter().flatten().copied()
                    .filter(|&user_id| world.engine.user(user_id).is_some_and(|user| {
                        // Somebody forgotten and back, but not published again, has no change to tell.
                        world.engine.presence(user, Viewer::Everyone).last_seen.is_some()
                            || world.engine.since(user).is_some()
                    }))
                    .collect();
                prop_assert_eq!(once, union);
            }
        }
    }

    #[test]
    fn each_session_is_welcomed_once_when_its_user_is_published(steps in history(120)) {
        let mut world = World::new();
        let mut welcomed: HashSet<SessionKey> = HashSet::new();
        let mut recorded: BTreeMap<UserId, bool> = BTreeMap::new();
        for step in steps {
            world.apply(step);
            for effect in &world.effects {
                match *effect {
                    Effect::Welcome { session, user } => {
                        prop_assert!(welcomed.insert(session), "{session:?} was welcomed twice");
                        prop_assert!(world.live.contains_key(&session), "{session:?} had ended");
                        prop_assert!(world.engine.since(user).is_some(), "welcomed before published");
                    }
                    Effect::Record { user, is_online, .. } => {
                        let before = recorded.insert(world.engine.profile(user).user_id, is_online);
                        prop_assert_ne!(before.unwrap_or(false), is_online, "recorded without a change");
                    }
                    _ => {}
                }
            }
            if matches!(step, Step::Flush) {
                prop_assert!(world.live.keys().all(|session| welcomed.contains(session)));
                let online: BTreeSet<_> =
                    world.engine.everyone().map(|user| world.engine.profile(user).user_id).collect();
                let on_record: BTreeSet<_> =
                    recorded.iter().filter(|&(_, &is_online)| is_online).map(|(&id, _)| id).collect();
                prop_assert_eq!(online, on_record);
            }
        }
    }

    #[test]
    fn everything_ends(steps in history(120)) {
        let mut world = World::new();
        for step in steps {
            world.apply(step);
        }
        for nth in 0..world.owners.len() {
            let departure = hereabouts_engine::Departure::Lost { dead: false };
            world.apply(Step::End { nth: nth as u8, departure, silent_for: std::time::Duration::ZERO });
        }
        // Following next_timeout alone must empty the engine: grace, flush, retention.
        for _ in 0..200 {
            world.apply(Step::Flush);
            let Some(at) = world.engine.next_timeout() else { break };
            world.now = world.now.max(at);
            world.apply(Step::Timeout);
        }
        prop_assert_eq!(world.engine.next_timeout(), None);
        prop_assert_eq!(
            (world.engine.n_sessions(), world.engine.n_held(), world.engine.n_users(), world.engine.total()),
            (0, 0, 0, 0)
        );
    }
}
