//! With `--directory adopt` the app changes its people, friends and blocks without telling us. Here they are read again
//! by the clock, and what has changed comes into force as if it had been changed here.

use std::collections::{HashMap, hash_map::RandomState};
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;

use hereabouts_engine::Viewer;
use hereabouts_protocol::{CloseCode, UserId};
use tokio::time::{self, MissedTickBehavior};

use crate::app::App;
use crate::gateway::{Cut, SignInTag};
use crate::limits::ROWS_PER_STATEMENT_MAX;
use crate::store::{PeopleStore, PersonAtRest, PresenceRecord, StoreError};

/// Runs until the server stops. Everybody whom the engine knows is read once in `period`: whoever is here, was here
/// lately, or is looked at.
pub(crate) async fn follow(app: Arc<App>, people: Arc<dyn PeopleStore>, period: Duration) {
    let mut ticks = time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = Known::default();
    let mut is_blind = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = app.shutdown.wait() => return,
        }
        match known.look(&app, people.as_ref()).await {
            Ok(()) if is_blind => {
                tracing::info!("the app's tables can be read again");
                is_blind = false;
            }
            Err(error) if !is_blind => {
                tracing::warn!(%error, "the app's tables cannot be read; what it changes does not count until they can");
                is_blind = true;
            }
            Ok(()) | Err(_) => {}
        }
    }
}

/// What was read of each person the last time, as a number. Bounded by the people whom the engine knows.
#[derive(Default)]
struct Known {
    seen: HashMap<UserId, u64>,
    hasher: RandomState,
}

impl Known {
    async fn look(&mut self, app: &App, people: &dyn PeopleStore) -> Result<(), StoreError> {
        let ids = |engine: &hereabouts_engine::Engine| -> Vec<_> {
            engine.users().map(|user| engine.profile(user).user_id).collect()
        };
        let Ok(ids) = app.hub.ask(ids).await else { return Ok(()) };
        let mut seen = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT_MAX) {
            let found = people.people(ids).await?;
            let mut missing: Vec<_> = ids.to_vec();
            missing.retain(|id| found.iter().all(|person| person.user.profile.user_id != *id));
            let mut changed = missing.clone();
            for person in &found {
                let (id, is_now) = (person.user.profile.user_id, self.fingerprint(person));
                if self.seen.get(&id) != Some(&is_now) {
                    changed.push(id);
                }
                seen.insert(id, is_now);
            }
            for &id in &changed {
                app.authenticator.forget(id);
            }
            if !changed.is_empty() {
                // What cannot be read now comes into force when it can.
                let _ = app.hub.refresh(changed).await;
            }
            for id in missing {
                app.gateway.cut(Cut { user_id: id, sign_in: SignInTag::NONE, code: CloseCode::UNAUTHORIZED });
            }
            for person in found.iter().filter(|person| person.user.is_disabled) {
                let user_id = person.user.profile.user_id;
                app.gateway.cut(Cut { user_id, sign_in: SignInTag::NONE, code: CloseCode::FORBIDDEN });
            }
            heal(app, found).await;
        }
        self.seen = seen;
        Ok(())
    }

    fn fingerprint(&self, person: &PersonAtRest) -> u64 {
        // Presence is ours, and moves all the time.
        let PersonAtRest { user, person } = person;
        self.hasher.hash_one(format!("{:?} {:?} {}", user.profile, person, user.is_disabled))
    }
}

/// A model that the app saves as a whole takes the presence with it that it read some time before: what is not so now is
/// written again.
async fn heal(app: &App, found: Vec<PersonAtRest>) {
    let (writer, clock, seen) = (app.writer.clone(), app.clock, Arc::clone(app.hub.online().seen()));
    // On the hub's thread, so that whatever it records later is later here too.
    let restore = move |engine: &hereabouts_engine::Engine| {
        for person in found {
            let known = engine.user(person.user.profile.user_id);
            let Some(user) = known.filter(|&user| engine.is_loaded(user) && engine.is_somebody(user)) else {
                continue;
            };
            let shown = engine.presence(user, Viewer::Everyone);
            let last_frame_at = shown.is_online.then(|| clock.at_rest(seen.load(user)));
            if shown.is_online != person.user.is_online
                && let Some(last_seen) = person.user.last_seen.max(shown.last_seen).max(last_frame_at)
            {
                let profile = Arc::clone(engine.profile(user));
                writer.restore(PresenceRecord { profile, is_online: shown.is_online, last_seen });
            }
        }
    };
    // A hub that is gone has nothing to restore.
    let _ = app.hub.ask(restore).await;
}
