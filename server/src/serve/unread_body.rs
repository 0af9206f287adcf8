//! Handles a body that was not read to its end when the response is ready. The connection can't serve
//! another request, so the response announces its end. The rest of the body is read for a while: most
//! clients read the response only after they have sent everything, and would find a reset connection.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use futures::future::poll_fn;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::task::yield_now;

/// A body that has arrived is read, which keeps the connection usable.
const MAX_ARRIVED_BYTES: usize = 64 * 1024;
const MAX_YIELDS: usize = 4;
/// Read of a body before the connection is closed.
const MAX_LINGER_BYTES: usize = 50 * 1024 * 1024;
const LINGER_TIMEOUT: Duration = Duration::from_secs(5);

/// A body that is lent to the router and taken back after its response.
pub struct LentBody {
    shared: Arc<Mutex<Shared>>,
    /// The client waits for 100 Continue, which is sent when the body is first read.
    expects_continue: bool,
}

struct Shared {
    body: Option<Incoming>,
    was_read: bool,
}

/// The body that the router reads.
struct Borrowed(Arc<Mutex<Shared>>);

#[derive(PartialEq, Eq)]
enum BodyRest {
    Read,
    Pending,
    Failed,
}

impl LentBody {
    /// Puts a body that can be taken back into the request.
    pub fn lend(request: Request<Incoming>) -> (Self, Request<Body>) {
        let expects_continue = request.headers().contains_key(header::EXPECT);
        let (head, body) = request.into_parts();
        let shared = Arc::new(Mutex::new(Shared { body: Some(body), was_read: false }));
        let body = Body::new(Borrowed(shared.clone()));
        (Self { shared, expects_continue }, Request::from_parts(head, body))
    }

    /// Handles the unread rest and announces the end of the connection if it must end.
    pub async fn finish(self, response: &mut Response) {
        let (body, was_read) = {
            let mut shared = lock(&self.shared);
            (shared.body.take(), shared.was_read)
        };
        let Some(mut body) = body else { return };
        if body.is_end_stream() {
            return;
        }
        let is_not_sent = self.expects_continue && !was_read;
        let rest = if is_not_sent { BodyRest::Failed } else { read_arrived(&mut body).await };
        if rest == BodyRest::Read {
            return;
        }
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        // A body that timed out is not waited for any longer.
        if rest == BodyRest::Pending && response.status() != StatusCode::REQUEST_TIMEOUT {
            tokio::spawn(tokio::time::timeout(LINGER_TIMEOUT, linger(body)));
        }
    }
}

async fn read_arrived(body: &mut Incoming) -> BodyRest {
    let (mut bytes, mut yields) = (0, 0);
    while bytes <= MAX_ARRIVED_BYTES {
        match futures::poll!(next(body)) {
            Poll::Ready(Some(Ok(frame))) => bytes += frame.data_ref().map_or(0, Bytes::len),
            Poll::Ready(Some(Err(_))) => return BodyRest::Failed,
            Poll::Ready(None) => return BodyRest::Read,
            // Lets the connection's task pass on what has arrived.
            Poll::Pending if yields < MAX_YIELDS => {
                yields += 1;
                yield_now().await;
            }
            Poll::Pending => break,
        }
    }
    BodyRest::Pending
}

async fn linger(mut body: Incoming) {
    let mut bytes = 0;
    while bytes < MAX_LINGER_BYTES
        && let Some(Ok(frame)) = next(&mut body).await
    {
        bytes += frame.data_ref().map_or(0, Bytes::len);
    }
}

fn next(body: &mut Incoming) -> impl Future<Output = Option<Result<Frame<Bytes>, hyper::Error>>> {
    poll_fn(|context| Pin::new(&mut *body).poll_frame(context))
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl HttpBody for Borrowed {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut shared = lock(&self.0);
        shared.was_read = true;
        shared.body.as_mut().map_or(Poll::Ready(None), |body| Pin::new(body).poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.0).body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        lock(&self.0).body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}
