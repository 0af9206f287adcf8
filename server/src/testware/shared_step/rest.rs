//! Shared steps.

use app::model::id::ProjectId;
use app::model::page::Page;
use app::service::Testware;
use app::testware::shared_step::{CreateSharedStep, SharedStep, SharedStepId, SharedStepQuery, UpdateSharedStep};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Created, Problems};
use crate::testware::rest::{SubjectRoutes, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for SharedStep {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes()
    }
}

testware_handlers! {
    tag: "Shared steps", noun: "shared-steps", id: SharedStepId, query: SharedStepQuery, create: CreateSharedStep,
    update: UpdateSharedStep, view: SharedStep, detail: SharedStep,
    list: "/projects/{id}/shared-steps" "The project's shared steps, newest first.",
    create: "Creates a shared step; emits `shared_step.created`.",
    item: "/shared-steps/{id}" "One shared step.",
    update: "Changes a shared step, and so all test cases that use it, without events of their own; emits `shared_step.updated`.";
    delete: "Deletes a shared step. Test cases that use it get a copy of its steps instead, without events of their own. Emits `shared_step.deleted`.",
}
