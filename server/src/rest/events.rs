//! The catalogue of events.

use app::model::catalog::{self, EventDescription};
use axum::Json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::Problems;
use super::extract::Caller;
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Every event that a webhook can subscribe to, with the schema of its data and a sample.
#[utoipa::path(get, path = "/events", tag = "Webhooks", responses((status = 200, body = [EventDescription]), Problems))]
async fn list(_: Caller) -> Json<Vec<EventDescription>> {
    Json(catalog::describe())
}
