//! Test plans.

use app::model::id::ProjectId;
use app::model::page::Page;
use app::service::Testware;
use app::testware::group::GroupQuery;
use app::testware::plan::{CreatePlan, PlanDetail, PlanId, TestPlan, UpdatePlan};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Conflict, Created, Problems};
use crate::testware::rest::{SubjectRoutes, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for TestPlan {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes()
    }
}

testware_handlers! {
    tag: "Test plans", noun: "plans", id: PlanId, query: GroupQuery, create: CreatePlan, update: UpdatePlan,
    view: TestPlan, detail: PlanDetail,
    list: "/projects/{id}/plans" "The project's test plans, newest first.",
    create: "Creates a test plan; emits `plan.created`.",
    item: "/plans/{id}" "One test plan.",
    update: "Changes a test plan that is not completed; emits `plan.updated`.", Conflict;
    delete: "Deletes a test plan. Its runs stay, without events of their own. Emits `plan.deleted`.",
    complete: "/plans/{id}/complete" "Completes a test plan; emits `plan.completed`. 409 when it is already completed.",
}
