//! Milestones.

use app::model::id::ProjectId;
use app::model::page::Page;
use app::service::Testware;
use app::testware::group::GroupQuery;
use app::testware::milestone::{CreateMilestone, Milestone, MilestoneDetail, MilestoneId, UpdateMilestone};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Conflict, Created, Problems};
use crate::testware::rest::{SubjectRoutes, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for Milestone {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes()
    }
}

testware_handlers! {
    tag: "Milestones", noun: "milestones", id: MilestoneId, query: GroupQuery, create: CreateMilestone,
    update: UpdateMilestone, view: Milestone, detail: MilestoneDetail,
    list: "/projects/{id}/milestones" "The project's milestones, newest first.",
    create: "Creates a milestone; emits `milestone.created`.",
    item: "/milestones/{id}" "One milestone.",
    update: "Changes a milestone that is not completed; emits `milestone.updated` if name or description changed, and `milestone.due_date_changed` if the due date did. 409 for one that is kept in sync with a tracker.", Conflict;
    delete: "Deletes a milestone. Its runs and sessions stay, without events of their own. Emits `milestone.deleted`.",
    complete: "/milestones/{id}/complete" "Completes a milestone; emits `milestone.completed`. 409 when it is already completed, or kept in sync with a tracker.",
}
