//! How long the body of a request may take. The inbound door has limits of its own.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use hyper::body::{Frame, SizeHint};

use crate::clock::Clock;
use crate::rest;

/// How long a whole body may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Answers 408 when the body does not come in time, whatever its reader makes of the rest.
pub async fn in_time(State(clock): State<Clock>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let late = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| {
        let deadline = clock.now() + PATIENCE;
        Body::new(Timed { body, clock, deadline, waiting: None, late: late.clone() })
    });
    let response = next.run(request).await;
    if !late.load(Ordering::Relaxed) {
        return response;
    }
    let sentence = "The body did not arrive within 30 seconds. Send it again.";
    let mut response = rest::refuse(StatusCode::REQUEST_TIMEOUT, sentence);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A body that breaks off at a deadline.
struct Timed {
    body: Body,
    clock: Clock,
    deadline: DateTime<Utc>,
    /// Begun with the first chunk that is not there yet: most bodies come with their head.
    waiting: Option<BoxFuture<'static, ()>>,
    late: Arc<AtomicBool>,
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let waiting = this.waiting.get_or_insert_with(|| {
            let (clock, deadline) = (this.clock.clone(), this.deadline);
            async move { clock.sleep_until(deadline).await }.boxed()
        });
        waiting.as_mut().poll(context).map(|()| {
            this.late.store(true, Ordering::Relaxed);
            Some(Err(TooSlow.into()))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body took too long.
#[derive(Debug)]
struct TooSlow;

impl fmt::Display for TooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body did not arrive in time")
    }
}

impl Error for TooSlow {}
