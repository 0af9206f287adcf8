//! What differs between the subjects of testware: their fields and checks, their events, and how they
//! are shown.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::str::FromStr;

use app::error::Result;
use app::model::catalog::Subject;
use app::model::id::{ProjectId, UserId};
use app::model::live::ChangeKind;
use app::model::page::PageQuery;
use app::model::people::Actor;
use app::model::testware::Counts;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult, Select};
use serde_json::Value;

use crate::app_state::AppState;
use crate::entity::project;
use crate::service::TxError;
use crate::storage::Tx;

/// The columns that a list is scoped, ordered and searched by.
pub struct Columns<C> {
    pub id: C,
    pub project: C,
    pub number: C,
    pub search: C,
    pub deleted_at: C,
}

/// The values that every row of testware has.
pub struct Common<'a> {
    pub project_id: ProjectId,
    pub number: &'a mut i32,
    pub author_id: UserId,
    pub updated_at: &'a mut DateTime<Utc>,
    pub deleted_at: &'a mut Option<DateTime<Utc>>,
}

/// A subject of testware, implemented by its row.
#[async_trait]
pub trait Testware: Clone + PartialEq + FromQueryResult + Send + Sync + 'static {
    type Entity: EntityTrait<Model = Self>;
    type Active: ActiveModelTrait<Entity = Self::Entity> + Send;
    type Id: Copy + Eq + Hash + Display + FromStr + Into<sea_orm::Value> + Send + Sync + 'static;
    /// The fields of an update, as the API takes them.
    type Update: Send + 'static;
    /// The query of a list.
    type Query: Send + Sync;
    /// What the API shows.
    type View: Send;

    const SUBJECT: Subject;
    /// The field of events and views that names an item.
    const NAME_FIELD: &'static str;
    const COLUMNS: Columns<<Self::Entity as EntityTrait>::Column>;

    fn id(&self) -> Self::Id;
    fn name(&self) -> &str;
    fn common(&mut self) -> Common<'_>;
    /// The whole row as it is inserted and updated.
    fn stored(&self) -> Self::Active;

    /// An item without fields and without a number.
    fn empty(state: &AppState, project: &project::Model, author: &Actor) -> Self;
    /// The copy of an item: `empty` with its fields.
    fn copy_onto(&self, empty: Self) -> Self;
    /// Checks the fields of an update and sets those that are present. After an error the row is of
    /// no use.
    ///
    /// # Errors
    /// [`Error::Invalid`](app::error::Error::Invalid) with a message for each invalid field.
    fn set_fields(&mut self, update: &mut Self::Update) -> Result<()>;
    /// The fields that differ, by their names in the API.
    fn changed_fields(before: &Self, after: &Self) -> Vec<&'static str>;

    /// The page and the search of a query.
    fn page_and_search(query: &Self::Query) -> (PageQuery, Option<&str>);
    /// Adds the filters that only this subject has.
    ///
    /// # Errors
    /// [`Error::Invalid`](app::error::Error::Invalid) for a filter that is refused.
    fn filter(select: Select<Self::Entity>, query: &Self::Query) -> Result<Select<Self::Entity>>;

    fn live_change(&self) -> ChangeKind;
    /// The `data` of all its events, after the catalog's schema.
    fn event_data(&self, key: String, counts: Counts, link: String) -> Value;
    /// The path of its page within a project.
    fn page_path(&self) -> String;
    fn view(self, key: String, author: String, counts: Counts) -> Self::View;

    /// Results by status, of each item that has any.
    async fn counts_in(tx: &DatabaseTransaction, ids: &[Self::Id]) -> Result<HashMap<Self::Id, Counts>, DbErr> {
        let _ = (tx, ids);
        Ok(HashMap::new())
    }
    /// [`Testware::counts_in`] outside of a transaction.
    async fn counts(state: &AppState, ids: &[Self::Id]) -> Result<HashMap<Self::Id, Counts>, DbErr> {
        let _ = (state, ids);
        Ok(HashMap::new())
    }
    /// Stores what an update sets in other tables. Returns the fields that it changed.
    ///
    /// # Errors
    /// A field that is invalid.
    async fn set_related(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        update: &mut Self::Update,
    ) -> Result<Vec<&'static str>, TxError> {
        let _ = (tx, project, update);
        Ok(Vec::new())
    }
    /// Copies what an item has in other tables.
    ///
    /// # Errors
    /// Errors of the database.
    async fn copy_related(&self, tx: &Tx<'_>, project: &project::Model, copy: Self::Id) -> Result<(), DbErr> {
        let _ = (tx, project, copy);
        Ok(())
    }
    /// Refuses an update of an item that takes no more changes.
    ///
    /// # Errors
    /// [`Error::Conflict`](app::error::Error::Conflict).
    fn require_open(&self, project: &project::Model) -> Result<()> {
        let _ = project;
        Ok(())
    }
    /// The event of a change of state, if the state changed.
    fn state_change(before: &Self, after: &Self) -> Option<super::TestwareEvent<'static>> {
        let _ = (before, after);
        None
    }
}

/// The types, columns and accessors that every row of testware has alike.
macro_rules! row_accessors {
    ($table:ident, $id:ty) => {
        type Entity = $table::Entity;
        type Active = $table::ActiveModel;
        type Id = $id;

        const COLUMNS: $crate::service::testware::Columns<$table::Column> = $crate::service::testware::Columns {
            id: $table::Column::Id,
            project: $table::Column::ProjectId,
            number: $table::Column::Number,
            search: $table::Column::Search,
            deleted_at: $table::Column::DeletedAt,
        };

        fn id(&self) -> $id {
            self.id
        }

        fn common(&mut self) -> $crate::service::testware::Common<'_> {
            $crate::service::testware::Common {
                project_id: self.project_id,
                number: &mut self.number,
                author_id: self.author_id,
                updated_at: &mut self.updated_at,
                deleted_at: &mut self.deleted_at,
            }
        }

        fn stored(&self) -> $table::ActiveModel {
            self.written()
        }
    };
}
pub(super) use row_accessors;
