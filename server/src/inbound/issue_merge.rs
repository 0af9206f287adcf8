//! Merges an issue as its tracker describes it into the stored row, and decides which of two states
//! is newer.

use app::model::id::IssueId;
use app::model::provider::Provider;
use chrono::{DateTime, TimeDelta, Utc};

use crate::entity::json::Strings;
use crate::entity::{issue, project};
use crate::issues::changes::changes;
use crate::providers::{IssueState, TrackerIssue};

/// How far a tracker's clock may be ahead. A later time is wrong; stored unchanged, it would make
/// every later state of the issue look old.
pub const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// The stored time that a new state is compared with; `None` if it proves nothing: it was too far
/// ahead when it was stored (also before this limit existed), or it is still ahead when the issue is
/// fetched from the tracker itself.
pub fn comparable_time(row: &issue::Model, is_fetched: bool, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let stored = row.tracker_updated_at?;
    let was_ahead = stored >= row.synced_at.unwrap_or(row.created_at) + MAX_CLOCK_SKEW;
    let is_ahead = is_fetched && stored > now;
    (!was_ahead && !is_ahead).then_some(stored)
}

/// Whether a state is older than the stored one. Trackers' times have seconds: within the same
/// second, the state that arrives later wins.
pub fn is_older(snapshot: Option<DateTime<Utc>>, stored: Option<DateTime<Utc>>) -> bool {
    matches!((snapshot, stored), (Some(snapshot), Some(stored)) if snapshot < stored)
}

/// A row of an issue of which nothing is known yet.
pub fn new_row(
    id: IssueId,
    project: &project::Model,
    provider: Provider,
    external_id: &str,
    now: DateTime<Utc>,
) -> issue::Model {
    issue::Model {
        provider: Some(provider),
        external_id: Some(external_id.to_owned()),
        ..issue::Model::new(id, project.id, project.owner_id, now)
    }
}

/// The row with the fields that the tracker sent; other fields stay.
pub fn merge(row: &issue::Model, issue: &TrackerIssue, now: DateTime<Utc>) -> issue::Model {
    let issue = issue.clone();
    let mut after = row.clone();
    after.url = issue.url.or(after.url);
    after.title = issue.title.unwrap_or(after.title);
    if after.title.is_empty() {
        after.title.clone_from(&issue.key);
    }
    after.key = Some(issue.key);
    after.origin = issue.origin.map(|origin| origin.to_lowercase()).or(after.origin);
    after.description = issue.description.unwrap_or(after.description);
    if let Some(IssueState { status, kind }) = issue.state {
        (after.status, after.status_kind) = (status, kind);
    }
    after.priority = issue.priority.unwrap_or(after.priority);
    after.issue_type = issue.issue_type.unwrap_or(after.issue_type);
    after.labels = issue.labels.map_or(after.labels, Strings);
    after.assignee = issue.assignee.unwrap_or(after.assignee);
    if let Some(time) = issue.updated_at {
        after.tracker_updated_at = Some(time.min(now + MAX_CLOCK_SKEW));
    }
    after.synced_at = Some(now);
    if !changes(row, &after).is_empty() {
        after.updated_at = now;
    }
    after
}

#[cfg(test)]
mod tests {
    use app::model::issue::StatusKind;

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
        let mut row = new_row(uuid::Uuid::nil().into(), &project, Provider::Github, "7", at(1));
        row.key = Some("a/b#1".into());
        row.title = "T".into();
        row.status = "closed".into();
        row.status_kind = StatusKind::Closed;
        row.assignee = Some("ada".into());
        row
    }

    #[test]
    fn absent_fields_stay_and_cleared_fields_are_emptied() {
        let mut issue = TrackerIssue::new("7".into(), "a/b#1");
        let same = merge(&row(), &issue, at(9));
        assert_eq!((same.status.as_str(), same.assignee.as_deref()), ("closed", Some("ada")));
        assert_eq!((same.updated_at, same.synced_at), (at(1), Some(at(9))));
        assert_eq!(same.title, "T");
        issue.assignee = Some(None);
        let cleared = merge(&row(), &issue, at(9));
        assert_eq!((cleared.assignee, cleared.updated_at), (None, at(9)));
    }

    #[test]
    fn a_row_without_a_title_takes_its_key() {
        let row = issue::Model { title: String::new(), ..row() };
        assert_eq!(merge(&row, &TrackerIssue::new("7".into(), "#7"), at(9)).title, "#7");
    }

    #[test]
    fn a_state_of_the_same_second_is_not_older() {
        assert!(is_older(Some(at(1)), Some(at(2))));
        assert!(!is_older(Some(at(2)), Some(at(2))));
        assert!(!is_older(None, Some(at(2))));
        assert!(!is_older(Some(at(1)), None));
    }

    #[test]
    fn a_time_too_far_ahead_is_capped_and_not_compared() {
        let far = TrackerIssue { updated_at: Some(at(99_999_999)), ..TrackerIssue::new("7".into(), "#7") };
        let capped = merge(&row(), &far, at(1000));
        assert_eq!(capped.tracker_updated_at, Some(at(1000) + MAX_CLOCK_SKEW));
        for (is_fetched, now) in [(false, 1001), (true, 1001), (false, 5000), (true, 5000)] {
            assert_eq!(comparable_time(&capped, is_fetched, at(now)), None);
        }
    }

    #[test]
    fn a_clock_slightly_ahead_keeps_the_order_of_events() {
        let ahead = TrackerIssue { updated_at: Some(at(1299)), ..TrackerIssue::new("7".into(), "#7") };
        let row = merge(&row(), &ahead, at(1000));
        assert_eq!(comparable_time(&row, false, at(1001)), Some(at(1299)));
        assert_eq!(comparable_time(&row, true, at(1001)), None);
        assert_eq!(comparable_time(&row, true, at(1300)), Some(at(1299)));
    }
}
