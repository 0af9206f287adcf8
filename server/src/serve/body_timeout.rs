//! Limits how long a request body may take. The inbound webhooks have a limit of their own.

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
use futures::FutureExt;
use futures::future::BoxFuture;
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::web;

/// For a whole body.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Responds 408 when the body does not arrive in time, whatever the handler responds.
pub async fn with_body_timeout(State(clock): State<Clock>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let timed_out = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| {
        let deadline = clock.instant() + BODY_TIMEOUT;
        Body::new(DeadlineBody { body, clock, deadline, timer: None, timed_out: timed_out.clone() })
    });
    let response = next.run(request).await;
    if !timed_out.load(Ordering::Relaxed) {
        return response;
    }
    let sentence = "The body did not arrive within 30 seconds. Send it again.";
    let mut response = web::refuse(StatusCode::REQUEST_TIMEOUT, sentence);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A body that fails at a deadline.
struct DeadlineBody {
    body: Body,
    clock: Clock,
    deadline: Instant,
    /// Started with the first chunk that is not there yet: most bodies arrive with their head.
    timer: Option<BoxFuture<'static, ()>>,
    timed_out: Arc<AtomicBool>,
}

impl HttpBody for DeadlineBody {
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
        let timer = this.timer.get_or_insert_with(|| {
            let (clock, deadline) = (this.clock.clone(), this.deadline);
            async move { clock.sleep_until(deadline).await }.boxed()
        });
        timer.as_mut().poll(context).map(|()| {
            this.timed_out.store(true, Ordering::Relaxed);
            Some(Err(BodyTimeout.into()))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[derive(Debug)]
struct BodyTimeout;

impl fmt::Display for BodyTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body did not arrive in time")
    }
}

impl Error for BodyTimeout {}
