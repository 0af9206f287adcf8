//! The automated tests that test a case, by the names that their reports use. A name leads to one case of a project.

use std::collections::HashMap;

use app::error::Error;
use app::model::catalog::Subject;
use app::model::id::ProjectId;
use app::testware::case::CaseId;
use sea_orm::ActiveValue::Set;
use sea_orm::SqlErr;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};

use crate::entity::item_key::key;
use crate::entity::project;
use crate::service::TxError;
use crate::service::text;
use crate::storage::Tx;
use crate::testware::case::table as test_case;

/// The maximum number of links of a case.
const MAX_LINKS: usize = 20;
/// The maximum length of a link in characters.
const MAX_LINK_CHARS: usize = 500;

/// Below the limit of parameters of both databases.
const LINKS_PER_QUERY: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_automation_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub project_id: ProjectId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub link: String,
    pub case_id: CaseId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The links without blank and repeated ones.
///
/// # Errors
/// A message for the user.
pub fn checked(links: &[String]) -> Result<Vec<String>, &'static str> {
    let mut checked: Vec<String> = Vec::new();
    for link in links.iter().map(|link| link.trim()).filter(|link| !link.is_empty()) {
        if link.chars().count() > MAX_LINK_CHARS {
            return Err("Use at most 500 characters for each automation link.");
        }
        if link.contains(char::is_control) {
            return Err("Use one line without control characters for each automation link.");
        }
        text::storable(link)?;
        if !checked.iter().any(|other| other == link) {
            checked.push(link.to_owned());
        }
    }
    if checked.len() > MAX_LINKS { Err("Use at most 20 automation links.") } else { Ok(checked) }
}

/// Sets the links of a case.
///
/// # Errors
/// [`Error::Invalid`] if another case has one of them, and those of [`insert`].
pub async fn set(tx: &Tx<'_>, project: &project::Model, case: CaseId, links: &[String]) -> Result<(), TxError> {
    let taken = Entity::find()
        .filter(Column::ProjectId.eq(project.id))
        .filter(Column::Link.is_in(links.iter().cloned()))
        .filter(Column::CaseId.ne(case))
        .one(tx.db())
        .await?;
    if let Some(taken) = taken {
        let other = test_case::Entity::find_by_id(taken.case_id).one(tx.db()).await?;
        let other = other.map_or_else(|| "another case".to_owned(), |case| key(project, Subject::Case, case.number));
        return Err(Error::field("automationLinks", format!("{other} already has the link {}.", taken.link)).into());
    }
    delete(tx, case).await?;
    insert(tx, project.id, links.iter().map(|link| (link.clone(), case)).collect()).await
}

/// Adds links that no case of the project has.
///
/// # Errors
/// [`Error::Conflict`] if a change at the same time has added one of them.
pub async fn insert(tx: &Tx<'_>, project: ProjectId, mut links: Vec<(String, CaseId)>) -> Result<(), TxError> {
    // In one order, so that two changes don't wait for each other.
    links.sort_unstable();
    for chunk in links.chunks(LINKS_PER_QUERY) {
        let rows = chunk.iter().map(|(link, case)| ActiveModel {
            project_id: Set(project),
            link: Set(link.clone()),
            case_id: Set(*case),
        });
        match Entity::insert_many(rows).exec_without_returning(tx.db()).await {
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                return Err(
                    Error::conflict("Another change has just added one of the automation links. Try again.").into()
                );
            }
            result => result?,
        };
    }
    Ok(())
}

/// Removes all links of a case.
pub async fn delete(tx: &Tx<'_>, case: CaseId) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::CaseId.eq(case)).exec(tx.db()).await?;
    Ok(())
}

/// The cases of the project that have these links.
pub async fn find(tx: &Tx<'_>, project: ProjectId, links: &[&str]) -> Result<HashMap<String, CaseId>, DbErr> {
    let mut found = HashMap::new();
    for chunk in links.chunks(LINKS_PER_QUERY) {
        let rows =
            Entity::find().filter(Column::ProjectId.eq(project)).filter(Column::Link.is_in(chunk.iter().copied()));
        found.extend(rows.all(tx.db()).await?.into_iter().map(|row| (row.link, row.case_id)));
    }
    Ok(found)
}

/// Selects the ID of the case with this link, in the project of the case that the query is about.
pub fn case_with(link: &str) -> SelectStatement {
    let same_project = Expr::col((Entity, Column::ProjectId)).equals((test_case::Entity, test_case::Column::ProjectId));
    Query::select()
        .column((Entity, Column::CaseId))
        .from(Entity)
        .and_where(same_project)
        .and_where(Expr::col((Entity, Column::Link)).eq(link))
        .take()
}
