//! The catalog of events.

use app::model::catalog::{self, EventDescription};
use axum::Json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::Problems;
use crate::app_state::AppState;
use crate::web::extract::Caller;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Every event that an endpoint can receive, with the schema of its data and a sample.
#[utoipa::path(get, path = "/events", tag = "Webhooks", responses((status = 200, body = [EventDescription]), Problems))]
async fn list(_: Caller) -> Json<Vec<EventDescription>> {
    Json(catalog::describe())
}
