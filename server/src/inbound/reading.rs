//! One reading of one issue: claimed under a lease, read without a transaction, and applied as
//! an event would be.

use std::time::Duration;

use app::model::id::ProjectId;
use app::model::live::{Change, What};
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, LockBehavior, LockType, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::mirror::Telling;
use crate::core::Core;
use crate::crypto;
use crate::entity::{integration, issue, project};
use crate::storage::{Effect, Tx};
use crate::tracker::{Read, Unread, pace};

/// Longer than a reading may take with its redirections.
const LEASE: Duration = Duration::from_secs(60);
/// How long a tracker is left alone that does not know the credentials.
const REFUSED: Duration = Duration::from_secs(5 * 60);

/// A claimed issue.
struct Turn {
    integration: integration::Model,
    issue: issue::Model,
    lease: DateTime<Utc>,
}

/// What a failed reading leads to.
struct Next {
    /// When to try again; `None` when it is left until the next event.
    due: Option<DateTime<Utc>>,
    /// Failures in a row.
    attempts: i32,
    /// Until when no issue of the project is read.
    paused_until: Option<DateTime<Utc>>,
    /// Why, for the people of the project.
    sentence: String,
}

impl Core {
    /// Reads the issue of a project that is due for the longest; `false` when none is.
    pub(super) async fn read_next(&self, project: ProjectId) -> Result<bool, DbErr> {
        let core = self.clone();
        let turn = self.store.write(move |tx| Box::pin(async move { core.claim(tx, project).await })).await?;
        let Some(turn) = turn else { return Ok(false) };
        let result = match turn.issue.provider {
            Some(provider) if provider == turn.integration.provider => {
                self.read_issue(&turn.integration, &turn.issue).await
            }
            _ => Err(Unread::Gone("The issue belongs to a tracker that the project has left.".to_owned())),
        };
        let label = match &result {
            Ok(_) => "read",
            Err(Unread::Gone(_)) => "gone",
            Err(Unread::Limited { .. }) => "limited",
            Err(Unread::Refused(_)) => "refused",
            Err(Unread::Failed(_)) => "failed",
        };
        let provider = turn.integration.provider.as_str();
        metrics::counter!("testbell_sync_total", "provider" => provider, "outcome" => label).increment(1);
        let core = self.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    match result {
                        Ok(read) => core.apply_read(tx, &turn, read).await,
                        Err(unread) => core.note_unread(tx, &turn, core.next(&turn, unread)).await,
                    }
                })
            })
            .await?;
        Ok(true)
    }

    async fn claim(&self, tx: &Tx<'_>, project: ProjectId) -> Result<Option<Turn>, DbErr> {
        let now = self.clock.now();
        let integration =
            integration::Entity::find().filter(integration::Column::ProjectId.eq(project)).one(tx.db()).await?;
        let open = |row: &integration::Model| row.credentials.is_some() && row.paused_until.is_none_or(|t| t <= now);
        let Some(integration) = integration.filter(open) else { return Ok(None) };
        let lease_over = issue::Column::SyncLeaseUntil.is_null().or(issue::Column::SyncLeaseUntil.lte(now));
        let due = issue::Entity::find()
            .filter(issue::Column::ProjectId.eq(project))
            .filter(issue::Column::SyncDueAt.lte(now))
            .filter(lease_over)
            .order_by_asc(issue::Column::SyncDueAt)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .one(tx.db())
            .await?;
        let Some(issue) = due else { return Ok(None) };
        let lease = now + LEASE;
        let mut change = issue.into_active_model();
        change.sync_due_at = Set(Some(lease));
        change.sync_lease_until = Set(Some(lease));
        let issue = change.update(tx.db()).await?;
        Ok(Some(Turn { integration, issue, lease }))
    }

    async fn apply_read(&self, tx: &Tx<'_>, turn: &Turn, read: Read) -> Result<(), DbErr> {
        let Some(project) = project::Entity::find_by_id(turn.issue.project_id).one(tx.db()).await? else {
            return Ok(());
        };
        // Read under another id: it was transferred.
        let moved_from = turn.issue.external_id.as_deref().filter(|id| *id != read.issue.external_id);
        let telling = Telling { said: &read.issue, moved_from, restored: false, reads: false };
        self.mirror(tx, &project, turn.integration.provider, telling).await?;
        issue::Entity::update_many()
            .col_expr(issue::Column::SyncDueAt, unless_asked_again(turn))
            .set(issue::ActiveModel {
                sync_lease_until: Set(None),
                sync_attempts: Set(0),
                sync_error: Set(None),
                synced_at: Set(Some(self.clock.now())),
                ..Default::default()
            })
            .filter(issue::Column::Id.eq(turn.issue.id))
            .filter(issue::Column::SyncLeaseUntil.eq(turn.lease))
            .exec(tx.db())
            .await?;
        let of_integration = integration::ActiveModel {
            sync_error: Set(None),
            synced_at: Set(Some(self.clock.now())),
            paused_until: Set(read.paused_until),
            ..Default::default()
        };
        self.note(tx, turn, of_integration, turn.issue.sync_error.is_some()).await
    }

    fn next(&self, turn: &Turn, unread: Unread) -> Next {
        let now = self.clock.now();
        let attempts = turn.issue.sync_attempts.saturating_add(1);
        let [jitter] = crypto::fill();
        let later = (attempts < pace::MAX_ATTEMPTS).then(|| now + pace::backoff(attempts, jitter));
        match unread {
            Unread::Gone(sentence) => Next { due: None, attempts: 0, paused_until: None, sentence },
            Unread::Limited { until, sentence } => {
                Next { due: Some(until), attempts: turn.issue.sync_attempts, paused_until: Some(until), sentence }
            }
            Unread::Refused(sentence) => {
                let paused_until = Some(now + REFUSED);
                Next { due: Ord::max(later, later.and(paused_until)), attempts, paused_until, sentence }
            }
            Unread::Failed(sentence) if later.is_none() => {
                let sentence = format!("{sentence} Testbell has tried {attempts} times and waits for the next event.");
                Next { due: None, attempts: 0, paused_until: None, sentence }
            }
            Unread::Failed(sentence) => Next { due: later, attempts, paused_until: None, sentence },
        }
    }

    async fn note_unread(&self, tx: &Tx<'_>, turn: &Turn, next: Next) -> Result<(), DbErr> {
        let due = next.due.map_or_else(|| unless_asked_again(turn), |due| Expr::value(due));
        let updated = issue::Entity::update_many()
            .col_expr(issue::Column::SyncDueAt, due)
            .set(issue::ActiveModel {
                sync_lease_until: Set(None),
                sync_attempts: Set(next.attempts),
                sync_error: Set(Some(next.sentence.clone())),
                ..Default::default()
            })
            .filter(issue::Column::Id.eq(turn.issue.id))
            .filter(issue::Column::SyncLeaseUntil.eq(turn.lease))
            .exec(tx.db())
            .await?;
        if updated.rows_affected == 0 {
            return Ok(());
        }
        let of_integration = integration::ActiveModel {
            sync_error: Set(Some(next.sentence.clone())),
            // A pause that another reading noted stays.
            paused_until: next.paused_until.map_or(NotSet, |until| Set(Some(until))),
            ..Default::default()
        };
        let changed = turn.issue.sync_error.as_deref() != Some(next.sentence.as_str());
        self.note(tx, turn, of_integration, changed).await
    }

    /// Notes on the card how reading goes, and tells the browsers.
    async fn note(
        &self,
        tx: &Tx<'_>,
        turn: &Turn,
        of_integration: integration::ActiveModel,
        tell_issue: bool,
    ) -> Result<(), DbErr> {
        integration::Entity::update_many()
            .set(of_integration)
            .filter(integration::Column::Id.eq(turn.integration.id))
            // What was set up anew meanwhile knows nothing of this reading.
            .filter(integration::Column::Credentials.eq(turn.integration.credentials.clone()))
            .exec(tx.db())
            .await?;
        let project_id = turn.issue.project_id;
        tx.after_commit(Effect::Live(Change { project_id, what: What::IntegrationChanged }));
        if tell_issue && turn.issue.deleted_at.is_none() {
            let what = What::IssueUpdated { issue_id: turn.issue.id };
            tx.after_commit(Effect::Live(Change { project_id, what }));
        }
        Ok(())
    }
}

/// Not to be read again, unless an event asked for it during the reading.
fn unless_asked_again(turn: &Turn) -> SimpleExpr {
    let due = Expr::col(issue::Column::SyncDueAt);
    CaseStatement::new().case(due.clone().eq(turn.lease), Option::<DateTime<Utc>>::None).finally(due).into()
}
