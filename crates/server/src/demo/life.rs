//! The lives of the demo's people: connect, stay a while, leave, come back.

use std::{sync::Arc, time::Duration};

use hereabouts_engine::Profile;
use tokio::{
    sync::{Semaphore, oneshot},
    time,
};

use super::{TOKEN_TTL, client};
use crate::{app::App, auth::TokenKind, store::StoreError};

/// Those who come and go stay, and stay away, for a time in this range.
const TURN_MIN: Duration = Duration::from_secs(5);
const TURN_MAX: Duration = Duration::from_secs(20);
/// A lost connection is tried again after up to twice this.
const RETRY: Duration = Duration::from_secs(1);
/// So many guests are entered at a time: a thousand would take every connection to the database from everybody else.
static ENTERING: Semaphore = Semaphore::const_new(2);

/// One of the people who live here, until the server stops.
pub(super) async fn resident(app: Arc<App>, profile: Profile, stays: bool) {
    while !app.shutdown.is_triggered() {
        let turn = if stays { TOKEN_TTL / 2 } else { between(TURN_MIN, TURN_MAX) };
        if let Err(error) = visit(&app, &profile, time::sleep(turn)).await {
            tracing::debug!(%error, "a demo person lost their connection");
        }
        let pause = if stays { between(RETRY, RETRY * 2) } else { between(TURN_MIN, TURN_MAX) };
        tokio::select! {
            () = time::sleep(pause) => {}
            () = app.shutdown.wait() => {}
        }
    }
}

/// Where the users table decides who there is, a guest must be in it; whoever is there already is there.
async fn enter(app: &App, profile: &Profile) -> bool {
    // Never closed.
    let _turn = ENTERING.acquire().await;
    match app.store.add_user(profile, app.clock.now()).await {
        Ok(()) | Err(StoreError::Exists(_)) => true,
        Err(error) => {
            tracing::warn!(%error, "a demo guest could not be entered");
            false
        }
    }
}

/// One guest of the crowd, until `leave` is dropped or the server stops.
pub(super) async fn guest(app: Arc<App>, profile: Profile, mut leave: oneshot::Receiver<()>) {
    let mut is_entered = false;
    while !app.shutdown.is_triggered() {
        let left = async {
            // Nothing is ever sent: the other end is dropped.
            let _ = (&mut leave).await;
        };
        is_entered = is_entered || enter(&app, &profile).await;
        if is_entered {
            match visit(&app, &profile, left).await {
                Ok(()) => return,
                Err(error) => tracing::debug!(%error, "a demo guest lost their connection"),
            }
        }
        tokio::select! {
            () = time::sleep(between(RETRY, RETRY * 2)) => {}
            _ = &mut leave => return,
        }
    }
}

/// Connects as `profile` and stays until `end`.
async fn visit(app: &App, profile: &Profile, end: impl Future<Output = ()>) -> std::io::Result<()> {
    let Some((demo, address)) = app.demo.as_ref().and_then(|demo| Some((demo, *demo.address.get()?))) else {
        return Ok(());
    };
    let token = demo.token(profile, TokenKind::Access, app.clock.wall(), TOKEN_TTL);
    let end = async {
        tokio::select! {
            () = end => {}
            () = app.shutdown.wait() => {}
        }
    };
    client::stay_connected(address, &token, end).await
}

/// A random time between the two.
fn between(min: Duration, max: Duration) -> Duration {
    let span_ms = max.saturating_sub(min).as_millis() as u64;
    let random = getrandom::u64().unwrap_or(0);
    min + Duration::from_millis(random % (span_ms + 1))
}
