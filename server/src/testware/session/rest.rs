//! Sessions and their results.

use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::service::{Executions, Testware};
use app::testware::execution::{AddResult, ExecutionQuery, TestResult};
use app::testware::session::{CreateSession, SessionDetail, SessionId, TestSession, UpdateSession};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Conflict, Created, Problems};
use crate::testware::rest::{SubjectRoutes, execution_handlers, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for TestSession {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes().merge(execution_routes())
    }
}

testware_handlers! {
    tag: "Sessions", noun: "sessions", id: SessionId, query: ExecutionQuery, create: CreateSession,
    update: UpdateSession, view: TestSession, detail: SessionDetail,
    list: "/projects/{id}/sessions" "The project's sessions, newest first.",
    create: "Creates a session; emits `session.created`.",
    item: "/sessions/{id}" "One session.",
    update: "Changes a session that is not completed; emits `session.updated` if name, charter or time box changed, and `session.state_changed` if the state did.", Conflict;
    delete: "Deletes a session; emits `session.deleted`.",
    duplicate: "/sessions/{id}/duplicate" "Copies a session in state `new`, without its results; emits `session.duplicated`.",
}

execution_handlers! {
    tag: "Sessions", noun: "sessions", id: SessionId, view: TestSession,
    complete: "/sessions/{id}/complete" "Completes a session in any state; emits `session.completed`. 409 when it is already completed.",
    results: "/sessions/{id}/results" "The results of a session, newest first.",
    add: "Adds a result to a session; emits `session.result_added`. 409 when it is completed.",
}
