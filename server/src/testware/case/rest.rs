//! Test cases.

use app::model::id::ProjectId;
use app::model::page::Page;
use app::service::Testware;
use app::testware::case::{CaseId, CaseQuery, CreateCase, TestCase, UpdateCase};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Created, Problems};
use crate::testware::rest::{SubjectRoutes, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for TestCase {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes()
    }
}

testware_handlers! {
    tag: "Cases", noun: "cases", id: CaseId, query: CaseQuery, create: CreateCase, update: UpdateCase,
    view: TestCase, detail: TestCase,
    list: "/projects/{id}/cases" "The project's test cases, newest first.",
    create: "Creates a test case; emits `case.created`.",
    item: "/cases/{id}" "One test case.",
    update: "Changes a test case; emits `case.updated` if anything changed.";
    delete: "Deletes a test case. Runs that include it keep it. Emits `case.deleted`.",
    duplicate: "/cases/{id}/duplicate" "Copies a test case; emits `case.duplicated`.",
}
