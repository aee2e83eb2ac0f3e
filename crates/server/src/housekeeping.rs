//! What a server does by the clock: notices what other processes revoked, forgets what has ended, and keeps the
//! database's log short.

use std::{sync::Arc, time::Duration};

use tokio::time::{self, MissedTickBehavior};

use crate::{
    app::App,
    limits::{REVOCATION_SWEEP, STORE_TIDY_PERIOD},
};

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
    let mut is_blind = false;
    loop {
        tokio::select! {
            _ = sweep.tick() => is_blind = look(&app, is_blind).await,
            _ = forget.tick() => {
                if let Err(error) = app.account_store.forget_ended(app.clock.now()).await {
                    tracing::warn!(%error, "sign-ins that ended cannot be forgotten; trying again in an hour");
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
