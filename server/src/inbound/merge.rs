//! What a row becomes by what a tracker says of it.

use app::model::id::IssueId;
use app::model::integration::Provider;
use app::model::issue::StatusKind;
use chrono::{DateTime, Utc};

use crate::entity::json::Strings;
use crate::entity::search_text::SearchText;
use crate::entity::{issue, project};
use crate::service::issue_view::changed_fields;
use crate::tracker::{State, TrackerIssue};

/// Whether a state is older than the stored one. Within the same second, which is what trackers
/// tell, the later one to come is taken.
pub fn is_older(said: Option<DateTime<Utc>>, stored: Option<DateTime<Utc>>) -> bool {
    matches!((said, stored), (Some(said), Some(stored)) if said < stored)
}

/// A row that nothing is known of yet.
pub fn blank(
    id: IssueId,
    project: &project::Model,
    provider: Provider,
    external_id: &str,
    now: DateTime<Utc>,
) -> issue::Model {
    issue::Model {
        id,
        project_id: project.id,
        provider: Some(provider),
        external_id: Some(external_id.to_owned()),
        key: None,
        url: None,
        title: String::new(),
        search: SearchText::default(),
        description: String::new(),
        status: StatusKind::Open.as_str().to_owned(),
        status_kind: StatusKind::Open,
        priority: None,
        issue_type: None,
        labels: Strings::default(),
        assignee: None,
        author_id: project.owner_id,
        created_at: now,
        updated_at: now,
        tracker_updated_at: None,
        synced_at: None,
        deleted_at: None,
        deletion: None,
        sync_due_at: None,
        sync_lease_until: None,
        sync_attempts: 0,
        sync_error: None,
    }
}

/// The row with what the tracker says; what it does not mention stays.
pub fn merged(row: &issue::Model, said: &TrackerIssue, now: DateTime<Utc>) -> issue::Model {
    let said = said.clone();
    let mut after = row.clone();
    after.url = said.url.or(after.url);
    after.title = said.title.unwrap_or(after.title);
    if after.title.is_empty() {
        after.title.clone_from(&said.key);
    }
    after.key = Some(said.key);
    after.description = said.description.unwrap_or(after.description);
    if let Some(State { status, kind }) = said.state {
        (after.status, after.status_kind) = (status, kind);
    }
    after.priority = said.priority.unwrap_or(after.priority);
    after.issue_type = said.issue_type.unwrap_or(after.issue_type);
    after.labels = said.labels.map_or(after.labels, Strings);
    after.assignee = said.assignee.unwrap_or(after.assignee);
    after.tracker_updated_at = said.updated_at.or(after.tracker_updated_at);
    after.synced_at = Some(now);
    if !changed_fields(row, &after).is_empty() {
        after.updated_at = now;
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn row() -> issue::Model {
        let project = project::Model {
            id: uuid::Uuid::nil().into(),
            key: "WEB".into(),
            name: "Web".into(),
            owner_id: uuid::Uuid::nil().into(),
            created_at: at(0),
            deleted_at: None,
        };
        let mut row = blank(uuid::Uuid::nil().into(), &project, Provider::Github, "7", at(1));
        row.key = Some("a/b#1".into());
        row.title = "T".into();
        row.status = "closed".into();
        row.status_kind = StatusKind::Closed;
        row.assignee = Some("ada".into());
        row
    }

    #[test]
    fn what_the_tracker_does_not_mention_stays_and_what_it_clears_goes() {
        let mut said = TrackerIssue::new("7".into(), "a/b#1");
        let same = merged(&row(), &said, at(9));
        assert_eq!((same.status.as_str(), same.assignee.as_deref()), ("closed", Some("ada")));
        assert_eq!((same.updated_at, same.synced_at), (at(1), Some(at(9))));
        assert_eq!(same.title, "T");
        said.assignee = Some(None);
        let cleared = merged(&row(), &said, at(9));
        assert_eq!((cleared.assignee, cleared.updated_at), (None, at(9)));
    }

    #[test]
    fn a_row_without_a_title_is_called_by_its_key() {
        let row = issue::Model { title: String::new(), ..row() };
        assert_eq!(merged(&row, &TrackerIssue::new("7".into(), "#7"), at(9)).title, "#7");
    }

    #[test]
    fn a_state_of_the_same_second_is_not_older() {
        assert!(is_older(Some(at(1)), Some(at(2))));
        assert!(!is_older(Some(at(2)), Some(at(2))));
        assert!(!is_older(None, Some(at(2))));
        assert!(!is_older(Some(at(1)), None));
    }
}
