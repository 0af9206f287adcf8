//! What happens to a review, each within a transaction: it is decided, merged, declined and reopened, and its reviewers
//! are added and removed. Each action locks the review first, and emits its events in a fixed order.

use app::error::Error;
use app::model::catalog::{Subject, Verb};
use app::model::id::UserId;
use app::model::people::Actor;
use app::testware::review::{Decision, ReviewId, ReviewStatus, Reviewer, ReviewerDecision};
use serde_json::{Value, json};

use super::reviewers;
use super::table::Model;
use crate::app_state::AppState;
use crate::entity::project;
use crate::events::{FieldChange, cut_text};
use crate::service::TxError;
use crate::storage::Tx;
use crate::testware::case::table as test_case;
use crate::testware::events::{self, TestwareEvent};
use crate::testware::{items, key};

/// What all actions get: the transaction, the project, and who acts.
#[derive(Clone, Copy)]
pub struct ReviewTx<'a> {
    pub state: &'a AppState,
    pub tx: &'a Tx<'a>,
    pub project: &'a project::Model,
    pub by: &'a Actor,
}

impl ReviewTx<'_> {
    /// Adds a reviewer; emits `reviewer_added`, and `status_changed` if the review was approved. A user who is already a
    /// reviewer changes nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`] if it is merged or declined, and [`Error::Invalid`] for a user who can't be one.
    pub async fn add_reviewer(self, id: ReviewId, user: UserId) -> Result<Model, TxError> {
        let mut row = self.lock_undecided(id).await?;
        let before = reviewers::of_review(self.tx.db(), id).await?.len();
        reviewers::add(self.tx, &row, &[user], ("userId", self.state.clock.now())).await?;
        let now = reviewers::of_review(self.tx.db(), id).await?;
        if now.len() == before {
            return Ok(row);
        }
        let reviewer = now.iter().find(|reviewer| reviewer.id == user);
        self.emit_saved(&mut row, Verb::ReviewerAdded, json!({"reviewer": reviewer})).await?;
        self.update_status(&mut row, &now).await?;
        Ok(row)
    }

    /// Removes a reviewer; emits `reviewer_removed`, and `status_changed` if the other decisions lead to another status.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the user is no reviewer, and [`Error::Conflict`] if the review is merged or declined.
    pub async fn remove_reviewer(self, id: ReviewId, user: UserId) -> Result<Model, TxError> {
        let mut row = self.lock_undecided(id).await?;
        let before = reviewers::of_review(self.tx.db(), id).await?;
        reviewers::remove(self.tx, id, user).await?;
        let removed = before.iter().find(|reviewer| reviewer.id == user);
        self.emit_saved(&mut row, Verb::ReviewerRemoved, json!({"reviewer": removed})).await?;
        let now = reviewers::of_review(self.tx.db(), id).await?;
        self.update_status(&mut row, &now).await?;
        Ok(row)
    }

    /// Stores the decision of the caller; emits `status_changed` if the status changed. The same decision again changes
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the caller is no reviewer, and [`Error::Conflict`] if the review is merged or declined.
    pub async fn decide(self, id: ReviewId, decision: Decision) -> Result<Model, TxError> {
        let mut row = items::lock::<Model>(self.tx, id).await?;
        if row.author_id == self.by.id {
            return Err(Error::forbidden("The author of a review can't decide on it. Ask a reviewer.").into());
        }
        let present = reviewers::of_review(self.tx.db(), id).await?;
        let Some(own) = present.iter().find(|reviewer| reviewer.id == self.by.id) else {
            return Err(Error::forbidden("Only the reviewers of this review can decide on it.").into());
        };
        self.require_undecided(&row)?;
        let decision = ReviewerDecision::from(decision);
        if own.decision == decision {
            return Ok(row);
        }
        reviewers::decide(self.tx, (id, self.by.id), decision, self.state.clock.now()).await?;
        items::save(self.state, self.tx, &mut row).await?;
        items::show(self.tx, self.project, &row);
        let now = reviewers::of_review(self.tx.db(), id).await?;
        self.update_status(&mut row, &now).await?;
        Ok(row)
    }

    /// Applies the proposal to the case; emits the events of that change, and then `merged`.
    ///
    /// # Errors
    /// [`Error::Conflict`] if the review is not approved, or a proposed field of the case has changed since.
    pub async fn merge(self, id: ReviewId) -> Result<Model, TxError> {
        let mut row = items::lock::<Model>(self.tx, id).await?;
        let present = reviewers::of_review(self.tx.db(), id).await?;
        if let Some(missing) = self.missing(&row, &present) {
            return Err(Error::conflict(missing).into());
        }
        let case = match items::lock::<test_case::Model>(self.tx, row.case_id()).await {
            Err(TxError::Refused(Error::NotFound)) => {
                return Err(Error::conflict("The test case was deleted, so the review can't be merged.").into());
            }
            case => case?,
        };
        let (base, proposal) = row.contents();
        let proposed = base.changed_fields(proposal);
        let mut changed = base.changed_fields(&case.content());
        changed.retain(|field| proposed.contains(field));
        if !changed.is_empty() {
            let case = key::key(self.project, Subject::Case, case.number);
            let changed = changed.join(", ");
            let detail = format!(
                "{case} has changed since the proposal was made, in: {changed}. Edit the proposal, and have it approved again."
            );
            return Err(Error::conflict(detail).into());
        }
        let mut change = proposal.clone().change_since(base);
        items::change_fields::<test_case::Model>(self.state, self.tx, self.project, case.id, &mut change, self.by)
            .await?;
        self.end(row_with(&mut row, ReviewStatus::Merged), Verb::Merged, ReviewStatus::Approved).await?;
        Ok(row)
    }

    /// Declines a review; emits `declined`.
    ///
    /// # Errors
    /// [`Error::Conflict`] if it is merged or declined.
    pub async fn decline(self, id: ReviewId) -> Result<Model, TxError> {
        let mut row = self.lock_undecided(id).await?;
        let before = row.status;
        self.end(row_with(&mut row, ReviewStatus::Declined), Verb::Declined, before).await?;
        Ok(row)
    }

    /// Reopens a declined review, with the status that follows from its decisions; emits `reopened`.
    ///
    /// # Errors
    /// [`Error::Conflict`] if it is not declined.
    pub async fn reopen(self, id: ReviewId) -> Result<Model, TxError> {
        let mut row = items::lock::<Model>(self.tx, id).await?;
        if row.status != ReviewStatus::Declined {
            let detail = format!("{} is not declined, so it can't be reopened.", self.key(&row));
            return Err(Error::conflict(detail).into());
        }
        let status = reviewers::status_of(&reviewers::of_review(self.tx.db(), id).await?);
        self.end(row_with(&mut row, status), Verb::Reopened, ReviewStatus::Declined).await?;
        Ok(row)
    }

    /// Emits `commented`.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the review was deleted.
    pub async fn commented(self, id: ReviewId, comment: Value, text: &str) -> Result<(), TxError> {
        let row = items::lock::<Model>(self.tx, id).await?;
        let comment = json!({"comment": {"id": comment, "text": cut_text(text)}});
        self.emit(&row, Verb::Commented, comment).await
    }

    fn key(self, row: &Model) -> String {
        key::key(self.project, Subject::Review, row.number)
    }

    /// Locks a review that is neither merged nor declined.
    async fn lock_undecided(self, id: ReviewId) -> Result<Model, TxError> {
        let row = items::lock::<Model>(self.tx, id).await?;
        self.require_undecided(&row)?;
        Ok(row)
    }

    fn require_undecided(self, row: &Model) -> Result<(), Error> {
        match row.status {
            ReviewStatus::Merged => Err(Error::conflict(format!("{} is merged and can't be changed.", self.key(row)))),
            ReviewStatus::Declined => Err(Error::conflict(format!("{} was declined. Reopen it first.", self.key(row)))),
            ReviewStatus::Open | ReviewStatus::Approved | ReviewStatus::ChangesRequested => Ok(()),
        }
    }

    /// What a merge still needs, as a sentence.
    fn missing(self, row: &Model, present: &[Reviewer]) -> Option<String> {
        let names = |decision: ReviewerDecision| {
            let of = present.iter().filter(|reviewer| reviewer.decision == decision);
            of.map(|reviewer| reviewer.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let key = self.key(row);
        match row.status {
            ReviewStatus::Approved => None,
            ReviewStatus::Open if present.is_empty() => {
                Some(format!("{key} has no reviewers. Add at least one, who approves it."))
            }
            ReviewStatus::Open => {
                Some(format!("{key} is not approved yet. Pending: {}.", names(ReviewerDecision::Pending)))
            }
            ReviewStatus::ChangesRequested => {
                let by = names(ReviewerDecision::ChangesRequested);
                Some(format!("{key} is not approved. Changes requested by: {by}."))
            }
            ReviewStatus::Merged => Some(format!("{key} is already merged.")),
            ReviewStatus::Declined => Some(format!("{key} was declined. Reopen it first.")),
        }
    }

    /// Sets the status that follows from the decisions; emits `status_changed` if it is another one.
    async fn update_status(self, row: &mut Model, present: &[Reviewer]) -> Result<(), TxError> {
        let status = reviewers::status_of(present);
        let Some(change) = FieldChange::between("status", &row.status, &status) else { return Ok(()) };
        row.status = status;
        items::save(self.state, self.tx, row).await?;
        let event = TestwareEvent::FieldChanged(Verb::StatusChanged, change);
        Ok(events::emit(self.state, self.tx, self.project, row, event, self.by).await?)
    }

    /// Writes a review with a new status, and emits the event of that.
    async fn end(self, row: &mut Model, verb: Verb, before: ReviewStatus) -> Result<(), TxError> {
        self.emit_saved(row, verb, json!({"previousStatus": before})).await
    }

    async fn emit_saved(self, row: &mut Model, verb: Verb, fields: Value) -> Result<(), TxError> {
        items::save(self.state, self.tx, row).await?;
        self.emit(row, verb, fields).await
    }

    async fn emit(self, row: &Model, verb: Verb, fields: Value) -> Result<(), TxError> {
        let event = TestwareEvent::WithFields(verb, fields);
        Ok(events::emit(self.state, self.tx, self.project, row, event, self.by).await?)
    }
}

fn row_with(row: &mut Model, status: ReviewStatus) -> &mut Model {
    row.status = status;
    row
}
