//! The parts of one running server, put together.

use std::{
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use crate::{
    assets::Assets,
    auth::{Authenticator, TokenVerifier},
    clock::Clock,
    demo::Demo,
    directory::TokenDirectory,
    gateway::{Gateway, Permits},
    http::rate_limit::RateLimiter,
    hub::Hub,
    metrics::Metrics,
    realtime,
    settings::Settings,
    shutdown::Shutdown,
    store::{self, PresenceWriter, Store},
};

/// What handlers, sockets and tasks share.
pub struct App {
    /// What the server was told.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// Whose token it is.
    pub authenticator: Arc<Authenticator>,
    /// People and their presence at rest.
    pub store: Arc<dyn Store>,
    /// Takes presence to write.
    pub writer: PresenceWriter,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Who is online now.
    pub hub: Hub,
    /// The sockets.
    pub gateway: Arc<Gateway>,
    /// How many connections one user and one address hold.
    pub permits: Arc<Permits>,
    /// The site.
    pub assets: Assets,
    /// How much one address may ask.
    pub rate_limiter: RateLimiter,
    /// The demo's people; only in `hereabouts dev`.
    pub demo: Option<Demo>,
    /// The wish to stop.
    pub shutdown: Shutdown,
    /// Joined when the server stops, so that the last presence is recorded before it is written.
    pub(crate) hub_thread: Mutex<Option<JoinHandle<()>>>,
}

impl App {
    /// Opens the store, applies migrations, marks everybody offline, and starts the hub and the gateway. No port is
    /// open yet.
    pub async fn build(settings: Settings, shutdown: Shutdown) -> anyhow::Result<Arc<Self>> {
        let clock = Clock::start();
        let metrics = Arc::new(Metrics::default());
        let store = store::open(&settings.database, settings.applies_migrations).await?;
        let forgotten = store.nobody_is_online().await?;
        if forgotten > 0 {
            tracing::info!(
                users = forgotten,
                "marked offline whoever was online when the server last stopped"
            );
        }
        let demo = if settings.is_dev {
            Some(Demo::settle(&settings.secrets.current, store.as_ref(), clock.now()).await?)
        } else {
            None
        };
        let writer = PresenceWriter::start(Arc::clone(&store), Arc::clone(&metrics), shutdown.clone());
        let directory = TokenDirectory::new(Arc::clone(&store), clock, Arc::clone(&metrics));
        let verifier = TokenVerifier::new(&settings.secrets);
        let authenticator = Arc::new(Authenticator::new(verifier, directory, clock));
        let realtime =
            realtime::start(&settings, clock, writer.clone(), &metrics, Arc::clone(&authenticator))?;
        Ok(Arc::new(Self {
            assets: Assets::new(settings.assets.clone()),
            rate_limiter: RateLimiter::new(&settings.limits),
            settings,
            clock,
            authenticator,
            store,
            writer,
            metrics,
            hub: realtime.hub,
            gateway: realtime.gateway,
            permits: realtime.permits,
            demo,
            shutdown,
            hub_thread: Mutex::new(Some(realtime.hub_thread)),
        }))
    }
}
