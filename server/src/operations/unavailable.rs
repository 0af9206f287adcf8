//! Answers requests during a database outage: 503 with `Retry-After`, before trackers and proxies
//! give up, however many times a request waits for the database.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use crate::app_state::AppState;
use crate::storage::{PROBE_TIMEOUT, Unavailable, report_outage};
use crate::web::Problem;

/// The time after which a running request checks the database, repeatedly. With the timeout of the
/// probe, this stays well below the 10 seconds after which trackers give up.
const CHECK_INTERVAL: Duration = Duration::from_secs(4);

/// Ends a request that waits for an unavailable database. Requests that are slow for another reason
/// continue.
///
/// Real time: a test that advances the mock clock would end running requests.
pub async fn respond_in_outage(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let for_person = wants_page(&request);
    let mut response = std::pin::pin!(next.run(request));
    loop {
        tokio::select! {
            biased;
            response = response.as_mut() => return if for_person { as_page(response) } else { response },
            reason = outage(&state) => if let Some(reason) = reason {
                let response = Problem(reason.into()).into_response();
                return if for_person { as_page(response) } else { response };
            },
        }
    }
}

/// Why the database is unavailable; `None` if it isn't.
async fn outage(state: &AppState) -> Option<Unavailable> {
    tokio::time::sleep(CHECK_INTERVAL).await;
    match tokio::time::timeout(PROBE_TIMEOUT, state.store.probe()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            report_outage(&error, "a request waited for the database");
            Unavailable::from_db_error(&error)
        }
        Err(_) => Some(Unavailable::Unreachable),
    }
}

fn wants_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    matches!(*request.method(), Method::GET | Method::HEAD)
        && accept.contains("text/html")
        && !request.uri().path().starts_with("/api/")
}

/// A browser gets an HTML page.
fn as_page(response: Response) -> Response {
    let is_html =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let Some(retry_after) = response.headers().get(header::RETRY_AFTER).cloned() else { return response };
    if response.status() != StatusCode::SERVICE_UNAVAILABLE || is_html {
        return response;
    }
    let page = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Testbell is unavailable</title>\
                </head><body><main><h1>Testbell is unavailable</h1><p>The database can't be used at the moment. \
                Nothing is lost. Try again in a few seconds.</p><p><a href=\"\">Reload</a></p></main></body></html>";
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, retry_after)], no_store, Html(page)).into_response()
}
