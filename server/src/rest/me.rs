//! The caller.

use app::model::people::Actor;
use axum::Json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::Problems;
use super::extract::Caller;
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(me))
}

/// Who is calling.
#[utoipa::path(get, path = "/me", tag = "People", responses((status = 200, body = Actor), Problems))]
async fn me(Caller(actor): Caller) -> Json<Actor> {
    Json(actor)
}
