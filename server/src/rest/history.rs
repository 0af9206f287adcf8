//! The delivery history: export, deletion and erasing, and the settings of the instance.

use app::error::Error;
use app::model::delivery::DeliveryQuery;
use app::model::history::{
    ClearAllHistory, ClearHistory, EraseContent, ExportFormat, HistoryPurge, InstanceSettings, UpdateInstanceSettings,
};
use app::model::id::{DeliveryId, ProjectId};
use app::model::people::Actor;
use app::service::History;
use axum::Json;
use axum::body::Body as ResponseBody;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Missing, Problems};
use crate::app_state::AppState;
use crate::history::{self, ExportScope, ExportedDelivery};
use crate::web::Problem;
use crate::web::extract::{Body, Caller, PathId};
use crate::web::fields;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(settings, update_settings))
        .routes(routes!(export))
        .routes(routes!(export_all))
        .routes(routes!(clear))
        .routes(routes!(clear_all))
        .routes(routes!(erase))
}

/// The settings of the instance; for system admins.
#[utoipa::path(get, path = "/settings", tag = "Settings", responses((status = 200, body = InstanceSettings), Problems))]
async fn settings(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<Json<InstanceSettings>> {
    Ok(Json(state.instance_settings(&actor).await?))
}

/// Changes after how many days the delivery history is deleted; for system admins.
#[utoipa::path(patch, path = "/settings", tag = "Settings", request_body = UpdateInstanceSettings,
    responses((status = 200, body = InstanceSettings), Problems))]
async fn update_settings(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(change): Body<UpdateInstanceSettings>,
) -> ApiResult<Json<InstanceSettings>> {
    Ok(Json(state.update_instance_settings(&actor, change).await?))
}

/// The query of an export: the filters of the list, and `format`.
struct ExportParams {
    format: ExportFormat,
    query: DeliveryQuery,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FormatParam {
    format: Option<ExportFormat>,
}

impl<S: Sync> FromRequestParts<S> for ExportParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = parts.uri.query().unwrap_or_default();
        // Apart, because a flattened struct would get all values as text.
        let part = |of_format: bool| {
            let pairs = url::form_urlencoded::parse(text.as_bytes());
            let pairs = pairs.filter(|(name, _)| (name == "format") == of_format);
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        };
        let FormatParam { format } = read_query(&part(true))?;
        let query: DeliveryQuery = read_query(&part(false))?;
        if query.cursor.is_some() {
            return Err(Problem(Error::field("cursor", "An export has no pages. Leave it out.")));
        }
        Ok(Self { format: format.unwrap_or(ExportFormat::Json), query })
    }
}

fn read_query<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let pairs = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(text.as_bytes()));
    fields::deserialize(pairs, "Unknown parameter.").map_err(|(broken, _)| Problem(broken.into_error()))
}

/// Downloads all deliveries that match the filters, with their payloads and attempts, without secrets. `json` is one
/// array, `ndjson` has one object per line. It has no pages: `limit` doesn't matter, and `cursor` is refused.
#[utoipa::path(get, path = "/projects/{id}/deliveries/export", tag = "Deliveries",
    params(("id" = ProjectId, Path), ("format" = inline(Option<ExportFormat>), Query), DeliveryQuery),
    responses((status = 200, content(
        (Vec<ExportedDelivery> = "application/json"),
        (String = "application/x-ndjson"),
    )), Problems))]
async fn export(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    ExportParams { format, query }: ExportParams,
) -> ApiResult<Response> {
    download(state, actor, ExportScope::Project(project), format, query).await
}

/// Downloads the deliveries of all projects that match the filters, also those of deleted projects; for system admins.
/// See the download of one project. One project follows the other; the oldest is the first.
#[utoipa::path(get, path = "/deliveries/export", tag = "Deliveries",
    params(("format" = inline(Option<ExportFormat>), Query), DeliveryQuery),
    responses((status = 200, content(
        (Vec<ExportedDelivery> = "application/json"),
        (String = "application/x-ndjson"),
    )), Problems, Missing))]
async fn export_all(
    State(state): State<AppState>,
    Caller(actor): Caller,
    ExportParams { format, query }: ExportParams,
) -> ApiResult<Response> {
    download(state, actor, ExportScope::Instance, format, query).await
}

async fn download(
    state: AppState,
    actor: Actor,
    scope: ExportScope,
    format: ExportFormat,
    query: DeliveryQuery,
) -> ApiResult<Response> {
    let date = state.clock.now().format("%Y-%m-%d");
    let name = format!("attachment; filename=\"deliveries-{date}.{format}\"");
    let content_type = match format {
        ExportFormat::Json => "application/json",
        ExportFormat::Ndjson => "application/x-ndjson",
    };
    let stream = history::export(state, actor, scope, query, format).await?;
    let mut response = ResponseBody::from_stream(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Deletes the finished deliveries of a project, or of one of its webhooks, in the background. `confirm` is the
/// project's key or the webhook's name. The audit log has the result.
#[utoipa::path(post, path = "/projects/{id}/deliveries/clear", tag = "Deliveries", params(("id" = ProjectId, Path)),
    request_body = ClearHistory, responses((status = 202, body = HistoryPurge), Problems))]
async fn clear(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(clear): Body<ClearHistory>,
) -> ApiResult<(StatusCode, Json<HistoryPurge>)> {
    Ok((StatusCode::ACCEPTED, Json(state.clear_history(&actor, project, clear).await?)))
}

/// Deletes the finished deliveries of all projects in the background; for system admins. `confirm` is `delete all
/// history`.
#[utoipa::path(post, path = "/deliveries/clear", tag = "Deliveries", request_body = ClearAllHistory,
    responses((status = 202, body = HistoryPurge), Problems))]
async fn clear_all(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(clear): Body<ClearAllHistory>,
) -> ApiResult<(StatusCode, Json<HistoryPurge>)> {
    Ok((StatusCode::ACCEPTED, Json(state.clear_all_history(&actor, clear).await?)))
}

/// Erases the payload of a delivery, which is the same in all deliveries of its event, or its responses, for good. The
/// delivery stays in the list, and says who erased it.
#[utoipa::path(post, path = "/deliveries/{id}/erase", tag = "Deliveries", params(("id" = DeliveryId, Path)),
    request_body = EraseContent, responses((status = 204), Problems, Conflict))]
async fn erase(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<DeliveryId>,
    Body(content): Body<EraseContent>,
) -> ApiResult<StatusCode> {
    state.erase_content(&actor, id, content).await?;
    Ok(StatusCode::NO_CONTENT)
}
