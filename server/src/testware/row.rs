//! What differs between the subjects of testware in the database: tables, fields and checks, and
//! the content of events and views.

use std::collections::HashMap;

use app::error::Result;
use app::model::catalog::{CatalogSubject, Verb};
use app::model::id::{ProjectId, UserId};
use app::model::item_id::ItemId;
use app::model::people::Actor;
use app::testware::execution::{Counts, State};
use app::testware::item::CopiedCases;
use app::testware::subject::TestwareSubject;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Select};
use serde_json::Value;

use super::search;
use crate::app_state::AppState;
use crate::config::Config;
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
    /// What its creation is called.
    const CREATED: Verb = Verb::Created;
    /// Whether it is completed with an outcome, by a service of its own.
    const HAS_OUTCOME: bool = false;
    /// Whether results are counted for it. Its events contain the counts.
    const HAS_COUNTS: bool = false;
    /// When an item was completed, if that is possible.
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
    /// Leaves out what is completed or otherwise out of use.
    fn open(select: Select<Self::Entity>) -> Select<Self::Entity> {
        search::completed::<Self>(select, Some(false))
    }
    /// Its own fields in the `data` of its events; the catalog has the schema. The events add state,
    /// completion and counts.
    fn event_data(&self) -> Value;
    fn view(self, key: String, author: String, counts: Counts) -> Self::View;
    /// The view with the details of its page.
    fn detail(view: Self::View) -> Detail<Self>;

    /// The state of a run or session.
    fn state(&self) -> Option<State> {
        None
    }
    fn completed_at(&self) -> Option<DateTime<Utc>> {
        None
    }
    fn set_completed_at(&mut self, at: DateTime<Utc>) {
        let _ = at;
    }
    /// Ends what goes on until it is completed or aborted.
    fn before_end(&mut self, at: DateTime<Utc>) {
        let _ = at;
    }
    /// Whether it was aborted, and so is completed only in that it is read-only.
    fn is_aborted(&self) -> bool {
        false
    }
    fn set_aborted(&mut self) {}
    /// What the event of its completion or abortion adds.
    async fn completed_data<C: ConnectionTrait>(
        &self,
        db: &C,
        project: &project::Model,
        config: &Config,
    ) -> Result<Value, DbErr> {
        let _ = (db, project, config);
        Ok(Value::Null)
    }
    /// The changes of fields that have an event of their own, with its verb. `changes` doesn't have them.
    fn own_changes(before: &Self, after: &Self) -> Vec<(Verb, FieldChange)> {
        let change = FieldChange::between("state", &before.state(), &after.state());
        change.into_iter().map(|change| (Verb::StateChanged, change)).collect()
    }
    /// The results of each item that has any, counted by status.
    async fn counts<C: ConnectionTrait>(db: &C, ids: &[Id<Self>]) -> Result<HashMap<Id<Self>, Counts>, DbErr> {
        let _ = (db, ids);
        Ok(HashMap::new())
    }
    /// Sets what depends on other tables, of a new item or after [`set_fields`](Self::set_fields) of an update.
    ///
    /// # Errors
    /// A field that is invalid, and [`Error::Conflict`](app::error::Error::Conflict).
    async fn resolve(
        &mut self,
        tx: &Tx<'_>,
        project: &project::Model,
        update: &mut Update<Self>,
    ) -> Result<(), TxError> {
        let _ = (tx, project, update);
        Ok(())
    }
    /// Records a new item, or what changed since `before`, once it is written.
    async fn record(
        &self,
        state: &AppState,
        tx: &Tx<'_>,
        project: &project::Model,
        (before, changes): (Option<&Self>, &[FieldChange]),
        by: &Actor,
    ) -> Result<(), DbErr> {
        let _ = (state, tx, project, before, changes, by);
        Ok(())
    }
    /// Adds to views what is in other tables.
    async fn complete_views<C: ConnectionTrait>(
        db: &C,
        project: &project::Model,
        views: &mut [Self::View],
    ) -> Result<(), DbErr> {
        let _ = (db, project, views);
        Ok(())
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
    /// The cases that these changes add, as the event of it contains them.
    async fn added_cases(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        changes: &[FieldChange],
    ) -> Result<Option<Value>, DbErr> {
        let _ = (tx, project, changes);
        Ok(None)
    }
    /// Other items whose pages show this one, and change with it.
    fn part_of(&self) -> Vec<ItemId> {
        Vec::new()
    }
    /// What the `data` of its events contains from other tables.
    async fn related_data<C: ConnectionTrait>(&self, db: &C, project: &project::Model) -> Result<Value, DbErr> {
        let _ = (db, project);
        Ok(Value::Null)
    }
    /// Detaches or deletes what refers to it, before it is deleted.
    async fn detach(&self, tx: &Tx<'_>, project: &project::Model) -> Result<(), DbErr> {
        let _ = (tx, project);
        Ok(())
    }
    /// Checks that a user may complete it.
    ///
    /// # Errors
    /// [`Error::Conflict`](app::error::Error::Conflict) if it is completed elsewhere.
    async fn before_complete(&self, tx: &Tx<'_>, project: &project::Model) -> Result<(), TxError> {
        let _ = (tx, project);
        Ok(())
    }
    /// Leaves out of a copy what it can't have.
    async fn before_copy(&mut self, tx: &Tx<'_>) -> Result<(), DbErr> {
        let _ = tx;
        Ok(())
    }
    /// Copies the data of an item in other tables.
    ///
    /// # Errors
    /// [`Error::Conflict`](app::error::Error::Conflict) if it can't be copied.
    async fn copy_related(
        &self,
        state: &AppState,
        tx: &Tx<'_>,
        project: &project::Model,
        copy: &Self,
        cases: CopiedCases,
    ) -> Result<(), TxError> {
        let _ = (state, tx, project, copy, cases);
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
