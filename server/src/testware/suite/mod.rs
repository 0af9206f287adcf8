//! Suites: a tree of folders for test cases.

mod copy;
mod demo;
mod rest;
pub mod table;
mod tree;

use app::error::{Checks, Error, Result};
use app::model::text::Name;
use app::testware::execution::Counts;
use app::testware::item::CopiedCases;
use app::testware::suite::{Suite, SuiteDetail, SuiteQuery, UpdateSuite};
use async_trait::async_trait;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, Select};
use serde_json::{Value, json};
use table::{Column, Entity, Model};

pub use tree::{cases_within, check, parse, reference};

use super::row::{Stored, TestwareRow, testware_row};
use crate::app_state::AppState;
use crate::entity::project;
use crate::events::{FieldChange, cut_text};
use crate::markup;
use crate::service::{TxError, text};
use crate::storage::Tx;

impl Stored for Suite {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    testware_row! {
        table, Suite,
        fields: { name = "name", description = "description", parent_id = "parentId" },
        reset: {}
    }

    fn set_fields(&mut self, update: &mut UpdateSuite) -> Result<()> {
        let mut checks = Checks::default();
        let name = update.name.take().map(|name| name.parse().map(Name::into_string));
        checks.set("name", &mut self.name, name);
        checks.set("description", &mut self.description, update.description.take().map(text::long));
        checks.set("parentId", &mut self.parent_id, update.parent_id.as_deref().map(parse));
        checks.finish()
    }

    fn filter(select: Select<Entity>, query: &SuiteQuery) -> Result<Select<Entity>> {
        Ok(match query.parent {
            Some(parent) => select.filter(Column::ParentId.eq(parent)),
            None => select,
        })
    }

    fn event_data(&self) -> Value {
        json!({"name": self.name, "description": cut_text(&self.description)})
    }

    fn view(self, key: String, author: String, _: Counts) -> Suite {
        Suite {
            id: self.id,
            project_id: self.project_id,
            key,
            name: self.name,
            description: self.description,
            parent_id: self.parent_id,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(suite: Suite) -> SuiteDetail {
        SuiteDetail { description_html: markup::to_safe_html(&suite.description), suite }
    }

    async fn set_related(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        update: &mut UpdateSuite,
    ) -> Result<Vec<FieldChange>, TxError> {
        if update.parent_id.take().is_some() {
            tree::check_place(tx, project.id, self).await?;
        }
        Ok(Vec::new())
    }

    async fn related_data<C: ConnectionTrait>(&self, db: &C, project: &project::Model) -> Result<Value, DbErr> {
        Ok(json!({"parent": reference(db, project, self.parent_id).await?}))
    }

    async fn detach(&self, tx: &Tx<'_>, project: &project::Model) -> Result<(), DbErr> {
        tree::move_contents_up(tx, project.id, self).await
    }

    async fn copy_related(
        &self,
        state: &AppState,
        tx: &Tx<'_>,
        project: &project::Model,
        copy: &Self,
        _: CopiedCases,
    ) -> Result<(), TxError> {
        copy::contents(state, tx, project, self.id, copy).await
    }
}

/// A refused place in the tree.
fn misplaced(message: &str) -> TxError {
    Error::field("parentId", message).into()
}
