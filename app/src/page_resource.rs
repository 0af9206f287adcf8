//! The data of a page: read on the server, sent with the page, read again in the browser when what it
//! depends on changes.
//!
//! It is a leptos resource of one type for all data. A resource of a type of its own would bring its own
//! copy of the machinery into the WASM, ten times larger than the code that reads the data.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use leptos::prelude::*;
use leptos::reactive::computed::AsyncDerivedFuture;
use leptos::server::codee::{Decoder, Encoder};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json::{Malformed, from_json};

/// Data of type `T` that follows what it depends on. `.await` waits for it and clones it.
pub struct PageResource<T> {
    inner: Resource<Loaded, Json>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for PageResource<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for PageResource<T> {}

impl<T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static> PageResource<T> {
    /// Data that `read` returns for what `source` returns.
    pub fn new<S, Fut>(
        source: impl Fn() -> S + Send + Sync + 'static,
        read: impl Fn(S) -> Fut + Send + Sync + 'static,
    ) -> Self
    where
        S: PartialEq + Send + Sync + 'static,
        Fut: Future<Output = T> + Send + 'static,
    {
        Self::with_options(source, read, false)
    }

    /// The same; the server waits for it before it sends anything of the page.
    pub fn new_blocking<S, Fut>(
        source: impl Fn() -> S + Send + Sync + 'static,
        read: impl Fn(S) -> Fut + Send + Sync + 'static,
    ) -> Self
    where
        S: PartialEq + Send + Sync + 'static,
        Fut: Future<Output = T> + Send + 'static,
    {
        Self::with_options(source, read, true)
    }

    fn with_options<S, Fut>(
        source: impl Fn() -> S + Send + Sync + 'static,
        read: impl Fn(S) -> Fut + Send + Sync + 'static,
        blocking: bool,
    ) -> Self
    where
        S: PartialEq + Send + Sync + 'static,
        Fut: Future<Output = T> + Send + 'static,
    {
        let source = Arc::new(source);
        let key = Arc::clone(&source);
        let read = move || -> Reading {
            let reading = read(untrack(|| source()));
            Box::pin(async move { Loaded::new(reading.await) })
        };
        let inner = create(Box::new(move || Key(Arc::new(key()))), Box::new(read), decode::<T>, blocking);
        Self { inner, of: PhantomData }
    }

    /// Reads the data again.
    pub fn refetch(self) {
        self.inner.refetch();
    }

    /// Shows `value`, for example what a change returned, without reading again.
    pub fn show(self, value: T) {
        self.inner.set(Some(Loaded::new(value)));
    }
}

impl<T: Clone + 'static> IntoFuture for PageResource<T> {
    type Output = T;
    type IntoFuture = PageResourceFuture<T>;

    fn into_future(self) -> Self::IntoFuture {
        PageResourceFuture { inner: self.inner.into_future(), of: PhantomData }
    }
}

/// Waits for the data.
pub struct PageResourceFuture<T> {
    inner: AsyncDerivedFuture<Loaded>,
    of: PhantomData<fn() -> T>,
}

impl<T: Clone + 'static> Future for PageResourceFuture<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match Pin::new(&mut self.inner).poll(context) {
            // It is always a `T`: nothing else is ever put in.
            Poll::Ready(loaded) => loaded.value.downcast_ref::<T>().cloned().map_or(Poll::Pending, Poll::Ready),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// What was read, without its type.
#[derive(Clone)]
struct Loaded {
    value: Arc<dyn Any + Send + Sync>,
    #[cfg(feature = "ssr")]
    encode: fn(&dyn Any) -> serde_json::Result<String>,
}

impl Loaded {
    fn new<T: Serialize + Send + Sync + 'static>(value: T) -> Self {
        Self {
            value: Arc::new(value),
            #[cfg(feature = "ssr")]
            encode: |value| serde_json::to_string(&value.downcast_ref::<T>()),
        }
    }
}

type Decode = fn(&str) -> Result<Loaded, Malformed>;

fn decode<T: Serialize + DeserializeOwned + Send + Sync + 'static>(text: &str) -> Result<Loaded, Malformed> {
    from_json::<T>(text).map(Loaded::new)
}

/// What the data depends on. Only its equality counts.
#[derive(Clone)]
struct Key(Arc<dyn AnyKey>);

trait AnyKey: Any + Send + Sync {
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<S: PartialEq + Send + Sync + 'static> AnyKey for S {
    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<S>() == Some(self)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let other: &dyn Any = &*other.0;
        self.0.equals(other)
    }
}

type Source = Box<dyn Fn() -> Key + Send + Sync>;
type Reading = Pin<Box<dyn Future<Output = Loaded> + Send>>;
type ReadFn = Box<dyn Fn() -> Reading + Send + Sync>;

/// The only function that creates a resource.
fn create(source: Source, read: ReadFn, decode: Decode, blocking: bool) -> Resource<Loaded, Json> {
    // The data that came with the page is decoded before this returns.
    DECODE.set(Some(decode));
    let resource = Resource::new_with_options(source, move |_: Key| read(), blocking);
    DECODE.set(None);
    resource
}

thread_local! {
    /// How to decode the data of the resource that is being created.
    static DECODE: Cell<Option<Decode>> = const { Cell::new(None) };
}

/// The codec: JSON of the type that was read.
struct Json;

/// Why data could not be sent with the page or taken from it.
#[derive(Debug)]
struct CodecError;

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the data of the page could not be read")
    }
}

impl Encoder<Loaded> for Json {
    type Error = CodecError;
    type Encoded = String;

    #[cfg(feature = "ssr")]
    fn encode(loaded: &Loaded) -> Result<String, CodecError> {
        (loaded.encode)(&*loaded.value).map_err(|_| CodecError)
    }

    /// The browser sends no data of a page.
    #[cfg(not(feature = "ssr"))]
    fn encode(_: &Loaded) -> Result<String, CodecError> {
        Err(CodecError)
    }
}

impl Decoder<Loaded> for Json {
    type Error = CodecError;
    type Encoded = str;

    fn decode(text: &str) -> Result<Loaded, CodecError> {
        DECODE.get().and_then(|decode| decode(text).ok()).ok_or(CodecError)
    }
}
