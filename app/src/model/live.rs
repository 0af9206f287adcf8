//! What the live stream says. One stream carries all changes of a project.

use serde::{Deserialize, Serialize};

use super::id::{CaseId, DeliveryId, IssueId, ProjectId, RunId, SessionId, WebhookId};

/// The data of one message. The SSE event name is `sync` for the first, `goodbye` for the last
/// before a shutdown, and `change` for all others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The project.
    pub project_id: ProjectId,
    /// What changed.
    #[serde(flatten)]
    pub what: What,
}

/// The name of the page's `<meta>` that says what the last event was before the page was rendered.
pub const SINCE: &str = "testbell-since";

/// What changed, by name; whoever shows it reads it again through the door that checks access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub enum What {
    /// An issue was made or imported.
    #[serde(rename = "issue.created")]
    IssueCreated {
        /// Which.
        issue_id: IssueId,
    },
    /// An issue changed.
    #[serde(rename = "issue.updated")]
    IssueUpdated {
        /// Which.
        issue_id: IssueId,
    },
    /// An issue was deleted.
    #[serde(rename = "issue.deleted")]
    IssueDeleted {
        /// Which.
        issue_id: IssueId,
    },
    /// A delivery was queued, attempted or received.
    #[serde(rename = "delivery.changed")]
    DeliveryChanged {
        /// Which.
        delivery_id: DeliveryId,
        /// Its webhook.
        webhook_id: WebhookId,
    },
    /// A webhook was made, changed or deleted, or its health or times changed.
    #[serde(rename = "webhook.changed")]
    WebhookChanged {
        /// Which.
        webhook_id: WebhookId,
    },
    /// A test case was made, changed or deleted.
    #[serde(rename = "case.changed")]
    CaseChanged {
        /// Which.
        case_id: CaseId,
    },
    /// A test run was made, changed or deleted, or a result was added to it.
    #[serde(rename = "run.changed")]
    RunChanged {
        /// Which.
        run_id: RunId,
    },
    /// A session was made, changed or deleted, or a result was added to it.
    #[serde(rename = "session.changed")]
    SessionChanged {
        /// Which.
        session_id: SessionId,
    },
    /// The integration was set up, changed, removed or read with another result.
    #[serde(rename = "integration.changed")]
    IntegrationChanged,
    /// Something was written to the audit log, which project admins read.
    #[serde(rename = "audit.written")]
    AuditWritten,
}

/// The data of the first message, `sync`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sync {
    /// The project.
    pub project_id: ProjectId,
    /// Always `sync`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether changes since `Last-Event-ID` may be missing: the client reads its lists again.
    /// False on a first connection too, where the page is fresh.
    pub missed: bool,
}

/// The names of the SSE events.
pub mod event {
    /// The first message.
    pub const SYNC: &str = "sync";
    /// Something changed.
    pub const CHANGE: &str = "change";
    /// The server is going down; the browser reconnects by itself.
    pub const GOODBYE: &str = "goodbye";
}
