//! What every request passes before its handler: size, host, origin, rate, time; and what every answer carries.

use std::{
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::Poll,
    time::Instant,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time;
use tracing::Instrument;

use super::{ApiError, Peer, slow_body};
use crate::{
    app::App,
    limits::{BODY_BYTES_MAX, URI_BYTES_MAX},
    settings::{Origin, Settings, without_port},
    telemetry::{self, RequestId},
};

/// Methods and headers that pages of other origins may use, and answers they may read.
const CORS_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
const CORS_HEADERS: HeaderValue = HeaderValue::from_static("Authorization, If-None-Match, Content-Type");
const CORS_EXPOSED: HeaderValue = HeaderValue::from_static("X-Total-Count, Link, ETag, Retry-After");
/// A browser asks again after this; two hours is the most that Chromium keeps.
const CORS_MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Answers without a policy of their own are data: nothing in them may run or load.
const DATA_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Clients that a stopping server sends away come back within 1 to this many seconds, not all at once.
const STOPPING_RETRY_SPREAD_S: u64 = 3;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Counts and logs the request, and puts the headers on the answer that every answer has.
pub async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    // Written only where it is read: this is on the way of every request.
    let line = tracing::enabled!(tracing::Level::DEBUG)
        .then(|| (request.method().clone(), telemetry::redacted(request.uri())));
    let id = RequestId::next();
    let span = tracing::error_span!("request", request_id = %id, user_hash = tracing::field::Empty);
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    app.metrics.http_requests_total.inc();
    if status.is_server_error() {
        app.metrics.http_errors_total.inc();
    }
    if let Some((method, target)) = line {
        let duration_us = started.elapsed().as_micros() as u64;
        span.in_scope(
            || tracing::debug!(%method, path = target, status = status.as_u16(), duration_us, "request answered"),
        );
    }
    if status != StatusCode::SWITCHING_PROTOCOLS {
        let headers = response.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(DATA_POLICY);
        // What somebody reports went wrong is found in the log by this.
        if status.is_client_error() || status.is_server_error() {
            let id = HeaderValue::try_from(id.to_string()).expect("hexadecimal digits are header text");
            headers.insert(REQUEST_ID, id);
        }
    }
    response
}

/// Refuses what no handler should see: endless addresses, large or packed bodies, foreign hosts.
pub async fn check_request(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let uri_bytes = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if uri_bytes > URI_BYTES_MAX {
        let detail =
            format!("The address is longer than {URI_BYTES_MAX} bytes. Send a long token in a header.");
        return Err(ApiError::new(StatusCode::URI_TOO_LONG, detail));
    }
    host_allowed(&request, &app.settings)?;
    let headers = request.headers();
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > BODY_BYTES_MAX as u64) {
        let detail = format!("The body is larger than {BODY_BYTES_MAX} bytes.");
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        let detail = "Send the body as it is, without Content-Encoding.";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    Ok(next.run(request).await)
}

/// Answers preflights, and lets pages of listed origins read the answer.
pub async fn cors(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let listed = origin.filter(|origin| is_listed(origin, &app.settings));
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        let headers = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, CORS_METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, CORS_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, CORS_MAX_AGE),
        ];
        match &listed {
            Some(_) => (StatusCode::NO_CONTENT, headers).into_response(),
            None => StatusCode::NO_CONTENT.into_response(),
        }
    } else {
        next.run(request).await
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return response;
    }
    let headers = response.headers_mut();
    vary_by_origin(headers);
    if let Some(origin) = listed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, CORS_EXPOSED);
    }
    response
}

/// Sends clients away while the server stops, and lets one address ask only so much. Upgrades are admitted by the
/// server's load instead, and a health check is always answered.
pub async fn admit(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, ApiError> {
    let path = request.uri().path();
    let is_health = path.starts_with("/livez");
    if app.shutdown.is_triggered() && !is_health {
        let seconds = 1 + u64::from(getrandom::u32().unwrap_or_default()) % STOPPING_RETRY_SPREAD_S;
        return Err(ApiError::unavailable("The server is stopping. Try again in a moment.", seconds));
    }
    if !is_health && !path.starts_with("/ws/") {
        let ip = client_address(&request, &app.settings);
        if let Err(seconds) = app.rate_limiter.take(ip, app.clock.now()) {
            app.metrics.http_rate_limited_total.inc();
            let detail = "Too many requests from this address (--requests-per-second-per-ip). Slow down.";
            return Err(ApiError::too_many_requests(detail, seconds));
        }
    }
    Ok(next.run(request).await)
}

/// Gives up on a handler that takes too long.
pub async fn limit_time(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let limit = app.settings.times.request_timeout;
    // The rest of the time is for the answer to a body that came at the last moment.
    let body_limit = limit * 4 / 5;
    let (head, body) = request.into_parts();
    let (body, lateness) = slow_body::within(body_limit, body);
    let answer = surviving_panics(next.run(Request::from_parts(head, body)));
    let answer = time::timeout(limit, answer).await;
    if lateness.is_late() {
        let detail = format!("The body did not arrive within {} s.", body_limit.as_secs_f32());
        return Err(ApiError::request_timeout(detail));
    }
    answer.map_err(|_| {
        ApiError::unavailable("The server has too much to do right now. Try again in a moment.", 2)
    })?
}

/// A bug in one handler is a 500 for one client. Permits and counts are given back by what is dropped on the way.
async fn surviving_panics(answer: impl Future<Output = Response>) -> Result<Response, ApiError> {
    let mut answer = std::pin::pin!(answer);
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(_) => {
            tracing::error!("a request failed because of a bug in this server");
            let detail = "Something went wrong here. It is not your fault.";
            Poll::Ready(Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, detail)))
        }
    })
    .await
}

/// Whether a page of this origin may open a socket: its own host or a listed origin, exactly. A request without an
/// `Origin` comes from no page; the token decides.
pub fn origin_allowed(headers: &HeaderMap, settings: &Settings) -> Result<(), ApiError> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return Ok(()) };
    let is_single = origins.next().is_none();
    if is_single && (is_listed(origin, settings) || is_own(origin, headers.get(header::HOST))) {
        return Ok(());
    }
    let origin: String = String::from_utf8_lossy(origin.as_bytes()).chars().take(200).collect();
    tracing::warn!(
        ?origin,
        "a page of the origin {origin:?} was refused; if it is yours, add it to CORS_ALLOWED_ORIGINS"
    );
    Err(ApiError::forbidden(format!(
        "Pages of the origin {origin} may not connect to this server. If it is yours, start the server with \
         CORS_ALLOWED_ORIGINS={origin} (or add it there)."
    )))
}

/// The address that asks: the peer, or, behind trusted proxies, the last one that none of them vouches for.
pub fn client_address(request: &Request, settings: &Settings) -> IpAddr {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
    forwarded_address(peer, request.headers(), settings)
}

pub(super) fn forwarded_address(peer: IpAddr, headers: &HeaderMap, settings: &Settings) -> IpAddr {
    let is_trusted = |ip: IpAddr| settings.trusted_proxies.iter().any(|network| network.contains(ip));
    if !is_trusted(peer) {
        return peer;
    }
    let forwarded = HeaderName::from_static("x-forwarded-for");
    let lines: Vec<_> = headers.get_all(forwarded).iter().filter_map(|value| value.to_str().ok()).collect();
    let hops = lines.iter().flat_map(|line| line.split(',')).map(str::trim).rev();
    let mut nearest = peer;
    for hop in hops {
        // What is no address was written by somebody we do not trust: the hop before it is as far as we know.
        let Ok(ip) = hop.parse::<IpAddr>() else { break };
        nearest = ip;
        if !is_trusted(ip) {
            break;
        }
    }
    nearest
}

fn host_allowed(request: &Request, settings: &Settings) -> Result<(), ApiError> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let header = hosts.next().and_then(|host| host.to_str().ok());
    let is_single = hosts.next().is_none();
    // An absolute target (`GET http://evil/ HTTP/1.1`) names a host too, and must name the same.
    let target = request.uri().authority().map(|authority| authority.as_str().to_ascii_lowercase());
    let named = header.map(str::to_ascii_lowercase);
    let agrees = target.is_none() || target == named;
    let host = without_port(named.as_deref().unwrap_or_default());
    if is_single && agrees && settings.allowed_hosts.iter().any(|allowed| allowed.matches(host)) {
        return Ok(());
    }
    let host: String = host.chars().take(200).collect();
    tracing::debug!(?host, "a request for a foreign host was refused");
    Err(ApiError::new(
        StatusCode::MISDIRECTED_REQUEST,
        format!("This server does not answer to the host {host:?}. If it should, add it to ALLOWED_HOSTS."),
    ))
}

fn is_listed(origin: &HeaderValue, settings: &Settings) -> bool {
    let origin = origin.to_str().ok().and_then(Origin::parse);
    origin.is_some_and(|origin| settings.allowed_origins.contains(&origin))
}

/// Whether the origin is that of this server itself. A host with a port is spoken to without TLS, because TLS is a
/// proxy's work and has the default port; without a port both are possible.
fn is_own(origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let origin = origin.to_str().ok().and_then(Origin::parse);
    let (Some(origin), Some(host)) = (origin, host.and_then(|host| host.to_str().ok())) else { return false };
    let host = host.to_ascii_lowercase();
    let (scheme, authority) = origin.parts();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let has_other_port = without_port(&host) != host && !host.ends_with(default_port);
    authority == host.strip_suffix(default_port).unwrap_or(&host) && !(scheme == "https" && has_other_port)
}

fn vary_by_origin(headers: &mut HeaderMap) {
    let has_it = headers
        .get_all(header::VARY)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.to_ascii_lowercase().contains("origin"));
    if !has_it {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
