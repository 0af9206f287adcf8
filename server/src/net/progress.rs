//! How far a request has come, so that one that ran out of time can say where.

use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tower::{Layer, Service};

use super::Response;

/// A part of a request that takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Asking for the host's addresses.
    Resolving,
    /// Connecting, TLS included.
    Connecting,
    /// Waiting for the response's headers.
    Waiting,
    /// Reading the response's body.
    Reading,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Resolving, Self::Connecting, Self::Waiting, Self::Reading];

    /// The phase in words, to follow "while".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Resolving => "looking up the host's name",
            Self::Connecting => "connecting",
            Self::Waiting => "waiting for the response",
            Self::Reading => "reading the response's body",
        }
    }
}

tokio::task_local! {
    /// The request that this task is about: the connector, which serves many, tells it.
    pub(super) static PROGRESS: Arc<Progress>;
}

/// What is known of a request under way.
#[derive(Default)]
pub(super) struct Progress {
    phase: AtomicU8,
    received: Mutex<Option<Response>>,
}

impl Progress {
    pub fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    pub fn phase(&self) -> Phase {
        Phase::ALL.get(usize::from(self.phase.load(Ordering::Relaxed))).copied().unwrap_or(Phase::Reading)
    }

    /// Changes what has been received so far.
    pub fn receive(&self, change: impl FnOnce(&mut Option<Response>)) {
        change(&mut self.received.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub fn take(&self) -> Option<Response> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Tells the request of this task when its connection is being made, and when it is there. A
/// request that got a pooled connection hears nothing, and was waiting all the time.
#[derive(Clone)]
pub(super) struct TrackConnecting;

impl<S> Layer<S> for TrackConnecting {
    type Service = Tracked<S>;

    fn layer(&self, inner: S) -> Tracked<S> {
        Tracked { inner }
    }
}

#[derive(Clone)]
pub(super) struct Tracked<S> {
    inner: S,
}

impl<S, R> Service<R> for Tracked<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let connecting = self.inner.call(request);
        Box::pin(async move {
            let _ = PROGRESS.try_with(|progress| progress.enter(Phase::Connecting));
            let connected = connecting.await;
            let _ = PROGRESS.try_with(|progress| progress.enter(Phase::Waiting));
            connected
        })
    }
}
