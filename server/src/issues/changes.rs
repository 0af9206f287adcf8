//! What changed in an issue.

use crate::entity::issue::Model;
use crate::events::FieldChange;

/// The user-visible fields in which `after` differs, by their names in the API.
#[must_use]
pub fn changes(before: &Model, after: &Model) -> Vec<FieldChange> {
    let fields = [
        FieldChange::between("key", &before.key, &after.key),
        FieldChange::between("url", &before.url, &after.url),
        FieldChange::between("title", &before.title, &after.title),
        FieldChange::between("description", &before.description, &after.description),
        FieldChange::between("status", &before.status, &after.status),
        FieldChange::between("statusKind", &before.status_kind, &after.status_kind),
        FieldChange::between("priority", &before.priority, &after.priority),
        FieldChange::between("type", &before.issue_type, &after.issue_type),
        FieldChange::between("labels", &before.labels, &after.labels),
        FieldChange::between("assignee", &before.assignee, &after.assignee),
    ];
    fields.into_iter().flatten().collect()
}
