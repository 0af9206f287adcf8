//! The attachments of results.

use app::error::Error;
use app::model::id::ResultId;
use app::model::page::{Page, PageQuery};
use app::service::Results;
use app::testware::attachment::{Attachment, AttachmentId, AttachmentParams};
use axum::Json;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tracing::Instrument;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::upload::{UploadError, attach};
use super::{chunks, file_name};
use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Conflict, Created, Problems};
use crate::web::Problem;
use crate::web::extract::{Caller, Params, PathId};
use crate::web::json::refuse_encoding;
use crate::web::problem::refuse;

/// Nothing in an attachment may run, whatever a browser takes it for.
const POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// The content of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "only the API document uses it")]
struct FileContent(Vec<u8>);

/// The routes of attachments.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(read, delete)).routes(routes!(download))
}

/// The attachments of a result, newest first.
#[utoipa::path(get, path = "/results/{id}/attachments", tag = "Results", params(("id" = ResultId, Path), PageQuery),
    responses((status = 200, body = Page<Attachment>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ResultId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<Attachment>>> {
    Ok(Json(state.attachments(&actor, id, page).await?))
}

/// Attaches a file to a result. The body is the content of the file, of any content type, at most 10 MiB. A result has at
/// most 10 attachments, and those of a project have at most 2 GiB in total; otherwise 409, as when its run or session is
/// completed.
#[utoipa::path(post, path = "/results/{id}/attachments", tag = "Results",
    params(("id" = ResultId, Path), AttachmentParams),
    request_body(content = FileContent, content_type = "application/octet-stream", description = "The content of the file."),
    responses((status = 201, body = Attachment), Problems, Conflict))]
async fn add(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ResultId>,
    Params(params): Params<AttachmentParams>,
    request: Request,
) -> Response {
    if let Some(refusal) = refuse_encoding(request.headers()) {
        return refusal;
    }
    let declared = declared_length(request.headers()).or_else(|| request.body().size_hint().exact());
    // If the sender goes away, the upload must be removed.
    let attaching = async move { attach(&state, &actor, id, (params.name, declared), request.into_body()).await };
    let attached = tokio::spawn(attaching.in_current_span()).await;
    match attached.unwrap_or(Err(UploadError::Refused(Error::Internal))) {
        Ok(attachment) => Created(format!("/attachments/{}", attachment.id), attachment).into_response(),
        Err(UploadError::Refused(error)) => Problem(error).into_response(),
        Err(UploadError::TooLarge) => refuse(StatusCode::PAYLOAD_TOO_LARGE, "Attach at most 10 MiB."),
        Err(UploadError::Incomplete) => {
            refuse(StatusCode::BAD_REQUEST, "The request body is incomplete. Send it again.")
        }
    }
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// One attachment, without its content.
#[utoipa::path(get, path = "/attachments/{id}", tag = "Results", params(("id" = AttachmentId, Path)),
    responses((status = 200, body = Attachment), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<AttachmentId>,
) -> ApiResult<Json<Attachment>> {
    Ok(Json(state.attachment(&actor, id).await?))
}

/// The content of an attachment. Browsers show PNG, JPEG, GIF and WebP images, and download everything else.
#[utoipa::path(get, path = "/attachments/{id}/content", tag = "Results", params(("id" = AttachmentId, Path)),
    responses((status = 200, content(
        (FileContent = "application/octet-stream"), (FileContent = "image/png"), (FileContent = "image/jpeg"),
        (FileContent = "image/gif"), (FileContent = "image/webp"))), Problems))]
async fn download(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<AttachmentId>,
) -> ApiResult<Response> {
    let attachment = state.attachment(&actor, id).await?;
    let size = u64::from(attachment.size);
    let mut response = Body::from_stream(chunks::read(state, id, size)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    let disposition = file_name::content_disposition(attachment.is_image(), &attachment.name);
    for (name, value) in [(header::CONTENT_TYPE, &attachment.content_type), (header::CONTENT_DISPOSITION, &disposition)]
    {
        headers.insert(name, HeaderValue::from_str(value).map_err(|_| Problem(Error::Internal))?);
    }
    Ok(response)
}

/// Deletes an attachment. 409 when its run or session is completed.
#[utoipa::path(delete, path = "/attachments/{id}", tag = "Results", params(("id" = AttachmentId, Path)),
    responses((status = 204), Problems, Conflict))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<AttachmentId>,
) -> ApiResult<StatusCode> {
    state.delete_attachment(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
