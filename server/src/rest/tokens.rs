//! The caller's own API tokens.

use app::model::id::TokenId;
use app::model::page::{Page, PageQuery};
use app::model::people::{ApiToken, CreateToken, CreatedToken};
use app::service::People;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Created, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

/// The caller's tokens, newest first, without their text.
#[utoipa::path(get, path = "/tokens", tag = "People", params(PageQuery),
    responses((status = 200, body = Page<ApiToken>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<ApiToken>>> {
    Ok(Json(state.list_tokens(&actor, page).await?))
}

/// Creates a token. Its text is shown only here.
#[utoipa::path(post, path = "/tokens", tag = "People", request_body = CreateToken,
    responses((status = 201, body = CreatedToken), Problems))]
async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(new): Body<CreateToken>,
) -> ApiResult<Created<CreatedToken>> {
    let created = state.create_token(&actor, new).await?;
    Ok(Created(format!("/tokens/{}", created.token.id), created))
}

/// Deletes a token.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "People", params(("id" = TokenId, Path)),
    responses((status = 204), Problems))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<TokenId>,
) -> ApiResult<StatusCode> {
    state.delete_token(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
