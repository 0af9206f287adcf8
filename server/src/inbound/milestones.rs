//! Decides whether a milestone of a tracker is applied. Only those of the integration's own repository or project are,
//! because a milestone is part of a plan, and a webhook of an organization or site sends those of all.

use app::model::delivery::InboundOutcome;
use app::model::provider::Provider;
use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::apply::ApplyResult;
use super::context::InboundContext;
use super::origin::own_origin;
use crate::app_state::AppState;
use crate::entity::{integration, project};
use crate::providers::{TrackerIssue, TrackerMilestone};
use crate::storage::Tx;

const OFF: &str = "Milestones are not kept in sync. To change that, turn on Keep milestones in sync under Issue \
                   integration.";
const UNKNOWN_PROJECT: &str = "The event doesn't say which project the milestone belongs to.";

/// Creates and changes milestones. The testware service implements it.
#[async_trait]
pub trait TrackerMilestones {
    /// Applies a milestone of the integration's own repository or project.
    async fn apply_milestone(
        &self,
        tx: &Tx<'_>,
        of: (&project::Model, Provider),
        milestone: &TrackerMilestone,
        is_deleted: bool,
    ) -> Result<ApplyResult, DbErr>;
}

/// Applies a milestone if the integration's setting is on and it belongs to the integration.
pub async fn apply(
    state: &AppState,
    tx: &Tx<'_>,
    context: &InboundContext,
    milestone: &TrackerMilestone,
    is_deleted: bool,
) -> Result<ApplyResult, DbErr> {
    let integration = &context.integration;
    let refusal = if integration.sync_milestones { foreign(integration, milestone) } else { Some(OFF.to_owned()) };
    if let Some(reason) = refusal {
        return Ok(ApplyResult::nothing(InboundOutcome::Ignored, reason).worth_resending());
    }
    state.apply_milestone(tx, (&context.project, context.provider), milestone, is_deleted).await
}

/// Why a milestone is not of the integration's own repository or project; `None` if it is.
fn foreign(integration: &integration::Model, milestone: &TrackerMilestone) -> Option<String> {
    let repository = &integration.repository;
    match (&milestone.origin, &milestone.origin_id, &integration.tracker_project_id) {
        (Some(origin), ..) if origin.to_lowercase() == own_origin(integration) => None,
        (Some(origin), ..) => {
            Some(format!("The milestone is from {origin}. Only milestones of {repository} are kept in sync."))
        }
        (None, Some(id), Some(own)) if id == own => None,
        (None, Some(_), Some(_)) => {
            Some(format!("The milestone is from another project. Only milestones of {repository} are kept in sync."))
        }
        (None, Some(_), None) => Some(format!(
            "The event doesn't have the key of its project. Testbell learns the project's ID from the next event of an \
             issue of {repository}. Change such an issue, and then this version again."
        )),
        (None, None, _) => Some(UNKNOWN_PROJECT.to_owned()),
    }
}

/// Stores the tracker's ID of the integration's own project, which the events of its issues name.
pub async fn learn_project_id(
    tx: &Tx<'_>,
    integration: &integration::Model,
    issue: &TrackerIssue,
) -> Result<(), DbErr> {
    let is_own = issue.origin.as_ref().is_some_and(|origin| origin.to_lowercase() == own_origin(integration));
    let Some(id) = issue.origin_id.as_ref().filter(|_| is_own) else { return Ok(()) };
    if integration.tracker_project_id.as_ref() == Some(id) {
        return Ok(());
    }
    integration::Entity::update_many()
        .col_expr(integration::Column::TrackerProjectId, Expr::value(id.clone()))
        .filter(integration::Column::Id.eq(integration.id))
        // Settings that were saved meanwhile may be about another project.
        .filter(integration::Column::Repository.eq(&integration.repository))
        .filter(integration::Column::BaseUrl.eq(&integration.base_url))
        .exec(tx.db())
        .await
        .map(drop)
}
