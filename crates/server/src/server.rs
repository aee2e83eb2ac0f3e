//! Listeners, and the way from the first request to the last.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use anyhow::Context;
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
    time,
};

use crate::{
    app::App,
    demo,
    http::{accept, patience::Limits, room::Room},
    router,
    settings::Settings,
    shutdown::Shutdown,
};

/// Connections that wait for the accept loop. Linux cuts it down to `net.core.somaxconn`.
const BACKLOG: u32 = 4096;
/// The hub finishes what is in its inbox: milliseconds, unless something is badly wrong.
const HUB_STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// The two ports, open.
pub struct Listeners {
    /// API, sockets and site.
    pub public: TcpListener,
    /// Health and metrics.
    pub internal: TcpListener,
}

impl Listeners {
    /// Opens both ports, and says which they are.
    pub fn bind(settings: &Settings) -> anyhow::Result<Self> {
        Ok(Self {
            public: bind(settings.bind, "--bind (HEREABOUTS_BIND)")?,
            internal: bind(settings.internal_bind, "--internal-bind (HEREABOUTS_INTERNAL_BIND)")?,
        })
    }
}

/// Builds the server, opens its ports, and serves until `shutdown` is triggered. Returns when everything at rest is
/// written.
pub async fn run(settings: Settings, shutdown: Shutdown) -> anyhow::Result<()> {
    let drain = settings.times.drain;
    let app = App::build(settings, shutdown.clone()).await?;
    // Only now: nobody may connect before the people of an earlier life are marked offline.
    let listeners = Listeners::bind(&app.settings)?;
    let internal = serve(Arc::clone(&app), listeners).await?;
    tracing::info!("stopping");
    close_sockets(&app, drain).await;
    internal.trigger();
    stop_hub(&app).await;
    app.writer.finish().await;
    tracing::info!("stopped");
    match shutdown.broken() {
        None => Ok(()),
        Some(what) => anyhow::bail!("{what} ended by a bug; see the log"),
    }
}

/// Serves on these listeners until the app's shutdown is triggered. Health is served further, so that `/readyz` can say
/// that the server is stopping: the switch that ends it is returned.
pub async fn serve(app: Arc<App>, listeners: Listeners) -> anyhow::Result<Shutdown> {
    let address = listeners.public.local_addr()?;
    tracing::info!("listening on http://{address}");
    tracing::info!("internal listening on http://{}", listeners.internal.local_addr()?);
    if app.demo.is_some() {
        demo::start(&app, address);
        println!(
            "\n  Open http://{address}/ in two windows, as two people.\n  Six people of the demo are here already; \
             Ctrl-C ends it.\n"
        );
    }
    let (times, shutdown) = (&app.settings.times, app.shutdown.clone());
    let patience = Limits { header: times.header_timeout, keep_alive: times.keep_alive };
    let room = Arc::new(Room::new(Arc::clone(&app.permits), Arc::clone(&app.metrics)));
    let public = accept::serve(
        listeners.public,
        router::public(Arc::clone(&app)),
        patience,
        Some(room),
        shutdown.clone(),
    );
    let until_the_end = Shutdown::new();
    tokio::spawn(accept::serve(
        listeners.internal,
        router::internal(app),
        patience,
        None,
        until_the_end.clone(),
    ));
    public.await?;
    Ok(until_the_end)
}

/// Tells every client that the server goes away, and waits for them to close, but not for ever.
async fn close_sockets(app: &App, drain: Duration) {
    if time::timeout(drain, app.gateway.drained()).await.is_err() {
        tracing::warn!("{} clients did not close in time and were cut off", app.gateway.n_connections());
    }
}

/// Ends the hub's thread, so that everything it knew has been given to the writer.
async fn stop_hub(app: &App) {
    app.hub.stop();
    let thread = app.hub_thread.lock().unwrap_or_else(PoisonError::into_inner).take();
    let joined = tokio::task::spawn_blocking(|| thread.map(JoinHandle::join));
    if time::timeout(HUB_STOP_TIMEOUT, joined).await.is_err() {
        tracing::error!("the hub did not stop in time");
    }
}

/// Triggers `shutdown` at SIGTERM or SIGINT.
pub fn stop_at_signal(shutdown: Shutdown) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        shutdown.trigger();
    });
    Ok(())
}

fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Only where no other process listens: a restart need not wait for connections of before to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address).with_context(|| match address.port() {
        0 => format!("cannot listen on {address} ({setting})"),
        _ => format!("cannot listen on {address}; choose another with {setting}, port 0 picks a free one"),
    })?;
    Ok(socket.listen(BACKLOG)?)
}
