//! `SECRET_KEY_FILE`: a rotation of keys without a restart.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    time::{self, MissedTickBehavior},
};

use super::keys::KeyRing;
use crate::{
    metrics::Metrics,
    settings::{Secrets, is_world_readable, read_secret_file, weaknesses},
    shutdown::Shutdown,
};

/// How often the file is read: a few hundred bytes, so that no change goes unseen on any file system.
const PERIOD: Duration = Duration::from_secs(5);

/// Reads the file again and again, and at SIGHUP, and gives its keys to the ring. A file that is empty, unreadable or
/// weak changes nothing: it may be half written.
pub fn watch_secret_file(
    path: PathBuf,
    keys: Arc<KeyRing>,
    metrics: Arc<Metrics>,
    shutdown: Shutdown,
) -> io::Result<()> {
    if is_world_readable(&path) {
        tracing::warn!(
            "everybody on this machine can read {} (SECRET_KEY_FILE): `chmod o-r` it",
            path.display()
        );
    }
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        let mut period = time::interval(PERIOD);
        period.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut complaint = None;
        loop {
            let is_asked_for = tokio::select! {
                _ = period.tick() => false,
                _ = hangup.recv() => true,
                () = shutdown.wait() => return,
            };
            let file = path.clone();
            // A file system may hang; the runtime must not.
            let read = tokio::task::spawn_blocking(move || read_good_keys(&file)).await;
            let outcome = read.unwrap_or_else(|_| Err("reading it failed".to_owned()));
            match outcome {
                Ok(secrets) => {
                    complaint = None;
                    let n_keys = 1 + secrets.fallbacks.len();
                    if keys.replace(secrets) {
                        tracing::info!(keys = n_keys, "SECRET_KEY_FILE has changed; its keys are in force");
                    } else if is_asked_for {
                        tracing::info!(keys = n_keys, "SECRET_KEY_FILE was read again and has not changed");
                    }
                }
                // Said once for each reason, not every five seconds.
                Err(why) if !is_asked_for && complaint.as_ref() == Some(&why) => {}
                Err(why) => {
                    metrics.secret_file_errors_total.inc();
                    tracing::error!(why, "SECRET_KEY_FILE is not used; the keys of before stay in force");
                    complaint = Some(why);
                }
            }
        }
    });
    Ok(())
}

fn read_good_keys(path: &std::path::Path) -> Result<Secrets, String> {
    let secrets = read_secret_file(path)?;
    match weaknesses(&secrets).first() {
        Some((_, why)) => Err(format!("one of its keys is weak: {why}")),
        None => Ok(secrets),
    }
}
