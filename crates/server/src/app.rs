//! The parts of one running server, put together.

use std::{
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use anyhow::Context;

use crate::{
    assets::Assets,
    auth::{Authenticator, Jwks, KeyRing, TokenRules, TokenVerifier, watch_secret_file},
    clock::Clock,
    demo::Demo,
    directory::TokenDirectory,
    gateway::{Backlog, Gateway, Permits},
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
    /// The handshakes under way.
    pub backlog: Arc<Backlog>,
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
        let store = store::open(&settings.database, settings.applies_migrations)
            .await
            .with_context(|| format!("cannot use {} (DATABASE_URL)", settings.database))?;
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
        let keys = start_keys(&settings, &metrics, &shutdown).await?;
        let rules =
            TokenRules { issuer: settings.tokens.issuer.clone(), audience: settings.tokens.audience.clone() };
        let verifier = TokenVerifier::new(keys, rules);
        let authenticator = Arc::new(Authenticator::new(verifier, directory, clock));
        let realtime = realtime::start(
            &settings,
            clock,
            writer.clone(),
            &metrics,
            Arc::clone(&authenticator),
            shutdown.clone(),
        )?;
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
            backlog: realtime.backlog,
            demo,
            shutdown,
            hub_thread: Mutex::new(Some(realtime.hub_thread)),
        }))
    }
}

/// The keys of tokens, fetched and watched from here on.
async fn start_keys(
    settings: &Settings,
    metrics: &Arc<Metrics>,
    shutdown: &Shutdown,
) -> anyhow::Result<Arc<KeyRing>> {
    let jwks = settings.tokens.jwks.clone().map(|jwks| Arc::new(Jwks::new(jwks, Arc::clone(metrics))));
    if let Some(jwks) = &jwks {
        jwks.start(shutdown.clone()).await;
    }
    let keys = Arc::new(KeyRing::new(&settings.secrets, jwks));
    if let Some(path) = &settings.tokens.secret_file {
        watch_secret_file(path.clone(), Arc::clone(&keys), Arc::clone(metrics), shutdown.clone())?;
    }
    Ok(keys)
}
