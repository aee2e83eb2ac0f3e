//! The parts of one running server, put together.

use std::{
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::Duration,
};

use hereabouts_protocol::CloseCode;

use crate::{
    adopted,
    assets::Assets,
    auth::{
        Authenticator, Jwks, KeyRing, Revocations, Tickets, TokenRules, TokenVerifier, accounts::Accounts,
        watch_secret_file,
    },
    clock::Clock,
    demo::Demo,
    directory::{BuiltinDirectory, Directory, DirectoryKind, TokenDirectory},
    gateway::{Backlog, Cut, Gateway, Permits},
    housekeeping::keep_house,
    http::rate_limit::{LookupLimiter, RateLimiter},
    hub::Hub,
    metrics::Metrics,
    people::{self, People},
    realtime,
    settings::{Database, Settings},
    shutdown::Shutdown,
    store::{self, AccountStore, PeopleStore, PresenceWriter, Revocation, RevocationKind, Store, StoreError},
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
    /// Accounts at rest, and what was revoked.
    pub account_store: Arc<dyn AccountStore>,
    /// Register and login; only with `--directory builtin`.
    pub accounts: Option<Accounts>,
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
    /// How many others one person may look up.
    pub lookups: LookupLimiter,
    /// What people decided, at rest and in force.
    pub people: People,
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
        let database = store::open(&settings.database, settings.applies_migrations)
            .await
            .map_err(|error| cannot_use(error, &settings.database))?;
        let (store, account_store): (Arc<dyn Store>, Arc<dyn AccountStore>) =
            (database.clone(), database.clone());
        let at_rest: Arc<dyn PeopleStore> = database.clone();
        let forgotten = store
            .nobody_is_online(clock.wall())
            .await
            .map_err(|error| cannot_use(error, &settings.database))?;
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
        let keys = start_keys(&settings, &metrics, &shutdown).await?;
        let strangers = settings.directory.strangers();
        let writer = PresenceWriter::start(
            Arc::clone(&store),
            database.clone(),
            strangers,
            Arc::clone(&metrics),
            shutdown.clone(),
        );
        let (names, counters) = (Arc::clone(&store), Arc::clone(&metrics));
        let (directory, accounts) = match settings.directory {
            DirectoryKind::Builtin => {
                let (store, keys) = (Arc::clone(&account_store), Arc::clone(&keys));
                let accounts = Accounts::open(store, &settings, clock, keys, Arc::clone(&metrics)).await?;
                (Directory::Builtin(BuiltinDirectory::new(names, clock, counters)), Some(accounts))
            }
            DirectoryKind::Adopt => {
                let ttl = settings.database.app_tables().map_or(Duration::ZERO, |tables| tables.refresh);
                (Directory::Builtin(BuiltinDirectory::believing(ttl, names, clock, counters)), None)
            }
            DirectoryKind::Token => (Directory::Token(TokenDirectory::new(names, clock, counters)), None),
        };
        let rules =
            TokenRules { issuer: settings.tokens.issuer.clone(), audience: settings.tokens.audience.clone() };
        let verifier = TokenVerifier::new(Arc::clone(&keys), rules);
        let revocations = Revocations::load(Arc::clone(&account_store), clock.wall()).await?;
        let tickets = Tickets::new(settings.times.ticket_ttl);
        let authenticator = Arc::new(Authenticator::new(verifier, revocations, tickets, directory, clock));
        let realtime = realtime::start(
            &settings,
            clock,
            writer.clone(),
            at_rest,
            &metrics,
            Arc::clone(&authenticator),
            shutdown.clone(),
        )?;
        let app = Arc::new(Self {
            assets: Assets::new(settings.assets.clone()),
            rate_limiter: RateLimiter::new(&settings.limits),
            lookups: LookupLimiter::new(&settings.limits),
            people: People::new(&database, settings.directory, realtime.hub.clone(), clock),
            settings,
            clock,
            authenticator,
            store,
            account_store,
            accounts,
            writer,
            metrics,
            hub: realtime.hub,
            gateway: realtime.gateway,
            permits: realtime.permits,
            backlog: realtime.backlog,
            demo,
            shutdown,
            hub_thread: Mutex::new(Some(realtime.hub_thread)),
        });
        tokio::spawn(keep_house(Arc::clone(&app)));
        tokio::spawn(people::hear_wishes(Arc::clone(&app), realtime.status_requests));
        tokio::spawn(people::give_notices(Arc::clone(&app), realtime.watch_notices));
        if let Some(tables) = app.settings.database.app_tables() {
            tokio::spawn(adopted::follow(Arc::clone(&app), database, tables.refresh));
        }
        Ok(app)
    }

    /// Refuses what was revoked since the last call, here or by another process, and closes the sockets that stand on
    /// it. When this returns, a revocation of before counts.
    pub async fn apply_revocations(&self) -> Result<(), StoreError> {
        for Revocation { user_id, kind, .. } in self.authenticator.sweep().await? {
            let end = match kind {
                RevocationKind::SignedOut(sid) => Some((Some(sid), CloseCode::UNAUTHORIZED)),
                RevocationKind::Disabled => Some((None, CloseCode::FORBIDDEN)),
                RevocationKind::Removed if self.accounts.is_some() => Some((None, CloseCode::UNAUTHORIZED)),
                // Elsewhere a person is whoever the token says, in the table or not.
                RevocationKind::Removed | RevocationKind::Enabled => None,
            };
            if let Some((sid, code)) = end {
                self.gateway.cut(Cut { user_id, sign_in: sid.into(), code });
            }
            self.people.came_or_went(user_id, kind).await;
        }
        Ok(())
    }
}

/// Why there is no start, with what helps.
fn cannot_use(error: StoreError, database: &Database) -> anyhow::Error {
    let what = format!("cannot use {database} (DATABASE_URL)");
    match error.fault() {
        Some(fault) => anyhow::Error::new(error).context(format!("{what}: {}", fault.advice())),
        None => anyhow::Error::new(error).context(what),
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
