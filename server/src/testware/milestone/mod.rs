//! Milestones: a due date, and the progress of the runs and sessions that belong to it.

mod demo;
mod rest;
pub mod source;
mod sync;
pub mod table;

use std::collections::HashMap;

use app::error::{Checks, Result};
use app::model::catalog::Verb;
use app::model::text::Name;
use app::testware::execution::Counts;
use app::testware::group::GroupQuery;
use app::testware::milestone::{Milestone, MilestoneDetail, MilestoneId, UpdateMilestone};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Select};
use serde_json::{Value, json};
use table::{Column, Entity, Model};

use super::group::{self, GroupRow};
use super::row::{Stored, TestwareRow, testware_row};
use super::run::table as test_run;
use super::search;
use super::session::table as test_session;
use crate::entity::project;
use crate::events::{FieldChange, cut_text};
use crate::markup;
use crate::service::{TxError, text};
use crate::storage::Tx;

impl Stored for Milestone {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    testware_row! {
        table, Milestone,
        fields: { name = "name", description = "description" },
        reset: { due_on, completed_at }
    }

    const HAS_COUNTS: bool = true;
    const COMPLETED_AT: Option<Column> = Some(Column::CompletedAt);

    fn set_fields(&mut self, update: &mut UpdateMilestone) -> Result<()> {
        let mut checks = Checks::default();
        let name = update.name.take().map(|name| name.parse().map(Name::into_string));
        checks.set("name", &mut self.name, name);
        checks.set("description", &mut self.description, update.description.take().map(text::long));
        checks.set("dueOn", &mut self.due_on, update.due_on.take().map(|date| checked_date(&date)));
        checks.finish()
    }

    fn filter(select: Select<Entity>, query: &GroupQuery) -> Result<Select<Entity>> {
        Ok(search::completed::<Self>(select, query.completed))
    }

    fn event_data(&self) -> Value {
        json!({"name": self.name, "description": cut_text(&self.description), "dueOn": self.due_on})
    }

    fn view(self, key: String, author: String, counts: Counts) -> Milestone {
        Milestone {
            id: self.id,
            project_id: self.project_id,
            key,
            name: self.name,
            description: self.description,
            due_on: self.due_on,
            completed_at: self.completed_at,
            counts,
            source: None,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(milestone: Milestone) -> MilestoneDetail {
        MilestoneDetail { description_html: markup::to_safe_html(&milestone.description), milestone }
    }

    async fn counts<C: ConnectionTrait>(db: &C, ids: &[MilestoneId]) -> Result<HashMap<MilestoneId, Counts>, DbErr> {
        group::counts::<Self>(db, ids).await
    }

    async fn complete_views<C: ConnectionTrait>(
        db: &C,
        project: &project::Model,
        views: &mut [Milestone],
    ) -> Result<(), DbErr> {
        source::complete_views(db, project.id, views).await
    }

    async fn resolve(&mut self, tx: &Tx<'_>, project: &project::Model, _: &mut UpdateMilestone) -> Result<(), TxError> {
        // A new one has no row.
        let stored = Entity::find_by_id(self.id).one(tx.db()).await?;
        let is_same =
            |stored: &Self| Self::changes(stored, self).is_empty() && Self::own_changes(stored, self).is_empty();
        if stored.as_ref().is_none_or(is_same) {
            return Ok(());
        }
        source::require_editable(tx, project.id, self.id).await
    }

    async fn before_complete(&self, tx: &Tx<'_>, project: &project::Model) -> Result<(), TxError> {
        source::require_editable(tx, project.id, self.id).await
    }

    async fn detach(&self, tx: &Tx<'_>, project: &project::Model) -> Result<(), DbErr> {
        group::detach::<Self>(tx, project.id, self.id).await
    }

    fn completed_at(&self) -> Option<DateTime<Utc>> {
        self.completed_at
    }

    fn set_completed_at(&mut self, at: DateTime<Utc>) {
        self.completed_at = Some(at);
    }

    fn own_changes(before: &Self, after: &Self) -> Vec<(Verb, FieldChange)> {
        let change = FieldChange::between("dueOn", &before.due_on, &after.due_on);
        change.into_iter().map(|change| (Verb::DueDateChanged, change)).collect()
    }
}

impl GroupRow for Model {
    const FIELD: &'static str = "milestoneId";
    const UNKNOWN: &'static str = "Choose an open milestone of this project.";
    const OF_RUN: test_run::Column = test_run::Column::MilestoneId;
    const OF_SESSION: Option<test_session::Column> = Some(test_session::Column::MilestoneId);
}

/// A date; `None` for an empty text. Years of four digits only, which every database and browser can show.
fn checked_date(text: &str) -> Result<Option<NaiveDate>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let date = (text.len() == "2026-12-24".len()).then(|| text.parse().ok()).flatten();
    date.map(Some).ok_or("Enter a date such as 2026-12-24.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_complete_date_is_accepted() {
        assert_eq!(checked_date(" 2026-12-24 "), Ok(NaiveDate::from_ymd_opt(2026, 12, 24)));
        assert_eq!(checked_date(""), Ok(None));
        for wrong in
            ["2026-02-30", "24.12.2026", "tomorrow", "2026-12", "+12026-01-01", "2026-1-2", "2026-12-24T00:00:00Z"]
        {
            assert!(checked_date(wrong).is_err(), "{wrong}");
        }
    }
}
