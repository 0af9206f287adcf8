//! Uploads files from the browser. They are sent as they are, so they are not read into memory.

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, RequestInit, Response, UrlSearchParams};

use super::file_field::ChosenFiles;
use crate::components::number::counted;
use crate::components::toast::Toasts;
use crate::model::id::ResultId;
use crate::testware::attachment::MAX_ATTACHMENT_BYTES;

const TOO_LARGE: &str = "Attach at most 10 MiB.";
const UNREACHABLE: &str = "Testbell could not be reached. Try again.";

/// Attaches the chosen files to a result, one after the other. Each failure is shown with the name of its file.
pub fn upload_all(result: ResultId, chosen: ChosenFiles, toasts: Toasts, changed: Callback<()>) {
    let files = chosen.try_update_value(std::mem::take).unwrap_or_default();
    if files.is_empty() {
        return;
    }
    leptos::task::spawn_local(async move {
        let mut attached = 0;
        for file in files {
            match upload(result, &file).await {
                Ok(()) => attached += 1,
                Err(problem) => toasts.failed(format!("{}: {problem}", file.name())),
            }
        }
        if attached > 0 {
            toasts.done(format!("{} attached", counted(attached, "file", "files")));
            // The page may have been left.
            let _ = changed.try_run(());
        }
    });
}

async fn upload(result: ResultId, file: &File) -> Result<(), String> {
    if file.size() > MAX_ATTACHMENT_BYTES as f64 {
        return Err(TOO_LARGE.to_owned());
    }
    match send(result, file).await {
        Ok(None) => Ok(()),
        Ok(Some(problem)) => Err(problem),
        Err(_) => Err(UNREACHABLE.to_owned()),
    }
}

/// Returns why the file was refused.
async fn send(result: ResultId, file: &File) -> Result<Option<String>, JsValue> {
    let query = UrlSearchParams::new()?;
    query.append("name", &file.name());
    let url = format!("/api/v1/results/{result}/attachments?{}", String::from(query.to_string()));
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_body(file.as_ref());
    let response = JsFuture::from(window().fetch_with_str_and_init(&url, &options)).await?;
    let response: Response = response.unchecked_into();
    if response.ok() {
        return Ok(None);
    }
    let problem = JsFuture::from(response.json()?).await?;
    let detail = Reflect::get(&problem, &"detail".into())?.as_string();
    Ok(Some(detail.unwrap_or_else(|| UNREACHABLE.to_owned())))
}
