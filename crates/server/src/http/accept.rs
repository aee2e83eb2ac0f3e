//! The accept loop: HTTP/1.1 on a listener, with limits of size and time and a way out for upgraded sockets.
//!
//! `axum::serve` arms no header timeout and keeps the socket; this loop of ours does neither.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use super::Peer;
use super::patience::{AnswerBody, Limits, PatientStream};
use super::room::Room;
use crate::limits::{HEAD_BYTES_MAX, HEADERS_MAX};
use crate::shutdown::Shutdown;

/// After a failed accept (no descriptors left), others get this long to close theirs.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `router` on `listener` until told to stop. Requests under way are answered first. Connections for which there
/// is no `room` are refused.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    room: Option<Arc<Room>>,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let mut http = http1::Builder::new();
    // No time limits of hyper's: see `patience`.
    http.max_headers(HEADERS_MAX).max_buf_size(HEAD_BYTES_MAX);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.wait() => return Ok(()),
        };
        match accepted {
            Ok((stream, peer)) => {
                let place = room.as_ref().map(Room::take);
                if let (Some(room), Some(None)) = (&room, &place) {
                    room.refuse(stream);
                    continue;
                }
                // Small answers leave at once; where the option is refused, they only leave later.
                let _ = stream.set_nodelay(true);
                let (http, router, shutdown) = (http.clone(), router.clone(), shutdown.clone());
                tokio::spawn(async move {
                    serve_connection(http, stream, peer, limits, router, shutdown).await;
                    drop(place);
                });
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
    limits: Limits,
    router: Router,
    shutdown: Shutdown,
) {
    let (stream, turns) = PatientStream::new(stream, limits);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        let answering = turns.answer();
        request.extensions_mut().insert(Peer(peer));
        let answer = router.clone().oneshot(request.map(Body::new));
        async move {
            let response = answer.await.unwrap_or_else(|never| match never {});
            Ok::<_, Infallible>(response.map(|body| AnswerBody::new(body, answering)))
        }
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
