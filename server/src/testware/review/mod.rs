//! Reviews: proposed changes to test cases. [`actions`] has what happens to one, and `reviewers` who decides.

pub mod actions;
mod demo;
mod rest;
mod reviewers;
pub mod table;

use std::collections::HashMap;

use app::error::{Checks, Error, Result};
use app::model::catalog::{Subject, Verb};
use app::model::id::ProjectId;
use app::model::item_id::ItemId;
use app::model::people::Actor;
use app::model::text::Title;
use app::testware::case::{CaseContent, CaseId};
use app::testware::execution::Counts;
use app::testware::review::{Review, ReviewDetail, ReviewId, ReviewQuery, ReviewStatus, ReviewedCase, UpdateReview};
use async_trait::async_trait;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Select};
use serde_json::{Value, json};
use table::{Column, Entity, Model};
use uuid::Uuid;

use super::case::diff::{DiffBudget, content_diff};
use super::case::table as test_case;
use super::row::{Stored, TestwareRow, testware_row};
use super::shared_step::uses;
use super::{items, key};
use crate::app_state::AppState;
use crate::entity::json::Content;
use crate::entity::project;
use crate::events::{FieldChange, cut_text};
use crate::markup;
use crate::service::{TxError, text};
use crate::storage::Tx;

/// The maximum length of a title in characters.
const MAX_TITLE_CHARS: usize = 200;

impl Stored for Review {
    type Row = Model;
}

/// A review, and its project. The caller must be a member.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn active(state: &AppState, actor: &Actor, id: ReviewId) -> Result<(Model, project::Model)> {
    items::active::<Model>(state, actor, id).await
}

/// The view of a review.
pub async fn view(state: &AppState, project: &project::Model, row: Model) -> Result<Review> {
    items::view(state, project, row).await
}

#[async_trait]
impl TestwareRow for Model {
    testware_row! {
        table, Review,
        fields: { title = "title", description = "description", base = "base", proposal = "proposal" },
        reset: { case_id, status }
    }

    fn set_fields(&mut self, update: &mut UpdateReview) -> Result<()> {
        if self.status == ReviewStatus::Merged {
            return Err(Error::conflict("This review is merged and can't be changed."));
        }
        let mut checks = Checks::default();
        checks.set("title", &mut self.title, update.title.take().map(|title| checked_title(&title)));
        checks.set("description", &mut self.description, update.description.take().map(text::long));
        self.case_id = update.case_id.take().or(self.case_id);
        checks.finish()
    }

    async fn resolve(
        &mut self,
        tx: &Tx<'_>,
        project: &project::Model,
        update: &mut UpdateReview,
    ) -> Result<(), TxError> {
        let Some(mut content) = update.proposal.take() else { return Ok(()) };
        let case = active_case(tx, project.id, self.case_id()).await?;
        if self.number > 0 {
            // What the proposal of an existing review doesn't change follows the case.
            content.rebase(&self.base.0, &case.content());
        }
        uses::check(tx, project.id, uses::used(&content.steps).into_iter().collect()).await.map_err(
            |error| match error {
                TxError::Refused(error) => in_proposal(error).into(),
                error => error,
            },
        )?;
        let mut proposed = case.clone();
        proposed.set_fields(&mut content.clone().into()).map_err(in_proposal)?;
        let (base, proposal) = (Content(case.content()), Content(proposed.content()));
        if base == proposal {
            return Err(Error::field("proposal", "Change at least one field of the test case.").into());
        }
        if (&base, &proposal) != (&self.base, &self.proposal) {
            (self.base, self.proposal) = (base, proposal);
            if self.status.is_undecided() {
                self.status = ReviewStatus::Open;
            }
            // The decisions are about another proposal.
            update.proposal = Some(content);
        }
        Ok(())
    }

    async fn set_related(
        &self,
        tx: &Tx<'_>,
        _: &project::Model,
        update: &mut UpdateReview,
    ) -> Result<Vec<FieldChange>, TxError> {
        if update.proposal.take().is_some() {
            reviewers::reset(tx, self.id).await?;
        }
        if let Some(users) = update.reviewer_ids.take() {
            reviewers::add(tx, self, &users, ("reviewerIds", self.created_at)).await?;
        }
        Ok(Vec::new())
    }

    fn filter(mut select: Select<Entity>, query: &ReviewQuery) -> Result<Select<Entity>> {
        if let Some(status) = query.status {
            select = select.filter(Column::Status.eq(status));
        }
        if let Some(case) = query.case {
            select = select.filter(Column::CaseId.eq(case));
        }
        if let Some(reviewer) = query.reviewer {
            select = select.filter(Column::Id.in_subquery(reviewers::reviews_of(reviewer)));
        }
        if let Some(caller) = query.caller.filter(|_| query.mine == Some(true)) {
            let reviewed = Column::Id.in_subquery(reviewers::reviews_of(caller));
            select = select.filter(Condition::any().add(Column::AuthorId.eq(caller)).add(reviewed));
        }
        Ok(select)
    }

    fn open(select: Select<Entity>) -> Select<Entity> {
        select.filter(Column::Status.is_not_in([ReviewStatus::Merged, ReviewStatus::Declined]))
    }

    fn own_changes(before: &Self, after: &Self) -> Vec<(Verb, FieldChange)> {
        let change = FieldChange::between("status", &before.status, &after.status);
        change.into_iter().map(|change| (Verb::StatusChanged, change)).collect()
    }

    fn part_of(&self) -> Vec<ItemId> {
        self.case_id.map(Into::into).into_iter().collect()
    }

    fn event_data(&self) -> Value {
        json!({"title": self.title, "description": cut_text(&self.description), "status": self.status})
    }

    async fn related_data<C: ConnectionTrait>(&self, db: &C, project: &project::Model) -> Result<Value, DbErr> {
        let case = test_case::Entity::find_by_id(self.case_id()).one(db).await?;
        let case = case.map(
            |case| json!({"id": case.id, "key": key::key(project, Subject::Case, case.number), "title": case.title}),
        );
        Ok(json!({"case": case, "reviewers": reviewers::of_review(db, self.id).await?}))
    }

    fn view(self, key: String, author: String, _: Counts) -> Review {
        Review {
            id: self.id,
            project_id: self.project_id,
            key,
            title: self.title,
            description: self.description,
            status: self.status,
            case: ReviewedCase {
                id: self.case_id.unwrap_or(CaseId(Uuid::nil())),
                key: String::new(),
                title: String::new(),
                deleted: false,
            },
            reviewers: Vec::new(),
            base: self.base.0,
            proposal: self.proposal.0,
            author_id: self.author_id,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    async fn complete_views<C: ConnectionTrait>(
        db: &C,
        project: &project::Model,
        views: &mut [Review],
    ) -> Result<(), DbErr> {
        let mut reviewers = reviewers::of_reviews(db, views.iter().map(|view| view.id)).await?;
        let cases =
            test_case::Entity::find().filter(test_case::Column::Id.is_in(views.iter().map(|view| view.case.id)));
        let cases: HashMap<CaseId, test_case::Model> =
            cases.all(db).await?.into_iter().map(|case| (case.id, case)).collect();
        for view in views {
            view.reviewers = reviewers.remove(&view.id).unwrap_or_default();
            if let Some(case) = cases.get(&view.case.id) {
                view.case.key = key::key(project, Subject::Case, case.number);
                view.case.title.clone_from(&case.title);
                view.case.deleted = case.deleted_at.is_some();
            }
        }
        Ok(())
    }

    fn detail(review: Review) -> ReviewDetail {
        ReviewDetail {
            description_html: markup::to_safe_html(&review.description),
            changes: content_diff(&review.base, &review.proposal, &mut DiffBudget::default()),
            base: review.base.clone(),
            proposal: review.proposal.clone(),
            review,
        }
    }
}

impl Model {
    fn case_id(&self) -> CaseId {
        self.case_id.unwrap_or(CaseId(Uuid::nil()))
    }

    fn contents(&self) -> (&CaseContent, &CaseContent) {
        (&self.base.0, &self.proposal.0)
    }
}

fn checked_title(title: &str) -> Result<String, &'static str> {
    let title = title.parse::<Title>()?.into_string();
    if title.chars().count() > MAX_TITLE_CHARS { Err("Use at most 200 characters.") } else { Ok(title) }
}

/// The test case, which is not deleted until the change is committed.
async fn active_case(tx: &Tx<'_>, project: ProjectId, id: CaseId) -> Result<test_case::Model, TxError> {
    let case = test_case::Entity::find_by_id(id)
        .filter(test_case::Column::ProjectId.eq(project))
        .filter(test_case::Column::DeletedAt.is_null())
        .lock_shared()
        .one(tx.db())
        .await?;
    case.ok_or_else(|| Error::field("caseId", "Choose a test case of this project that is not deleted.").into())
}

/// The errors of proposed content, with its place in the request.
fn in_proposal(error: Error) -> Error {
    match error {
        Error::Invalid { detail, errors } => {
            let errors = errors.into_iter().map(|(field, message)| (format!("proposal.{field}"), message)).collect();
            Error::Invalid { detail, errors }
        }
        other => other,
    }
}
