//! Serves `GET /api/v1/openapi.json`, and `/api/docs` for people.

use axum::Router;
use axum::extract::Extension;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use serde_json::Value;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement, Server};
use utoipa::{PartialSchema, ToSchema};

use super::reference::{self, ReferencePage};
use super::{V1, document};
use crate::app_state::AppState;
use crate::assets::Assets;
use crate::web::problem::ProblemBody;

const DESCRIPTION: &str = "The API of this Testbell instance. Sign in with the browser, or send a personal API \
    token as `Authorization: Bearer tb_...`. Times are RFC 3339 in UTC with milliseconds. Unknown fields and parameters are refused. Lists come in pages: send `nextCursor` back \
    as `cursor`. Errors are problem details (RFC 9457).";

/// The rendered description of the API.
#[derive(Clone)]
pub struct Description(Bytes);

/// The document without routes. `cookie` is the name of the session cookie.
pub fn frame(cookie: &str) -> OpenApi {
    let info = InfoBuilder::new().title("Testbell").version(env!("CARGO_PKG_VERSION")).description(Some(DESCRIPTION));
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("tb_...").build();
    let cookie = ApiKey::Cookie(ApiKeyValue::new(cookie));
    let components = ComponentsBuilder::new()
        .schema(ProblemBody::name(), ProblemBody::schema())
        .security_scheme("token", SecurityScheme::Http(token))
        .security_scheme("session", SecurityScheme::ApiKey(cookie));
    let none: [&str; 0] = [];
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([Server::new(V1)]))
        .components(Some(components.build()))
        .security(Some([SecurityRequirement::new("token", none), SecurityRequirement::new("session", none)]))
        .build()
}

/// The served document, rendered once.
pub fn render(document: &Value) -> Description {
    Description(document.to_string().into())
}

pub async fn openapi(Extension(Description(json)): Extension<Description>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
}

/// `/api/docs`: the document as a page.
pub fn docs(assets: &Assets, cookie: &'static str) -> Router<AppState> {
    let document = move || document::complete(&super::described(cookie).into_openapi());
    Router::new()
        .route("/api/docs", get(reference::page))
        .route("/api/docs/", get(|| async { Redirect::permanent("/api/docs") }))
        .layer(Extension(ReferencePage::new(document, assets)))
}
