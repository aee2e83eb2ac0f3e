//! The server behind the echo: any path is a WebSocket.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use hereabouts::gateway::echo::Echo;
use hereabouts::http::patience::Limits as Patience;
use hereabouts::http::{Peer, accept, socket};
use hereabouts::shutdown::Shutdown;
use hereabouts_websocket::Limits;
use tokio::net::TcpListener;

/// What `hereabouts serve` gives a client for its request, and a peer that takes nothing.
const PATIENCE: Patience = Patience { header: Duration::from_secs(5), keep_alive: Duration::from_secs(30) };
const DEAD_AFTER: Duration = Duration::from_secs(45);

/// Echoes on `listener` until `shutdown`, then closes every socket with 1012.
pub(crate) async fn serve(listener: TcpListener, limits: Limits, shutdown: Shutdown) -> anyhow::Result<()> {
    let echo = Arc::new(Echo::start(limits, std::thread::available_parallelism()?.get())?);
    let router = Router::new().fallback(upgrade).with_state(Arc::clone(&echo));
    accept::serve(listener, router, PATIENCE, None, shutdown).await?;
    echo.drained().await;
    Ok(())
}

async fn upgrade(State(echo): State<Arc<Echo>>, request: Request) -> Response {
    let upgrade = match socket::judge(&request) {
        Ok(upgrade) => upgrade,
        Err(error) => return socket::refuse(&error),
    };
    let peer = request.extensions().get::<Peer>().expect("the accept loop says who asks").0;
    tokio::spawn(async move {
        if let Some((stream, leftover)) = socket::take_out(request, DEAD_AFTER).await {
            echo.adopt(stream, leftover, peer.ip());
        }
    });
    socket::switch_protocols(&upgrade, false)
}
