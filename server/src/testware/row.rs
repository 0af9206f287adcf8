//! What differs between the subjects of testware in the database: tables, fields and checks, and
//! the content of events and views.

use std::collections::HashMap;

use app::error::Result;
use app::model::catalog::CatalogSubject;
use app::model::id::{ProjectId, UserId};
use app::testware::execution::{Counts, State};
use app::testware::subject::TestwareSubject;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Select};
use serde_json::Value;

use crate::app_state::AppState;
use crate::entity::project;
use crate::events::FieldChange;
use crate::service::TxError;
use crate::storage::Tx;

/// A testware subject whose items are stored as these rows.
pub trait Stored: TestwareSubject {
    type Row: TestwareRow<View = Self>;
}

/// The columns by which a list is filtered, ordered and searched.
pub struct Columns<C> {
    pub id: C,
    pub project: C,
    pub number: C,
    pub search: C,
    pub deleted_at: C,
}

/// The values of every row of testware.
#[derive(Clone, Copy)]
pub struct Common {
    pub project_id: ProjectId,
    pub number: i32,
    pub author_id: UserId,
    pub created_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// The state of an item.
pub struct Progress {
    pub state: State,
    pub completed_at: Option<DateTime<Utc>>,
}

pub type Id<R> = <<R as TestwareRow>::View as CatalogSubject>::Id;
pub type Update<R> = <<R as TestwareRow>::View as TestwareSubject>::Update;
pub type Query<R> = <<R as TestwareRow>::View as TestwareSubject>::Query;
pub type Detail<R> = <<R as TestwareRow>::View as TestwareSubject>::Detail;

/// A row of testware. [`testware_row`] implements what is the same for all subjects.
#[async_trait]
pub trait TestwareRow: Clone + PartialEq + FromQueryResult + Send + Sync + 'static {
    type Entity: EntityTrait<Model = Self>;
    type Active: ActiveModelTrait<Entity = Self::Entity> + Send;
    type View: TestwareSubject;

    const COLUMNS: Columns<<Self::Entity as EntityTrait>::Column>;
    /// When a run or session was completed.
    const COMPLETED_AT: Option<<Self::Entity as EntityTrait>::Column> = None;

    fn id(&self) -> Id<Self>;
    fn common(&self) -> Common;
    fn set_number(&mut self, number: i32);
    fn set_updated_at(&mut self, at: DateTime<Utc>);
    fn set_deleted_at(&mut self, at: DateTime<Utc>);
    /// The complete row for an insert or update.
    fn stored(&self) -> Self::Active;
    /// An item without fields and number.
    fn empty(state: &AppState, project: ProjectId, author: UserId) -> Self;
    /// The copy of an item: `empty` with its fields.
    fn copy_onto(&self, empty: Self) -> Self;
    /// The fields that differ.
    fn changes(before: &Self, after: &Self) -> Vec<FieldChange>;

    /// Checks the fields of an update and sets those that are present. After an error, the row must
    /// be dropped.
    ///
    /// # Errors
    /// [`Error::Invalid`](app::error::Error::Invalid) with a message for each invalid field.
    fn set_fields(&mut self, update: &mut Update<Self>) -> Result<()>;
    /// Adds the filters that only this subject has.
    ///
    /// # Errors
    /// [`Error::Invalid`](app::error::Error::Invalid) for an invalid filter.
    fn filter(select: Select<Self::Entity>, query: &Query<Self>) -> Result<Select<Self::Entity>>;
    /// Its own fields in the `data` of its events; the catalog has the schema. The events add the
    /// state and the counts.
    fn event_data(&self) -> Value;
    fn view(self, key: String, author: String, counts: Counts) -> Self::View;
    /// The view with the details of its page.
    fn detail(view: Self::View) -> Detail<Self>;

    /// The state and completion of a run or session.
    fn progress(&self) -> Option<Progress> {
        None
    }
    /// The results of each item that has any, counted by status.
    async fn counts<C: ConnectionTrait>(db: &C, ids: &[Id<Self>]) -> Result<HashMap<Id<Self>, Counts>, DbErr> {
        let _ = (db, ids);
        Ok(HashMap::new())
    }
    /// Stores the fields of an update that are in other tables. Returns those that changed.
    ///
    /// # Errors
    /// A field that is invalid.
    async fn set_related(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        update: &mut Update<Self>,
    ) -> Result<Vec<FieldChange>, TxError> {
        let _ = (tx, project, update);
        Ok(Vec::new())
    }
    /// Copies the data of an item in other tables.
    async fn copy_related(&self, tx: &Tx<'_>, project: &project::Model, copy: Id<Self>) -> Result<(), DbErr> {
        let _ = (tx, project, copy);
        Ok(())
    }
}

/// Implements what is the same for every row of testware. `fields` are set by an update and copied,
/// each with its name in the API; `reset` fields start empty in a copy.
macro_rules! testware_row {
    ($table:ident, $view:ty, fields: { $($field:ident = $name:literal),+ }, reset: { $($reset:ident),* }) => {
        type Entity = $table::Entity;
        type Active = $table::ActiveModel;
        type View = $view;

        const COLUMNS: $crate::testware::row::Columns<$table::Column> =
            $crate::testware::row::Columns {
                id: $table::Column::Id,
                project: $table::Column::ProjectId,
                number: $table::Column::Number,
                search: $table::Column::Search,
                deleted_at: $table::Column::DeletedAt,
            };

        fn id(&self) -> $crate::testware::row::Id<Self> {
            self.id
        }

        fn common(&self) -> $crate::testware::row::Common {
            $crate::testware::row::Common {
                project_id: self.project_id,
                number: self.number,
                author_id: self.author_id,
                created_at: self.created_at,
                deleted_at: self.deleted_at,
            }
        }

        fn set_number(&mut self, number: i32) {
            self.number = number;
        }

        fn set_updated_at(&mut self, at: chrono::DateTime<chrono::Utc>) {
            self.updated_at = at;
        }

        fn set_deleted_at(&mut self, at: chrono::DateTime<chrono::Utc>) {
            self.deleted_at = Some(at);
        }

        fn stored(&self) -> $table::ActiveModel {
            self.written()
        }

        fn empty(
            state: &$crate::app_state::AppState,
            project_id: app::model::id::ProjectId,
            author_id: app::model::id::UserId,
        ) -> Self {
            let now = state.clock.now();
            Self {
                id: state.ids.next(),
                project_id,
                number: 0,
                search: Default::default(),
                $($field: Default::default(),)+
                $($reset: Default::default(),)*
                author_id,
                created_at: now,
                updated_at: now,
                deleted_at: None,
            }
        }

        fn copy_onto(&self, empty: Self) -> Self {
            Self { $($field: Clone::clone(&self.$field),)+ ..empty }
        }

        fn changes(before: &Self, after: &Self) -> Vec<$crate::events::FieldChange> {
            let fields = [$($crate::events::FieldChange::between($name, &before.$field, &after.$field)),+];
            fields.into_iter().flatten().collect()
        }
    };
}
pub(super) use testware_row;
