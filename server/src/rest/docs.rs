//! `GET /api/v1/openapi.json`, and `/api/docs` to read it. The page and its scripts are part of
//! the binary.

use axum::extract::Extension;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use bytes::Bytes;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement, Server};
use utoipa::{PartialSchema, ToSchema};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::V1;
use super::problem::ProblemBody;
use crate::core::Core;

const DESCRIPTION: &str = "The API of this Testbell instance. Sign in with the browser, or send a personal API \
    token as `Authorization: Bearer tb_...`. Times are RFC 3339 in UTC. Lists come in pages: send `nextCursor` back \
    as `cursor`. Errors are problem details (RFC 9457).";

/// The rendered description of the API.
#[derive(Clone)]
pub struct Description(Bytes);

/// What the routes are described within.
pub fn frame() -> OpenApi {
    let info = InfoBuilder::new().title("Testbell").version(env!("CARGO_PKG_VERSION")).description(Some(DESCRIPTION));
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("tb_...").build();
    let cookie = ApiKey::Cookie(ApiKeyValue::new("testbell_session"));
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

/// The description as JSON, rendered once.
pub fn render(description: &OpenApi) -> Description {
    // The description is plain data; were it ever not to serialise, a test would say so.
    Description(serde_json::to_vec(description).unwrap_or_default().into())
}

pub async fn openapi(Extension(Description(json)): Extension<Description>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
}

/// `/api/docs`: a page to read the description and to try the calls.
pub fn docs() -> Router<Core> {
    let page = SwaggerUi::new("/api/docs").config(Config::from(format!("{V1}/openapi.json")));
    Router::from(page).layer(middleware::map_response(allow_its_styles))
}

/// The page's library styles elements by script, which the instance's own policy forbids.
async fn allow_its_styles(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
        object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
