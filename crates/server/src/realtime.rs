//! Starts what is real-time: the hub, the shards, and the task that judges credentials that come in messages.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use hereabouts_engine as engine;
use hereabouts_protocol::{CloseCode, UserId};
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, mpsc};

use crate::auth::{Authenticator, Identity, Sid};
use crate::clock::Clock;
use crate::failpoint::failpoint;
use crate::gateway::{
    self, Backlog, Bearer, CursorSeal, Cut, Gateway, PermitLimits, Permits, SignInTag, StatusRequest,
};
use crate::http::onlooker::is_service_key;
use crate::hub::{self, Hub, WatchNotice};
use crate::limits::CREDENTIALS_AT_ONCE_MAX;
use crate::metrics::Metrics;
use crate::random::random;
use crate::settings::{Secret, Settings};
use crate::shutdown::Shutdown;
use crate::store::{PeopleStore, PresenceWriter};

/// The running parts.
pub struct Realtime {
    /// Who is online now.
    pub hub: Hub,
    /// The sockets.
    pub gateway: Arc<Gateway>,
    /// How many connections one user and one address hold.
    pub permits: Arc<Permits>,
    /// The handshakes under way.
    pub backlog: Arc<Backlog>,
    /// What people ask of their status over their sockets, to be fulfilled.
    pub status_requests: mpsc::UnboundedReceiver<StatusRequest>,
    /// Who is to be told that somebody they wait for has come.
    pub watch_notices: mpsc::UnboundedReceiver<WatchNotice>,
    /// The hub's thread: ends after [`Hub::stop`].
    pub hub_thread: JoinHandle<()>,
}

/// Starts all of it. Must be called inside the async runtime. Fails when threads or descriptors are used up.
pub fn start(
    settings: &Settings,
    clock: Clock,
    writer: PresenceWriter,
    people: Arc<dyn PeopleStore>,
    metrics: &Arc<Metrics>,
    authenticator: Arc<Authenticator>,
    shutdown: Shutdown,
) -> io::Result<Realtime> {
    let times = &settings.times;
    let prepared = gateway::prepare(gateway::Settings {
        n_shards: settings.shards,
        ping_interval: times.ping_interval,
        dead_after: times.dead_after,
        client_ping_interval: CLIENT_PING_INTERVAL,
        grace: times.grace,
        auth_timeout: times.auth_timeout,
        messages_per_second: settings.limits.messages_per_second.unwrap_or(0),
        limits: hereabouts_websocket::Limits::default(),
    })?;
    let (notices, watch_notices) = mpsc::unbounded_channel();
    let (hub, hub_thread) = Hub::spawn(hub::World {
        engine: engine_settings(settings),
        coalesce_max: times.coalesce_max,
        clock,
        writer,
        strangers: settings.directory.strangers(),
        people,
        notices,
        metrics: Arc::clone(metrics),
        shutdown: shutdown.clone(),
        shards: prepared.handles(),
    })?;
    let (auth, requests) = mpsc::unbounded_channel();
    let (status, status_requests) = mpsc::unbounded_channel();
    let gateway = Arc::new(prepared.spawn(&gateway::World {
        clock,
        seen: Arc::clone(hub.online().seen()),
        hub: hub.sender(),
        auth,
        status,
        metrics: Arc::clone(metrics),
        shutdown: shutdown.clone(),
        seal: Arc::new(CursorSeal::new()),
    })?);
    let service_key = settings.service_key.clone();
    tokio::spawn(judge_credentials(requests, authenticator, service_key, Arc::clone(&gateway)));
    let limits = &settings.limits;
    let permits = Arc::new(Permits::new(PermitLimits {
        total: limits.connections_max.unwrap_or(0),
        per_user: limits.connections_per_user_max.unwrap_or(0),
        per_ip: limits.connections_per_ip_max.unwrap_or(0),
        unauthenticated_per_ip: limits.unauthenticated_per_ip_max.unwrap_or(0),
    }));
    let backlog = Arc::new(Backlog::new(clock));
    tokio::spawn(Arc::clone(&backlog).watch_runtime(shutdown));
    Ok(Realtime { hub, gateway, permits, backlog, status_requests, watch_notices, hub_thread })
}

/// The same after a restart, or the edges of the buckets would move and tell something.
fn bucket_secret(settings: &Settings) -> u64 {
    let secret = settings.secrets.current.as_bytes();
    if secret.is_empty() {
        return u64::from_le_bytes(random());
    }
    let digest = Sha256::new().chain_update(b"edges of last-seen buckets").chain_update(secret).finalize();
    u64::from_le_bytes(std::array::from_fn(|at| digest[at]))
}

fn engine_settings(settings: &Settings) -> engine::Settings {
    let minute = std::time::Duration::from_secs(60);
    let change_period = settings.limits.changes_per_minute.map_or(std::time::Duration::ZERO, |n| minute / n);
    engine::Settings {
        grace: settings.times.grace,
        change_period,
        bucket_secret: bucket_secret(settings),
        ..engine::Settings::default()
    }
}

/// Looks again at credentials that have just been given to a shard: if they were revoked after they were judged, the cut
/// that followed the revocation may have passed the shard before the connection was there.
pub fn recheck(authenticator: &Authenticator, gateway: &Gateway, user_id: UserId, sid: Option<Sid>) {
    if let Err(refusal) = authenticator.recheck(user_id, sid) {
        gateway.cut(Cut { user_id, sign_in: sid.into(), code: refusal.close_code() });
    }
}

/// What a v1 client is told to ping at: the original's 30 s.
const CLIENT_PING_INTERVAL: std::time::Duration = std::time::Duration::from_secs(30);

/// Judges each on its own, so that one who has to be looked up keeps nobody waiting; those who come while too many are
/// looked up are told to come back.
async fn judge_credentials(
    mut requests: mpsc::UnboundedReceiver<gateway::AuthRequest>,
    authenticator: Arc<Authenticator>,
    service_key: Option<Secret>,
    gateway: Arc<Gateway>,
) {
    let places = Arc::new(Semaphore::new(CREDENTIALS_AT_ONCE_MAX));
    while let Some(request) = requests.recv().await {
        if is_service_key(service_key.as_ref(), &request.token) {
            gateway.identified(&request, SignInTag::NONE, Ok(Bearer::Service));
            continue;
        }
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            gateway.identified(&request, SignInTag::NONE, Err(CloseCode::OVERLOAD));
            continue;
        };
        let (authenticator, gateway) = (Arc::clone(&authenticator), Arc::clone(&gateway));
        tokio::spawn(async move {
            let (judge, token) = (Arc::clone(&authenticator), request.token.clone());
            let judged = tokio::spawn(async move {
                failpoint("auth.judge");
                judge.identify(&token, || ()).await
            });
            match judged.await {
                Ok(Ok(Identity { profile, expires_at, sid })) => {
                    let user_id = profile.user_id;
                    gateway.identified(
                        &request,
                        sid.into(),
                        Ok(Bearer::Person { profile: Arc::new(profile), expires_at }),
                    );
                    recheck(&authenticator, &gateway, user_id, sid);
                }
                Ok(Err(refusal)) => {
                    gateway.identified(&request, SignInTag::NONE, Err(refusal.close_code()));
                }
                // A panic. Only v1 clients send credentials in messages.
                Err(_) => gateway.identified(&request, SignInTag::NONE, Err(CloseCode::INTERNAL)),
            }
            drop(place);
        });
    }
}
