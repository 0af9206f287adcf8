//! Sends a file from the browser to the REST API. Server functions take no files.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, Headers, RequestInit, Response};

use super::{Import, ImportOptions, ImportPreview};
use crate::error::{Error, Result};
use crate::json::from_json;
use crate::model::id::ProjectId;

/// The longest name that the API takes, in characters.
const MAX_FILE_NAME_CHARS: usize = 200;

/// What the REST API says about a refused request.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    detail: String,
    errors: BTreeMap<String, String>,
}

/// What an import of the file would do.
///
/// # Errors
/// What the server says.
pub async fn preview(project: ProjectId, options: ImportOptions, file: File) -> Result<ImportPreview> {
    send(&format!("/api/v1/projects/{project}/imports/preview"), options, file).await
}

/// Starts an import of the file.
///
/// # Errors
/// What the server says.
pub async fn start(project: ProjectId, options: ImportOptions, file: File) -> Result<Import> {
    send(&format!("/api/v1/projects/{project}/imports"), options, file).await
}

async fn send<T: DeserializeOwned>(path: &str, options: ImportOptions, file: File) -> Result<T> {
    let name: String = file.name().chars().filter(|char| !char.is_control()).take(MAX_FILE_NAME_CHARS).collect();
    let options = ImportOptions { file_name: Some(name), ..options };
    let query = serde_urlencoded::to_string(&options).map_err(|error| transport(&error.to_string()))?;
    let (status, text) =
        exchange(&format!("{path}?{query}"), &file).await.map_err(|error| transport(&format!("{error:?}")))?;
    if status < 400 {
        return from_json(&text).map_err(|error| transport(&error.to_string()));
    }
    let Problem { detail, errors } = from_json(&text).unwrap_or_default();
    Err(match status {
        401 => Error::Unauthenticated,
        404 => Error::NotFound,
        409 => Error::Conflict { detail },
        _ if detail.is_empty() => Error::Internal,
        _ => Error::Invalid { detail, errors },
    })
}

async fn exchange(url: &str, file: &File) -> std::result::Result<(u16, String), JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "application/json")?;
    headers.set("Content-Type", "application/octet-stream")?;
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_body(file);
    options.set_headers_headers(&headers);
    let response = JsFuture::from(leptos::prelude::window().fetch_with_str_and_init(url, &options)).await?;
    let response: Response = response.unchecked_into();
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok((response.status(), text))
}

fn transport(detail: &str) -> Error {
    Error::from_server_fn_error(ServerFnErrorErr::Request(detail.to_owned()))
}
