//! The messages of a live stream. One stream carries the changes of all projects that its browser
//! shows.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::catalog::Subject;
use super::id::{DeliveryId, InspectorUrlId, IssueId, ProjectId, WebhookId};
use super::item_id::ItemId;

/// The data of a `change` message. See [`event`] for the other messages of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WireChange", into = "WireChange")]
pub struct ProjectChange {
    /// The project; [`WORKSPACE`] for a page outside of projects.
    pub project_id: ProjectId,
    /// What changed.
    pub kind: ChangeKind,
}

/// Stands for the project of pages outside of projects. A stream that follows it gets what concerns more than one
/// project: changes of webhooks, new notifications and the pause of all webhooks, of the projects that the user may
/// read.
pub const WORKSPACE: ProjectId = ProjectId(Uuid::nil());

/// The maximum number of projects per stream.
pub const MAX_PROJECTS_PER_STREAM: usize = 50;

/// The name of the `<meta>` with the ID of the last event before the page was rendered.
pub const SINCE_META: &str = "testbell-since";

/// The name of the `<meta>` with the ID of the user for whom the page was rendered.
pub const USER_META: &str = "testbell-person";

/// The name of the `<meta>` with the time at which the page was rendered, in milliseconds since
/// 1970.
pub const RENDERED_AT_META: &str = "testbell-rendered-at";

/// What changed. It has IDs only: pages read the item again through the API, which checks access.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// An issue was created or imported.
    IssueCreated {
        /// Its ID.
        issue_id: IssueId,
    },
    /// An issue changed.
    IssueUpdated {
        /// Its ID.
        issue_id: IssueId,
    },
    /// An issue was deleted.
    IssueDeleted {
        /// Its ID.
        issue_id: IssueId,
    },
    /// A delivery was queued, attempted or received.
    DeliveryChanged {
        /// Its ID.
        delivery_id: DeliveryId,
        /// Its webhook.
        webhook_id: WebhookId,
    },
    /// A webhook was created, changed or deleted, or its health or timestamps changed.
    WebhookChanged {
        /// Its ID.
        webhook_id: WebhookId,
    },
    /// A testware item was created, changed or deleted, or a result was added to it; or a registered custom event.
    ItemChanged(ItemId),
    /// The integration was created, changed or removed, or a sync had another result.
    IntegrationChanged,
    /// An inspector URL was created, changed or deleted, or got a request. Only project admins see them.
    InspectorChanged {
        /// Its ID.
        inspector_url_id: InspectorUrlId,
    },
    /// Deliveries were deleted on request.
    HistoryCleared,
    /// An audit entry was written. Only project admins can read the log.
    AuditWritten,
    /// Users of the project have new notifications, or have read some.
    NotificationsChanged,
    /// The pause of all webhooks began or ended, or ended for one of them.
    WebhookPauseChanged,
    /// The settings of the instance changed. Only system admins see them.
    SettingsChanged,
}

impl ChangeKind {
    /// The item that changed, if it has a page of its own.
    #[must_use]
    pub fn item(&self) -> Option<ItemId> {
        match *self {
            Self::IssueCreated { issue_id } | Self::IssueUpdated { issue_id } | Self::IssueDeleted { issue_id } => {
                Some(issue_id.into())
            }
            Self::ItemChanged(id) => Some(id),
            Self::DeliveryChanged { .. }
            | Self::WebhookChanged { .. }
            | Self::IntegrationChanged
            | Self::InspectorChanged { .. }
            | Self::HistoryCleared
            | Self::AuditWritten
            | Self::NotificationsChanged
            | Self::WebhookPauseChanged
            | Self::SettingsChanged => None,
        }
    }

    /// Whether pages outside of projects show it.
    #[must_use]
    pub const fn concerns_workspace(&self) -> bool {
        matches!(self, Self::WebhookChanged { .. } | Self::NotificationsChanged | Self::WebhookPauseChanged)
    }

    /// The changed item, if it is testware or an issue.
    #[must_use]
    pub fn item_of(&self, subject: Subject) -> Option<Uuid> {
        self.item().filter(|id| id.subject() == subject).map(ItemId::uuid)
    }
}

/// The JSON of a [`ProjectChange`]: one flat object. A tagged enum would add a buffering
/// deserializer to the browser's code.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<ProjectId>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issue_id: Option<IssueId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_id: Option<DeliveryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_id: Option<WebhookId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<ItemId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inspector_url_id: Option<InspectorUrlId>,
}

impl From<ProjectChange> for WireChange {
    fn from(ProjectChange { project_id, kind }: ProjectChange) -> Self {
        let with = |kind: &str| Self { project_id: Some(project_id), kind: kind.to_owned(), ..Self::default() };
        match kind {
            ChangeKind::IssueCreated { issue_id } => Self { issue_id: Some(issue_id), ..with("issue.created") },
            ChangeKind::IssueUpdated { issue_id } => Self { issue_id: Some(issue_id), ..with("issue.updated") },
            ChangeKind::IssueDeleted { issue_id } => Self { issue_id: Some(issue_id), ..with("issue.deleted") },
            ChangeKind::DeliveryChanged { delivery_id, webhook_id } => {
                Self { delivery_id: Some(delivery_id), webhook_id: Some(webhook_id), ..with("delivery.changed") }
            }
            ChangeKind::WebhookChanged { webhook_id } => {
                Self { webhook_id: Some(webhook_id), ..with("webhook.changed") }
            }
            ChangeKind::ItemChanged(id) => Self { item_id: Some(id), ..with("item.changed") },
            ChangeKind::IntegrationChanged => with("integration.changed"),
            ChangeKind::InspectorChanged { inspector_url_id } => {
                Self { inspector_url_id: Some(inspector_url_id), ..with("inspector.changed") }
            }
            ChangeKind::HistoryCleared => with("history.cleared"),
            ChangeKind::AuditWritten => with("audit.written"),
            ChangeKind::NotificationsChanged => with("notifications.changed"),
            ChangeKind::WebhookPauseChanged => with("webhook_pause.changed"),
            ChangeKind::SettingsChanged => with("settings.changed"),
        }
    }
}

impl TryFrom<WireChange> for ProjectChange {
    type Error = &'static str;

    fn try_from(wire: WireChange) -> Result<Self, Self::Error> {
        const MISSING: &str = "an ID is missing";
        let kind = match &*wire.kind {
            "issue.created" => ChangeKind::IssueCreated { issue_id: wire.issue_id.ok_or(MISSING)? },
            "issue.updated" => ChangeKind::IssueUpdated { issue_id: wire.issue_id.ok_or(MISSING)? },
            "issue.deleted" => ChangeKind::IssueDeleted { issue_id: wire.issue_id.ok_or(MISSING)? },
            "delivery.changed" => ChangeKind::DeliveryChanged {
                delivery_id: wire.delivery_id.ok_or(MISSING)?,
                webhook_id: wire.webhook_id.ok_or(MISSING)?,
            },
            "webhook.changed" => ChangeKind::WebhookChanged { webhook_id: wire.webhook_id.ok_or(MISSING)? },
            "item.changed" => ChangeKind::ItemChanged(wire.item_id.ok_or(MISSING)?),
            "integration.changed" => ChangeKind::IntegrationChanged,
            "inspector.changed" => {
                ChangeKind::InspectorChanged { inspector_url_id: wire.inspector_url_id.ok_or(MISSING)? }
            }
            "history.cleared" => ChangeKind::HistoryCleared,
            "audit.written" => ChangeKind::AuditWritten,
            "notifications.changed" => ChangeKind::NotificationsChanged,
            "webhook_pause.changed" => ChangeKind::WebhookPauseChanged,
            "settings.changed" => ChangeKind::SettingsChanged,
            _ => return Err("an unknown kind of change"),
        };
        Ok(Self { project_id: wire.project_id.ok_or(MISSING)?, kind })
    }
}

/// The data of a `sync` message. A stream begins with one for each of its projects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamHello {
    /// The project.
    pub project_id: ProjectId,
    /// Always `sync`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether changes since `Last-Event-ID` may be missing, so that the client has to refetch.
    /// False on a first connection, because the page is new.
    pub missed: bool,
}

/// The data of a `denied` message. Every message about a project contains it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectMessage {
    /// The project.
    pub project_id: ProjectId,
}

/// The names of the SSE events.
pub mod event {
    /// The stream follows a project from now on.
    pub const SYNC: &str = "sync";
    /// The stream doesn't follow a requested project.
    pub const DENIED: &str = "denied";
    /// Something changed.
    pub const CHANGE: &str = "change";
    /// Sent after a while without changes: the connection is alive.
    pub const PING: &str = "ping";
    /// The server is shutting down; the browser reconnects.
    pub const GOODBYE: &str = "goodbye";
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_is_one_flat_object() {
        let (project_id, issue_id) = (ProjectId(Uuid::from_u128(1)), IssueId(Uuid::from_u128(2)));
        let change = ProjectChange { project_id, kind: ChangeKind::IssueUpdated { issue_id } };
        let json = json!({"projectId": project_id, "type": "issue.updated", "issueId": issue_id});
        assert_eq!(serde_json::to_value(&change).unwrap(), json);
        assert_eq!(serde_json::from_value::<ProjectChange>(json).unwrap(), change);
    }

    #[test]
    fn an_incomplete_or_unknown_change_is_rejected() {
        let project_id = ProjectId(Uuid::from_u128(1));
        for kind in ["issue.updated", "delivery.changed", "item.changed", "report.changed"] {
            let json = json!({"projectId": project_id, "type": kind});
            assert!(serde_json::from_value::<ProjectChange>(json).is_err(), "{kind}");
        }
    }
}
