//! A request body that has to arrive within a time.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as _, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// Says afterwards whether a body was too late.
#[derive(Clone, Debug, Default)]
pub(super) struct Lateness(Arc<AtomicBool>);

impl Lateness {
    /// Whether somebody waited for the body in vain.
    pub(super) fn is_late(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The body, which fails once it was waited for until the end of `limit`.
pub(super) fn within(limit: Duration, body: Body) -> (Body, Lateness) {
    let lateness = Lateness::default();
    if body.is_end_stream() {
        return (body, lateness);
    }
    let slow = SlowBody { body, deadline: Box::pin(sleep(limit)), lateness: lateness.clone() };
    (Body::new(slow), lateness)
}

struct SlowBody {
    body: Body,
    deadline: Pin<Box<Sleep>>,
    lateness: Lateness,
}

#[derive(Debug)]
struct Late;

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body did not arrive in time")
    }
}

impl Error for Late {}

impl hyper::body::Body for SlowBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let outcome = Pin::new(&mut self.body).poll_frame(cx);
        if outcome.is_pending() && self.deadline.as_mut().poll(cx).is_ready() {
            self.lateness.0.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(Late.into())));
        }
        outcome.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
