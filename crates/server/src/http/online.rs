//! `GET /api/users/online/`: who is online now, as the original's bare array.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hereabouts_protocol::{Timestamp, UserId};
use hyper::body::{Frame, SizeHint};
use serde::Deserialize;

use super::error::ApiError;
use super::onlooker::Onlooker;
use crate::app::App;
use crate::failpoint::failpoint;
use crate::online::{Page, PageRequest};

/// The query, before it is understood.
#[derive(Debug, Deserialize)]
pub struct OnlineQuery {
    scope: Option<String>,
    /// The original's word for `scope`.
    filter: Option<String>,
    limit: Option<String>,
    after: Option<String>,
    include_self: Option<String>,
}

/// The handler.
pub async fn online_users(
    State(app): State<Arc<App>>,
    onlooker: Onlooker,
    query: Result<Query<OnlineQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    failpoint("http.online");
    let Query(query) = query?;
    let request = understand(&app, &onlooker, &query).await?;
    let page = app.hub.online().page(&request);
    let mut answer = HeaderMap::new();
    answer.insert(header::ETAG, text(&page.etag()));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    answer.insert(header::VARY, HeaderValue::from_static("Authorization, Origin"));
    answer.insert("x-total-count", page.total.into());
    if let Some(next) = page.next {
        answer.insert(header::LINK, text(&link(next, &request)));
    }
    if is_known(&headers, &page) {
        return Ok((StatusCode::NOT_MODIFIED, answer).into_response());
    }
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok((answer, Body::new(Slices::new(page.into_body()))).into_response())
}

async fn understand(app: &App, onlooker: &Onlooker, query: &OnlineQuery) -> Result<PageRequest, ApiError> {
    let viewer = onlooker.user_id();
    if let Onlooker::Person(_) = onlooker
        && let Err(error) = app.hub.admit(viewer).await
    {
        // The rules of others hold all the same; whom the viewer blocks is seen until the database is back.
        tracing::debug!(%error, "a list is shown without knowing what its viewer decided");
    }
    let among = match query.scope.as_deref().or(query.filter.as_deref()) {
        None | Some("everyone") => None,
        Some("friends") => Some(app.hub.friends(viewer).await.map_err(|error| {
            ApiError::unavailable(format!("Friends cannot be listed: {error}. Try again in a moment."), 2)
        })?),
        Some(_) => return Err(ApiError::bad_request("scope must be everyone or friends.")),
    };
    let include_self = match query.include_self.as_deref() {
        None | Some("false" | "0" | "") => false,
        Some("true" | "1") => true,
        Some(_) => return Err(ApiError::bad_request("include_self must be true or false.")),
    };
    let limit = match query.limit.as_deref() {
        None | Some("") => None,
        Some(limit) => match limit.parse() {
            Ok(limit) if limit > 0 => Some(limit),
            _ => return Err(ApiError::bad_request("limit must be a whole number above 0.")),
        },
    };
    let after = match query.after.as_deref() {
        None | Some("") => None,
        Some(place) => Some(parse_place(app, viewer, place)?),
    };
    Ok(PageRequest { viewer, include_self, limit, after, among })
}

/// A place in the order: what `Link` gave (`micros.uuid`), or the id of somebody who is online.
fn parse_place(app: &App, viewer: UserId, place: &str) -> Result<(Timestamp, UserId), ApiError> {
    let parsed = match place.split_once('.') {
        Some((micros, id)) => micros.parse().ok().map(Timestamp::from_micros).zip(id.parse().ok()),
        None => place.parse().ok().and_then(|id| app.hub.online().place(viewer, id)),
    };
    parsed.ok_or_else(|| {
        ApiError::bad_request(
            "after must be what the Link header of the page before gave, or the id of somebody online.",
        )
    })
}

fn link((since, id): (Timestamp, UserId), request: &PageRequest) -> String {
    let limit = request.limit.map(|limit| format!("&limit={limit}")).unwrap_or_default();
    let include_self = if request.include_self { "&include_self=true" } else { "" };
    let scope = if request.among.is_some() { "&scope=friends" } else { "" };
    format!("</api/users/online/?after={}.{id}{limit}{include_self}{scope}>; rel=\"next\"", since.as_micros())
}

/// Whether the client has exactly this body already.
fn is_known(headers: &HeaderMap, page: &Page) -> bool {
    let etag = page.etag();
    headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == etag)
    })
}

fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("numbers, ids and punctuation are header text")
}

/// A body of shared slices with a known length.
struct Slices {
    slices: VecDeque<Bytes>,
    n_left: u64,
}

impl Slices {
    fn new(slices: Vec<Bytes>) -> Self {
        let n_left = slices.iter().map(|slice| slice.len() as u64).sum();
        Self { slices: slices.into(), n_left }
    }
}

impl hyper::body::Body for Slices {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.slices.pop_front();
        self.n_left -= next.as_ref().map_or(0, |slice| slice.len() as u64);
        Poll::Ready(next.map(|slice| Ok(Frame::data(slice))))
    }

    fn is_end_stream(&self) -> bool {
        self.slices.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.n_left)
    }
}
