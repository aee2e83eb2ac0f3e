//! The parts of one running server, put together.

use std::sync::Arc;

use crate::{
    assets::Assets,
    auth::{Authenticator, TokenVerifier},
    clock::Clock,
    demo::Demo,
    directory::TokenDirectory,
    gateway, hub,
    http::rate_limit::RateLimiter,
    metrics::Metrics,
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
    pub authenticator: Authenticator,
    /// People and their presence at rest.
    pub store: Arc<dyn Store>,
    /// Takes presence to write.
    pub writer: PresenceWriter,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Who is online now.
    pub hub: hub::Hub,
    /// The sockets.
    pub gateway: gateway::Gateway,
    /// The site.
    pub assets: Assets,
    /// How much one address may ask.
    pub rate_limiter: RateLimiter,
    /// The demo's people; only in `hereabouts dev`.
    pub demo: Option<Demo>,
    /// The wish to stop.
    pub shutdown: Shutdown,
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
            tracing::info!(users = forgotten, "marked offline whoever was online when the server last stopped");
        }
        let demo = if settings.is_dev {
            Some(Demo::settle(&settings.secrets.current, store.as_ref(), clock.now()).await?)
        } else {
            None
        };
        let writer = PresenceWriter::start(Arc::clone(&store), Arc::clone(&metrics), shutdown.clone());
        let directory = TokenDirectory::new(Arc::clone(&store), clock, Arc::clone(&metrics));
        let authenticator = Authenticator::new(TokenVerifier::new(&settings.secrets), directory, clock);
        let (hub, gateway) = (hub::Hub::start(), gateway::Gateway::start());
        Ok(Arc::new(Self {
            assets: Assets::new(settings.assets.clone()),
            rate_limiter: RateLimiter::new(&settings.limits),
            settings,
            clock,
            authenticator,
            store,
            writer,
            metrics,
            hub,
            gateway,
            demo,
            shutdown,
        }))
    }
}
