//! What a verified event changes: all of it, or nothing, in one change.

use app::model::delivery::InboundOutcome;
use app::model::id::{IssueId, WebhookId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DbErr, EntityTrait};

use super::door::Door;
use super::mirror::Telling;
use super::provider::What;
use super::record::{Fate, Receipt};
use super::refusal::{Answer, Stop};
use crate::core::Core;
use crate::entity::{issue, receipt};
use crate::storage::Tx;
use crate::tracker::TrackerIssue;

/// What an event came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The answer.
    pub outcome: InboundOutcome,
    /// The issue that it is about, as far as there is one to look at.
    pub issue_id: Option<IssueId>,
    /// Why it came to that, in words.
    pub reason: Option<&'static str>,
}

impl Applied {
    /// Nothing was changed.
    pub const fn nothing(outcome: InboundOutcome, reason: &'static str) -> Self {
        Self { outcome, issue_id: None, reason: Some(reason) }
    }

    /// The issue stays as it is.
    pub const fn unchanged(row: &issue::Model, reason: &'static str) -> Self {
        Self { outcome: InboundOutcome::Unchanged, issue_id: Some(row.id), reason: Some(reason) }
    }
}

impl Core {
    /// Applies an event and records it.
    pub(super) async fn accept(&self, receipt: Receipt, what: What) -> Answer {
        let core = self.clone();
        let applied = self.store.write::<_, Stop, _>(move |tx| {
            Box::pin(async move {
                let door = &receipt.door;
                let applied = if core.is_first(tx, door.webhook.id, &receipt.digest).await? {
                    core.apply(tx, door, what).await?
                } else {
                    Applied::nothing(InboundOutcome::Duplicate, "The same body was received before.")
                };
                if let (true, Some(issue)) = (door.integration.credentials.is_some(), applied.issue_id) {
                    core.read_soon(tx, issue).await?;
                }
                let reason = applied.reason.map(str::to_owned);
                let fate = Fate { outcome: Ok(applied.outcome), issue_id: applied.issue_id, reason };
                core.record(tx, &receipt, fate).await?;
                Ok(applied.outcome)
            })
        });
        Ok(applied.await?)
    }

    /// Stores the digest. Of two that come at once the later one waits for the other's change.
    async fn is_first(&self, tx: &Tx<'_>, webhook_id: WebhookId, digest: &[u8; 32]) -> Result<bool, DbErr> {
        let row = receipt::ActiveModel {
            webhook_id: Set(webhook_id),
            digest: Set(digest.to_vec()),
            received_at: Set(self.clock.now()),
        };
        let insert = receipt::Entity::insert(row).on_conflict(OnConflict::new().do_nothing().to_owned());
        inserted(insert.exec_without_returning(tx.db()).await)
    }

    async fn apply(&self, tx: &Tx<'_>, door: &Door, what: What) -> Result<Applied, DbErr> {
        let reads = door.integration.credentials.is_some();
        match what {
            What::Ignored(reason) | What::Unusable(reason) => Ok(Applied::nothing(InboundOutcome::Ignored, reason)),
            What::Test => {
                Ok(Applied::nothing(InboundOutcome::Test, "A test sent from Testbell: no issue was touched."))
            }
            What::Issue { issue, moved_from } => {
                let moved = Telling { moved_from: moved_from.as_deref(), ..telling(&issue, reads) };
                self.mirror(tx, &door.project, door.provider, moved).await
            }
            What::Mentioned(issue) => {
                self.mirror_mention(tx, &door.project, door.provider, telling(&issue, reads)).await
            }
            What::Restored(issue) => {
                self.mirror(tx, &door.project, door.provider, Telling { restored: true, ..telling(&issue, reads) })
                    .await
            }
            What::Deleted(issue) => self.mirror_deletion(tx, &door.project, door.provider, &issue).await,
        }
    }
}

const fn telling(said: &TrackerIssue, reads: bool) -> Telling<'_> {
    Telling { said, moved_from: None, restored: false, reads }
}

/// Whether an insertion that gives way to an existing row inserted one.
pub fn inserted(result: Result<u64, DbErr>) -> Result<bool, DbErr> {
    match result {
        Ok(rows) => Ok(rows > 0),
        Err(DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error),
    }
}
