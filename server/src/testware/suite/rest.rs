//! Suites.

use app::model::id::ProjectId;
use app::model::page::Page;
use app::service::Testware;
use app::testware::item::CopiedCases;
use app::testware::suite::{CreateSuite, Suite, SuiteDetail, SuiteId, SuiteQuery, UpdateSuite};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Created, Problems};
use crate::testware::rest::{SubjectRoutes, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for Suite {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes()
    }
}

testware_handlers! {
    tag: "Suites", noun: "suites", id: SuiteId, query: SuiteQuery, create: CreateSuite, update: UpdateSuite,
    view: Suite, detail: SuiteDetail,
    list: "/projects/{id}/suites" "The project's suites, newest first.",
    create: "Creates a suite; emits `suite.created`.",
    item: "/suites/{id}" "One suite.",
    update: "Renames, describes or moves a suite; emits `suite.updated`.";
    delete: "Deletes a suite. Its cases and suites move to the suite above, without events of their own. Emits `suite.deleted`.",
    duplicate: "/suites/{id}/duplicate" "Copies a suite with its active cases and its suites, without events for these; emits `suite.duplicated`. 409 for more than 1,000 of either.",
}
