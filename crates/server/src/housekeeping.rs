//! What a server does by the clock: notices what other processes revoked, forgets what has ended, and keeps the
//! database's log short.

use std::{sync::Arc, time::Duration};

use tokio::time::{self, MissedTickBehavior};

use crate::{
    app::App,
    limits::{ACTIVITY_RETENTION, REVOCATION_SWEEP, STORE_TIDY_PERIOD},
};

/// A clock that was set by less is not worth a word.
const CLOCK_NEWS: Duration = Duration::from_secs(60);
/// Ended sign-ins and revocations are a few rows; there is no hurry.
const FORGET_PERIOD: Duration = Duration::from_secs(3600);

/// Runs until the server stops.
pub async fn keep_house(app: Arc<App>) {
    let mut sweep = time::interval(REVOCATION_SWEEP);
    let mut forget = time::interval(FORGET_PERIOD);
    // After a database that was away for long, one look is enough.
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    forget.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tidy = time::interval(STORE_TIDY_PERIOD);
    tidy.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut is_blind, mut told) = (false, Duration::ZERO);
    loop {
        tokio::select! {
            _ = sweep.tick() => {
                is_blind = look(&app, is_blind).await;
                told = look_at_clock(&app, told);
            }
            _ = forget.tick() => {
                if let Err(error) = app.account_store.forget_ended(app.clock.certain()).await {
                    tracing::warn!(%error, "sign-ins that ended cannot be forgotten; trying again in an hour");
                }
                let kept_since = app.clock.certain() - ACTIVITY_RETENTION;
                if let Err(error) = app.people.activity.forget_activity(kept_since).await {
                    tracing::warn!(%error, "old activity cannot be forgotten; trying again in an hour");
                }
            }
            _ = tidy.tick() => match app.store.tidy().await {
                Ok(n_bytes) => app.metrics.database_log_bytes.set(n_bytes),
                Err(error) => tracing::debug!(%error, "the write-ahead log was not looked after"),
            },
            () = app.shutdown.wait() => return,
        }
    }
}

/// Says once when the wall clock has been set. Returns what was told.
fn look_at_clock(app: &App, told: Duration) -> Duration {
    let set_by = app.clock.set_by();
    if set_by.abs_diff(told) < CLOCK_NEWS {
        return told;
    }
    tracing::warn!(
        set_by_s = set_by.as_secs(),
        "the clock of this machine is now {set_by:.0?} away from when the server started; nobody's presence changed, \
         tokens are judged by the new time, and times in lists follow it after a restart"
    );
    set_by
}

/// Reads what was revoked; says once when it cannot, and once when it can again. Returns whether it could not.
async fn look(app: &App, was_blind: bool) -> bool {
    match app.apply_revocations().await {
        Err(error) if !was_blind => {
            tracing::warn!(%error, "cannot read what other processes revoked; trying again every two seconds");
            true
        }
        Err(_) => true,
        Ok(()) => {
            if was_blind {
                tracing::info!("what other processes revoked can be read again");
            }
            false
        }
    }
}
