//! The views of an issue: the API's [`Issue`] and the `data` of its events.

use app::model::catalog::PAYLOAD_VERSION;
use app::model::id::{IssueId, ProjectId};
use app::model::issue::Issue;
use serde_json::{Value, json};

use crate::config::Config;
use crate::entity::issue;
use crate::events::cut_text;

/// The issue in the API; `author` is the name of the user `author_id`.
#[must_use]
pub fn issue(row: issue::Model, author: String) -> Issue {
    Issue {
        id: row.id,
        project_id: row.project_id,
        provider: row.provider,
        key: row.key,
        url: row.url,
        title: row.title,
        description: row.description,
        status: row.status,
        status_kind: row.status_kind,
        priority: row.priority,
        issue_type: row.issue_type,
        labels: row.labels.0,
        assignee: row.assignee,
        author,
        created_at: row.created_at,
        updated_at: row.updated_at,
        tracker_updated_at: row.tracker_updated_at,
        synced_at: row.synced_at,
        sync_error: row.sync_error,
    }
}

/// The `data` of the issue's events, without the linked testware; its schema is in the catalog.
#[must_use]
pub fn event_data(row: &issue::Model, config: &Config) -> Value {
    json!({
        "version": PAYLOAD_VERSION,
        "id": row.id,
        "provider": row.provider,
        "key": row.key,
        "url": row.url,
        "title": row.title,
        "description": cut_text(&row.description),
        "status": row.status,
        "statusKind": row.status_kind,
        "priority": row.priority,
        "type": row.issue_type,
        "labels": row.labels.0,
        "assignee": row.assignee,
        "link": link(row, config),
    })
}

/// The issue's page in Testbell.
#[must_use]
pub fn link(row: &issue::Model, config: &Config) -> String {
    link_to(row.project_id, row.id, config)
}

/// The page of the issue with an ID.
#[must_use]
pub fn link_to(project: ProjectId, id: IssueId, config: &Config) -> String {
    config.link(&format!("/projects/{project}/issues/{id}"))
}
