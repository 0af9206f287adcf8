//! The reviewers of a review and their decisions. The caller has locked the review.

pub mod table;

use std::collections::HashMap;

use app::error::Error;
use app::model::id::{ProjectId, UserId};
use app::testware::review::{MAX_REVIEWERS, ReviewId, ReviewStatus, Reviewer, ReviewerDecision};
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use table::{Column, Entity, Model};

use crate::entity::{member, user};
use crate::service::TxError;
use crate::service::people::names::user_names;
use crate::storage::Tx;
use crate::testware::review::table as review;

/// The reviewers of each review that has any, in the order in which they were added.
pub async fn of_reviews<C: ConnectionTrait>(
    db: &C,
    reviews: impl Iterator<Item = ReviewId>,
) -> Result<HashMap<ReviewId, Vec<Reviewer>>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ReviewId.is_in(reviews))
        .order_by_asc(Column::AddedAt)
        .order_by_asc(Column::UserId)
        .all(db)
        .await?;
    let names = user_names(db, rows.iter().map(|row| row.user_id)).await?;
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let reviewer = Reviewer {
            id: row.user_id,
            name: names.get(&row.user_id).cloned().unwrap_or_default(),
            decision: row.decision,
            decided_at: row.decided_at,
        };
        found.entry(row.review_id).or_default().push(reviewer);
    }
    Ok(found)
}

/// The reviewers of one review.
pub async fn of_review<C: ConnectionTrait>(db: &C, review: ReviewId) -> Result<Vec<Reviewer>, DbErr> {
    Ok(of_reviews(db, std::iter::once(review)).await?.remove(&review).unwrap_or_default())
}

/// Selects the IDs of the reviews of a reviewer.
pub fn reviews_of(user: UserId) -> SelectStatement {
    Query::select().column(Column::ReviewId).from(Entity).and_where(Column::UserId.eq(user)).take()
}

/// Adds reviewers, whose decisions are pending. `field` is where errors are shown.
///
/// # Errors
/// [`Error::Invalid`] for the author, for users who are no active members of the project, and for more than 20 reviewers.
pub async fn add(
    tx: &Tx<'_>,
    review: &review::Model,
    users: &[UserId],
    (field, now): (&str, DateTime<Utc>),
) -> Result<(), TxError> {
    let present = of_review(tx.db(), review.id).await?;
    let mut new: Vec<UserId> = Vec::new();
    for user in users {
        if !new.contains(user) && !present.iter().any(|reviewer| reviewer.id == *user) {
            new.push(*user);
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    if new.contains(&review.author_id) {
        return Err(Error::field(field, "The author can't review the proposal. Choose other members.").into());
    }
    if present.len() + new.len() > MAX_REVIEWERS {
        return Err(Error::field(field, "Use at most 20 reviewers.").into());
    }
    let members = active_members(tx, review.project_id, &new).await?;
    if new.iter().any(|user| !members.contains(user)) {
        return Err(Error::field(field, "Choose active members of this project.").into());
    }
    let rows = new.into_iter().map(|user_id| {
        let (review_id, decision) = (review.id, ReviewerDecision::Pending);
        Model { review_id, user_id, decision, decided_at: None, added_at: now }.into_active_model()
    });
    Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Those of the users who are members of the project and not deactivated.
async fn active_members(tx: &Tx<'_>, project: ProjectId, users: &[UserId]) -> Result<Vec<UserId>, DbErr> {
    let of_project = member::Entity::find()
        .select_only()
        .column(member::Column::UserId)
        .filter(member::Column::ProjectId.eq(project))
        .into_query();
    user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Id.is_in(users.iter().copied()))
        .filter(user::Column::Id.in_subquery(of_project))
        .filter(user::Column::DeactivatedAt.is_null())
        .into_tuple()
        .all(tx.db())
        .await
}

/// Removes a reviewer.
///
/// # Errors
/// [`Error::NotFound`] if the user is none.
pub async fn remove(tx: &Tx<'_>, review: ReviewId, user: UserId) -> Result<(), TxError> {
    let removed = Entity::delete_by_id((review, user)).exec(tx.db()).await?;
    if removed.rows_affected == 0 { Err(Error::NotFound.into()) } else { Ok(()) }
}

/// Stores a decision.
pub async fn decide(
    tx: &Tx<'_>,
    (review_id, user_id): (ReviewId, UserId),
    decision: ReviewerDecision,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = table::ActiveModel {
        review_id: Set(review_id),
        user_id: Set(user_id),
        decision: Set(decision),
        decided_at: Set(Some(now)),
        ..Default::default()
    };
    Entity::update(row).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Makes all decisions pending, because the proposal changed.
pub async fn reset(tx: &Tx<'_>, review: ReviewId) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Decision, Expr::value(ReviewerDecision::Pending.as_str()))
        .col_expr(Column::DecidedAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::ReviewId.eq(review))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// The status that follows from the decisions.
#[must_use]
pub fn status_of(reviewers: &[Reviewer]) -> ReviewStatus {
    let any = |decision: ReviewerDecision| reviewers.iter().any(|reviewer| reviewer.decision == decision);
    if any(ReviewerDecision::ChangesRequested) {
        ReviewStatus::ChangesRequested
    } else if reviewers.is_empty() || any(ReviewerDecision::Pending) {
        ReviewStatus::Open
    } else {
        ReviewStatus::Approved
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn status(decisions: &[ReviewerDecision]) -> ReviewStatus {
        let reviewer = |decision: &ReviewerDecision| Reviewer {
            id: UserId(Uuid::nil()),
            name: String::new(),
            decision: *decision,
            decided_at: None,
        };
        status_of(&decisions.iter().map(reviewer).collect::<Vec<_>>())
    }

    #[test]
    fn all_reviewers_must_approve() {
        use ReviewerDecision::{Approved, ChangesRequested, Pending};
        assert_eq!(status(&[]), ReviewStatus::Open);
        assert_eq!(status(&[Approved, Pending]), ReviewStatus::Open);
        assert_eq!(status(&[Approved, Approved]), ReviewStatus::Approved);
        assert_eq!(status(&[Approved, ChangesRequested, Pending]), ReviewStatus::ChangesRequested);
    }
}
