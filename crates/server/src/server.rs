//! Listeners, and the way from the first request to the last.

use std::{io, net::SocketAddr, sync::Arc};

use anyhow::Context;
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
    time,
};

use crate::{app::App, demo, http::accept, router, settings::Settings, shutdown::Shutdown};

/// Connections that wait for the accept loop. Linux cuts it down to `net.core.somaxconn`.
const BACKLOG: u32 = 4096;

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
    serve(Arc::clone(&app), listeners).await?;
    tracing::info!("stopping");
    if time::timeout(drain, app.gateway.drained()).await.is_err() {
        tracing::warn!("some clients did not close in time and were cut off");
    }
    app.writer.finish().await;
    tracing::info!("stopped");
    Ok(())
}

/// Serves on these listeners until the app's shutdown is triggered.
pub async fn serve(app: Arc<App>, listeners: Listeners) -> anyhow::Result<()> {
    let address = listeners.public.local_addr()?;
    tracing::info!("listening on http://{address}");
    tracing::info!("internal listening on http://{}", listeners.internal.local_addr()?);
    if app.demo.is_some() {
        demo::start(&app, address);
    }
    let public = accept::serve(listeners.public, router::public(Arc::clone(&app)), Arc::clone(&app));
    let internal = accept::serve(listeners.internal, router::internal(Arc::clone(&app)), app);
    tokio::try_join!(public, internal)?;
    Ok(())
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
        0 => format!("cannot listen on {address}"),
        port => format!("cannot listen on {address}: is another server running there? Choose a port with {setting}, such as port {} or 0", port.saturating_add(1)),
    })?;
    Ok(socket.listen(BACKLOG)?)
}
