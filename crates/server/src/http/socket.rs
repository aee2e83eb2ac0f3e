//! `GET /ws/user-status/`: the upgrade. What follows it is the gateway's.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hereabouts_protocol::{CloseCode, SUBPROTOCOL_V1, UserId};
use hereabouts_websocket::{HandshakeError, HttpVersion, Upgrade, check_upgrade, choose_subprotocol};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use socket2::SockRef;

use super::error::ApiError;
use super::patience::PatientStream;
use super::{guard, onlooker};
use crate::app::App;
use crate::auth::{Identity, Sid};
use crate::gateway::{Admission, HANDSHAKE_WAIT_MAX, LimitReached, Newcomer, Permit, Waiting};
use crate::realtime;
use crate::settings::Settings;

/// What the kernel may hold for a client that does not read: little, so that stale changes wait (and merge) in the
/// log of ticks and not behind a slow reader.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// Of these, what it may hold that is not on its way yet.
const UNSENT_BYTES_MAX: u32 = 16 * 1024;
/// When to come back after too many connections: others close theirs in the meantime, or not.
const RETRY_AFTER_S: u64 = 5;
/// A shard looks for dead connections of a person within 100 ms, half a second while it sleeps: until then, their new
/// connection looks so often whether there is room.
const ROOM_LOOKS: u32 = 12;
const ROOM_LOOK_INTERVAL: Duration = Duration::from_millis(50);
/// Handshakes refused for load come back within 1 to this many seconds.
const OVERLOAD_RETRY_SPREAD_S: u64 = 5;

/// The query of the address. Nothing here is ever logged.
#[derive(Deserialize)]
pub struct SocketQuery {
    /// A ticket, bought with an access token.
    pub ticket: Option<String>,
    /// The access token of an original client.
    pub token: Option<String>,
}

/// The handler.
pub async fn user_status(
    State(app): State<Arc<App>>,
    query: Result<Query<SocketQuery>, QueryRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let Query(query) = query?;
    match judge(&request) {
        Ok(upgrade) => let_in(&app, query, request, &upgrade).await.inspect_err(|_| {
            app.metrics.handshakes_refused_total.inc();
        }),
        Err(error) => Ok(refuse(&error)),
    }
}

async fn let_in(
    app: &Arc<App>,
    query: SocketQuery,
    request: Request,
    upgrade: &Upgrade,
) -> Result<Response, ApiError> {
    guard::origin_allowed(request.headers(), &app.settings)?;
    let mut waiting = Some(admit_by_load(app)?);
    let address = guard::client_address(&request, &app.settings);
    let mut permit = app.permits.admit(address).map_err(too_many)?;
    let is_v1 = choose_subprotocol(&upgrade.subprotocols, &[SUBPROTOCOL_V1]).is_some();
    let (admission, stands_on) = if is_service(request.headers(), &query, &app.settings) {
        (Admission::Observer, None)
    } else {
        admit(app, &query, is_v1, &mut permit, &mut waiting).await?
    };
    // What follows waits for the client to take our answer: its own time, which is nobody's load.
    drop(waiting);
    let app = Arc::clone(app);
    tokio::spawn(async move {
        if let Some((stream, leftover)) = take_out(request, app.settings.times.dead_after).await {
            let waiting = Some(app.backlog.enter());
            app.gateway.adopt(Newcomer { stream, leftover, is_v1, admission, permit, waiting });
            if let Some((user_id, sid)) = stands_on {
                realtime::recheck(&app.authenticator, &app.gateway, user_id, sid);
            }
        }
    });
    Ok(switch_protocols(upgrade, is_v1))
}

/// Whether a service of the operator's looks on. Services are no browsers: they may send their key in the header.
fn is_service(headers: &HeaderMap, query: &SocketQuery, settings: &Settings) -> bool {
    let key = settings.service_key.as_ref();
    let in_query = query.token.as_deref().filter(|_| query.ticket.is_none()).unwrap_or_default();
    onlooker::is_service(headers, key) || onlooker::is_service_key(key, in_query)
}

/// Refuses while more than a second of handshakes wait. Each is told another time to come back, so that they do not
/// all come back together.
fn admit_by_load(app: &App) -> Result<Waiting, ApiError> {
    if app.backlog.wait() > HANDSHAKE_WAIT_MAX {
        let spread = u64::from(getrandom::u32().unwrap_or_default()) % OVERLOAD_RETRY_SPREAD_S;
        return Err(ApiError::unavailable(
            "Too many connections are being opened at this moment. Try again in some seconds.",
            1 + spread,
        ));
    }
    Ok(app.backlog.enter())
}

/// Counts the connection for its user. One who holds as many as they may gets the place of a dead one, if there is one.
async fn bind(
    app: &App,
    permit: &mut Permit,
    user_id: UserId,
    waiting: &mut Option<Waiting>,
) -> Result<(), ApiError> {
    let mut outcome = permit.bind(user_id);
    if outcome.is_err() {
        drop(waiting.take());
        app.gateway.make_room(user_id);
    }
    for _ in 0..ROOM_LOOKS {
        if outcome.is_ok() {
            break;
        }
        tokio::time::sleep(ROOM_LOOK_INTERVAL).await;
        outcome = permit.bind(user_id);
    }
    outcome.map_err(too_many)
}

fn too_many(limit: LimitReached) -> ApiError {
    match limit {
        LimitReached::Total => ApiError::unavailable(format!("{limit}."), RETRY_AFTER_S),
        _ => ApiError::too_many_requests(format!("{limit}."), RETRY_AFTER_S),
    }
}

/// Whether the request asks for a WebSocket, and rightly.
pub fn judge(request: &Request) -> Result<Upgrade, HandshakeError> {
    let version =
        if request.version() == Version::HTTP_11 { HttpVersion::Http11 } else { HttpVersion::Http10 };
    let headers = request.headers();
    check_upgrade(request.method().as_str(), version, |name| {
        headers.get_all(name).iter().map(HeaderValue::as_bytes)
    })
}

/// Whom the address names, and which credentials they stand on: ticket, then token, then the first message. A refused
/// token is admitted too, only to be closed with its code: a failed handshake would hide the code from a page.
/// `waiting` is dropped before an issuer is asked for its keys: how long that takes is no load of ours, and whoever
/// invents a key's name could draw it out.
async fn admit(
    app: &App,
    query: &SocketQuery,
    is_v1: bool,
    permit: &mut Permit,
    waiting: &mut Option<Waiting>,
) -> Result<(Admission, Option<(UserId, Option<Sid>)>), ApiError> {
    let identified = match (&query.ticket, &query.token) {
        (Some(ticket), _) => app.authenticator.redeem(ticket).await,
        (None, Some(token)) => app.authenticator.identify(token, || drop(waiting.take())).await,
        (None, None) => {
            permit.bind_unauthenticated().map_err(too_many)?;
            let refused = Admission::Refused(CloseCode::UNAUTHORIZED);
            return Ok((if is_v1 { Admission::AwaitingAuth } else { refused }, None));
        }
    };
    match identified {
        Ok(Identity { profile, expires_at, sid }) => {
            bind(app, permit, profile.user_id, waiting).await?;
            let stands_on = Some((profile.user_id, sid));
            let profile = Arc::new(profile);
            Ok((Admission::Identified { profile, expires_at, sign_in: sid.into() }, stands_on))
        }
        Err(refusal) => {
            permit.bind_unauthenticated().map_err(too_many)?;
            Ok((Admission::Refused(refusal.close_code()), None))
        }
    }
}

/// Waits for the 101 to be written, then takes the socket out of HTTP and the async runtime, with what the client sent
/// right behind its handshake. `None` when the client is gone.
pub async fn take_out(request: Request, dead_after: Duration) -> Option<(std::net::TcpStream, Bytes)> {
    let upgraded = hyper::upgrade::on(request)
        .await
        .inspect_err(|error| tracing::debug!(%error, "a client left before its upgrade"))
        .ok()?;
    let parts = upgraded
        .downcast::<TokioIo<PatientStream>>()
        .unwrap_or_else(|_| unreachable!("the accept loop serves nothing but its own streams"));
    let stream = parts
        .io
        .into_inner()
        .into_inner()
        .into_std()
        .inspect_err(|error| tracing::warn!(%error, "a socket could not be taken out of the runtime"))
        .ok()?;
    let socket = SockRef::from(&stream);
    // Options make slow readers cheaper and dead peers known earlier; without them everything still works.
    let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
    let _ = socket.set_tcp_notsent_lowat(UNSENT_BYTES_MAX);
    let _ = socket.set_tcp_user_timeout(Some(dead_after));
    Some((stream, parts.read_buf))
}

/// The 101.
pub fn switch_protocols(upgrade: &Upgrade, is_v1: bool) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let key = HeaderValue::from_str(&upgrade.accept_key).expect("base64 is header text");
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, key);
    if is_v1 {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL_V1));
    }
    response
}

/// A request that is no upgrade is answered as one that came without a token; a broken upgrade says what is broken.
pub fn refuse(error: &HandshakeError) -> Response {
    if matches!(error, HandshakeError::NotUpgrade) {
        return ApiError::unauthorized("This is a WebSocket: connect to it with a token.").into_response();
    }
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = ApiError::new(status, error.to_string()).into_response();
    for (name, value) in error.response_headers() {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
