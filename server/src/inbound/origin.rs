//! Decides whether an issue is imported. A webhook of a whole organization or site also sends issues
//! of other repositories or projects; a setting of the integration keeps them out.
//!
//! The setting is about importing: an issue that is already shown keeps updating, wherever it
//! belongs or moves to.

use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

use crate::entity::{integration, issue};
use crate::providers::{TrackerIssue, issue_provider};
use crate::storage::Tx;

/// Whether an issue may be imported or updated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportDecision {
    /// Import or update it.
    Allow,
    /// Ignore it, for this reason.
    Ignore(String),
    /// Its origin is unknown: fetch it from the tracker first.
    FetchFirst,
}

/// The integration's own repository or project, in the form of [`issue::Model::origin`].
#[must_use]
pub fn own_origin(integration: &integration::Model) -> String {
    issue_provider(integration.provider).origin(&integration.repository).to_lowercase()
}

/// Whether an issue is known to belong to another repository or project.
#[must_use]
pub fn is_from_elsewhere(integration: &integration::Model, issue: &TrackerIssue) -> bool {
    issue.origin.as_ref().is_some_and(|origin| origin.to_lowercase() != own_origin(integration))
}

/// Decides by the integration's setting. `moved_from` is the id that the issue had before a transfer.
pub async fn import_decision(
    tx: &Tx<'_>,
    integration: &integration::Model,
    issue: &TrackerIssue,
    moved_from: Option<&str>,
) -> Result<ImportDecision, DbErr> {
    let is_own = issue.origin.is_some() && !is_from_elsewhere(integration, issue);
    if !integration.only_from_repository || is_own {
        return Ok(ImportDecision::Allow);
    }
    let ids = [Some(issue.external_id.as_str()), moved_from].into_iter().flatten();
    let shown = issue::Entity::find()
        .filter(issue::Column::ProjectId.eq(integration.project_id))
        .filter(issue::Column::Provider.eq(integration.provider))
        .filter(issue::Column::ExternalId.is_in(ids))
        .filter(issue::Column::DeletedAt.is_null())
        .count(tx.db())
        .await?;
    Ok(match &issue.origin {
        _ if shown > 0 => ImportDecision::Allow,
        Some(origin) => ImportDecision::Ignore(ignored_reason(integration, origin)),
        None => ImportDecision::FetchFirst,
    })
}

fn ignored_reason(integration: &integration::Model, origin: &str) -> String {
    let (repository, container) = (&integration.repository, integration.provider.container());
    format!(
        "The issue is from {origin}. Only issues from {repository} are imported. To import it, turn that off under \
         Issue integration. If the {container} was renamed, enter its new name there."
    )
}
