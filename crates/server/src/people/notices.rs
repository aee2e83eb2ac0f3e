//! Telling those who wait that somebody has come. The kept watch is asked first: a notice that is given once is taken out
//! of the database before it is given, so it is never given twice.

use std::{sync::Arc, time::Duration};

use hereabouts_protocol::ServerMessage;
use tokio::{sync::mpsc::UnboundedReceiver, time};

use crate::{app::App, hub::WatchNotice};

/// While the database is away, it is asked again after this, so many times. Then the news is old.
const RETRY_AFTER: Duration = Duration::from_secs(1);
const ATTEMPTS_MAX: usize = 30;

/// Gives notices until the server stops.
pub async fn give_notices(app: Arc<App>, mut notices: UnboundedReceiver<WatchNotice>) {
    loop {
        tokio::select! {
            notice = notices.recv() => match notice {
                Some(notice) => give(&app, notice).await,
                None => return,
            },
            () = app.shutdown.wait() => return,
        }
    }
}

async fn give(app: &App, WatchNotice { watcher, target }: WatchNotice) {
    for _ in 0..ATTEMPTS_MAX {
        match app.people.watches.take_notice(watcher, target).await {
            Ok(true) => break,
            // Taken back meanwhile.
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, "a notice waits for the database"),
        }
        time::sleep(RETRY_AFTER).await;
    }
    // As the watcher sees them now: a rule or a block of this moment counts.
    let Ok(seen) = app.people.see(watcher, vec![target]).await else { return };
    for user in seen.into_iter().filter(|user| user.is_online) {
        app.gateway.notify(watcher, &ServerMessage::WatchOnline { user });
    }
}
