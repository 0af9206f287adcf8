//! A server function that a form or a button calls, with its pending state and its latest outcome.
//!
//! It does what the server action of leptos does, but its signals have one type for all functions, so that
//! the WASM has their code once.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::ServerFnUrlError;
use serde::de::DeserializeOwned;

use crate::api::page_call::{Request, decode};
use crate::api::request::send;
use crate::error::{Error, Result};

/// What a function returned, without its type.
type Output = Arc<dyn Any + Send + Sync>;
type PendingOutput = Pin<Box<dyn Future<Output = Result<Output>>>>;

/// Calls the server function `S`.
pub struct PageAction<S> {
    state: ActionState,
    of: PhantomData<fn() -> S>,
}

impl<S> Clone for PageAction<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for PageAction<S> {}

#[derive(Clone, Copy)]
struct ActionState {
    running: RwSignal<u32>,
    outcome: RwSignal<Option<Result<Output>>>,
}

impl<S> PageAction<S>
where
    S: ServerFn<Error = Error> + 'static,
    S::Output: DeserializeOwned + Clone + Send + Sync + 'static,
{
    /// An action that was not called yet. A form that was sent without a script leaves its error in the
    /// address of the page.
    #[must_use]
    pub fn new() -> Self {
        Self { state: ActionState::new(S::PATH), of: PhantomData }
    }

    /// Calls the function.
    pub fn dispatch(self, arguments: S) {
        let answer = S::run_on_client(arguments);
        self.state.start(Box::pin(async move { answer.await.map(erase) }));
    }

    /// Calls the function with the encoded fields of a form.
    pub fn submit(self, fields: String) {
        let answer = send(Request::form(S::url(), fields));
        self.state.start(Box::pin(async move { decode::<S::Output>(&answer.await?).map(erase) }));
    }

    /// Whether a call is running.
    #[must_use]
    pub fn pending(self) -> Signal<bool> {
        self.state.pending()
    }

    /// The error of the latest call, while no other is running.
    #[must_use]
    pub fn error(self) -> Signal<Option<Error>> {
        self.state.error()
    }

    /// What the latest call returned, if it has succeeded and no other is running.
    #[must_use]
    pub fn output(self) -> Option<S::Output> {
        if self.state.running.get() > 0 {
            return None;
        }
        self.state.outcome.with(|outcome| match outcome {
            Some(Ok(output)) => output.downcast_ref::<S::Output>().cloned(),
            _ => None,
        })
    }

    /// Clears the outcome of the latest call.
    pub fn clear(self) {
        let _ = self.state.outcome.try_set(None);
    }

    /// Runs `then` each time a call has succeeded.
    pub fn on_success(self, then: impl Fn(S::Output) + 'static) {
        self.state.on_success(Box::new(move |output| {
            if let Some(output) = output.downcast_ref::<S::Output>() {
                then(output.clone());
            }
        }));
    }
}

impl<S> Default for PageAction<S>
where
    S: ServerFn<Error = Error> + 'static,
    S::Output: DeserializeOwned + Clone + Send + Sync + 'static,
{
    fn default() -> Self {
        Self::new()
    }
}

fn erase<T: Send + Sync + 'static>(output: T) -> Output {
    Arc::new(output)
}

impl ActionState {
    fn new(path: &str) -> Self {
        let failed = use_context::<ServerActionError>()
            .filter(|error| error.path() == path)
            .map(|error| Err(ServerFnUrlError::<Error>::decode_err(error.err())));
        Self { running: RwSignal::new(0), outcome: RwSignal::new(failed) }
    }

    fn start(self, answer: PendingOutput) {
        let _ = self.running.try_update(|running| *running += 1);
        leptos::task::spawn_local(async move {
            let outcome = answer.await;
            // The page may have been left in the meantime.
            let _ = self.outcome.try_set(Some(outcome));
            let _ = self.running.try_update(|running| *running = running.saturating_sub(1));
        });
    }

    fn pending(self) -> Signal<bool> {
        Signal::derive(move || self.running.get() > 0)
    }

    fn error(self) -> Signal<Option<Error>> {
        Signal::derive(move || {
            if self.running.get() > 0 {
                return None;
            }
            self.outcome.with(|outcome| outcome.as_ref().and_then(|outcome| outcome.as_ref().err().cloned()))
        })
    }

    fn on_success(self, then: Box<dyn Fn(&Output)>) {
        Effect::new(move |_| {
            if let Some(Ok(output)) = self.outcome.get() {
                untrack(|| then(&output));
            }
        });
    }
}
