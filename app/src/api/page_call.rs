//! The protocol of the server functions. On the server it is that of leptos. In the browser one function
//! sends every request: a copy of it for each server function would be a large part of the WASM.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use server_fn::client::Client;
use server_fn::codec::{GetUrl, Json, PostUrl};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use server_fn::server::Server;
use server_fn::{ContentType, Http, Protocol};

use super::request::send;
use crate::error::{Error, Result};
use crate::json::from_json;
use crate::json::text::Text;

/// The protocol: arguments in `Encoding`, the answer as JSON text.
pub struct PageCall<Encoding>(PhantomData<Encoding>);

/// A request of the browser.
pub struct Request {
    /// The path, with the arguments of a `GET`.
    pub url: String,
    /// The content type and the body of a `POST`.
    pub body: Option<(&'static str, String)>,
}

impl Request {
    /// A `POST` of a form, as it is encoded without a script.
    #[must_use]
    pub fn form(path: &str, fields: String) -> Self {
        Self { url: path.to_owned(), body: Some((PostUrl::CONTENT_TYPE, fields)) }
    }
}

/// How arguments become a request.
pub trait ToRequest {
    /// The request.
    ///
    /// # Errors
    /// [`Error::Transport`] if the arguments can't be encoded.
    fn request(path: &str, arguments: &impl Serialize) -> Result<Request>;
}

impl ToRequest for GetUrl {
    fn request(path: &str, arguments: &impl Serialize) -> Result<Request> {
        let query = serde_qs::to_string(arguments).map_err(encoding_error)?;
        Ok(Request { url: format!("{path}?{query}"), body: None })
    }
}

impl ToRequest for PostUrl {
    fn request(path: &str, arguments: &impl Serialize) -> Result<Request> {
        Ok(Request::form(path, serde_qs::to_string(arguments).map_err(encoding_error)?))
    }
}

impl ToRequest for Json {
    fn request(path: &str, arguments: &impl Serialize) -> Result<Request> {
        let body = serde_json::to_string(arguments).map_err(encoding_error)?;
        Ok(Request { url: path.to_owned(), body: Some((Json::CONTENT_TYPE, body)) })
    }
}

fn encoding_error(error: impl ToString) -> Error {
    Error::from_server_fn_error(ServerFnErrorErr::Serialization(error.to_string()))
}

/// Reads an answer.
///
/// # Errors
/// [`Error::Transport`] if it is not what the server function returns.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T> {
    from_json(text).map_err(|error| Error::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string())))
}

/// The text of a response that has not arrived yet.
pub type PendingResponse = Pin<Box<dyn Future<Output = Result<String>> + Send>>;

impl<Encoding, Input, Output, C, S> Protocol<Input, Output, C, S, Error> for PageCall<Encoding>
where
    Http<Encoding, Text>: Protocol<Input, Output, C, S, Error>,
    Encoding: ToRequest,
    Input: Serialize + Send,
    Output: DeserializeOwned + Send,
    C: Client<Error>,
    S: Server<Error>,
{
    const METHOD: Method = <Http<Encoding, Text> as Protocol<Input, Output, C, S, Error>>::METHOD;

    fn run_server<F, Fut>(request: S::Request, server_fn: F) -> impl Future<Output = Result<S::Response>> + Send
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output>> + Send,
    {
        <Http<Encoding, Text> as Protocol<Input, Output, C, S, Error>>::run_server(request, server_fn)
    }

    fn run_client(path: &str, input: Input) -> impl Future<Output = Result<Output>> + Send {
        let answer: Result<PendingResponse> = Encoding::request(path, &input).map(send);
        async move { decode(&answer?.await?) }
    }
}
