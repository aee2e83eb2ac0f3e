//! The accept loop: HTTP/1.1 on a listener, with a time limit for headers and a way out for upgraded sockets.
//!
//! `axum::serve` arms no header timeout and keeps the socket; this loop of ours does neither.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use super::Peer;
use crate::shutdown::Shutdown;

/// Lines of headers in a request; more get 431.
const HEADERS_MAX: usize = 64;
/// Bytes of request line and headers; more get 431.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// After a failed accept (no descriptors left), others get this long to close theirs.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `router` on `listener` until told to stop. Requests under way are answered first.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    header_timeout: Duration,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.wait() => return Ok(()),
        };
        match accepted {
            Ok((stream, peer)) => {
                tokio::spawn(serve_connection(http.clone(), stream, peer, router.clone(), shutdown.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve_connection(
    http: http1::Builder,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    shutdown: Shutdown,
) {
    // Small answers leave at once; where the option is refused, they only leave later.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let answer = router.clone().oneshot(request.map(Body::new));
        async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = shutdown.wait() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        // A client that went away or never finished its request: its own business.
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}
