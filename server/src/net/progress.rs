//! The progress of a request, so that a timeout can name its phase.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Response;

/// A phase of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Resolving the host name.
    Resolving,
    /// Connecting, TLS included.
    Connecting,
    /// Connecting to the outbound proxy.
    Proxy,
    /// Waiting until the outbound proxy has connected to the host.
    Tunnel,
    /// Waiting for the response's headers.
    Waiting,
    /// Reading the response's body.
    Reading,
}

impl Phase {
    const ALL: [Self; 6] = [Self::Resolving, Self::Connecting, Self::Proxy, Self::Tunnel, Self::Waiting, Self::Reading];

    /// For a sentence: "while ...".
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Resolving => "resolving the host name",
            Self::Connecting => "connecting",
            Self::Proxy => "connecting to the outbound proxy",
            Self::Tunnel => "waiting for the outbound proxy to connect to the host",
            Self::Waiting => "waiting for the response",
            Self::Reading => "reading the response body",
        }
    }
}

tokio::task_local! {
    /// The request of this task, for the connector, which serves many requests.
    pub(super) static PROGRESS: Arc<RequestProgress>;
}

/// Enters a phase of the request of this task. hyper may connect in another task, without a request.
pub(super) fn enter(phase: Phase) {
    let _ = PROGRESS.try_with(|progress| progress.enter(phase));
}

/// The phase of the request of this task.
pub(super) fn current_phase() -> Option<Phase> {
    PROGRESS.try_with(|progress| progress.phase()).ok()
}

/// The state of a request in flight.
#[derive(Default)]
pub(super) struct RequestProgress {
    phase: AtomicU8,
    received: Mutex<Option<Response>>,
}

impl RequestProgress {
    pub fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    pub fn phase(&self) -> Phase {
        Phase::ALL.get(usize::from(self.phase.load(Ordering::Relaxed))).copied().unwrap_or(Phase::Reading)
    }

    /// Updates the response so far.
    pub fn receive(&self, change: impl FnOnce(&mut Option<Response>)) {
        change(&mut self.received.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Updates the response if its headers have arrived.
    pub fn change(&self, change: impl FnOnce(&mut Response)) {
        self.receive(|received| {
            if let Some(received) = received {
                change(received);
            }
        });
    }

    pub fn take(&self) -> Option<Response> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
