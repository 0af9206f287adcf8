//! The search over a whole project.

use app::model::id::ProjectId;
use app::model::search::{SearchHit, SearchQuery};
use app::service::ProjectOverview;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(search))
}

/// The issues and testware of a project with these words in title, name or key: the five newest of each subject that are
/// neither deleted nor archived.
#[utoipa::path(get, path = "/projects/{id}/search", tag = "Projects", params(("id" = ProjectId, Path), SearchQuery),
    responses((status = 200, body = [SearchHit]), Problems))]
async fn search(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(query): Params<SearchQuery>,
) -> ApiResult<Json<Vec<SearchHit>>> {
    Ok(Json(state.search(&actor, project, query).await?))
}
