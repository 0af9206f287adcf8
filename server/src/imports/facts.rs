//! What the cases of a file are compared with: the custom fields, members, suites and automation links of the project.

use std::collections::HashMap;

use app::model::catalog::Subject;
use app::model::id::ProjectId;
use app::testware::case::CaseId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::field_values::Person;
use crate::entity::item_key::key;
use crate::entity::{member, project, user};
use crate::testware::case::{automation_link, table as test_case};
use crate::testware::custom_field::table as custom_field;
use crate::testware::suite::table as suite;

/// Below the limit of parameters of both databases.
const LINKS_PER_QUERY: usize = 1_000;

/// What a project has.
pub struct ProjectFacts {
    /// Oldest first.
    pub fields: Vec<custom_field::Model>,
    pub members: Vec<Person>,
    /// Oldest first.
    pub suites: Vec<suite::Model>,
}

impl ProjectFacts {
    pub async fn load(db: &impl ConnectionTrait, project: ProjectId) -> Result<Self, DbErr> {
        let fields = custom_field::Entity::find()
            .filter(custom_field::Column::ProjectId.eq(project))
            .filter(custom_field::Column::DeletedAt.is_null())
            .order_by_asc(custom_field::Column::Id)
            .all(db)
            .await?;
        let members = member::Entity::find().filter(member::Column::ProjectId.eq(project)).all(db).await?;
        let ids = members.into_iter().map(|member| member.user_id);
        let users = user::Entity::find().filter(user::Column::Id.is_in(ids)).all(db).await?;
        let members =
            users.into_iter().map(|user| Person { id: user.id, name: user.name, email: user.email }).collect();
        Ok(Self { fields, members, suites: suites(db, project).await? })
    }
}

/// The suites of a project, oldest first.
pub async fn suites(db: &impl ConnectionTrait, project: ProjectId) -> Result<Vec<suite::Model>, DbErr> {
    suite::Entity::find()
        .filter(suite::Column::ProjectId.eq(project))
        .filter(suite::Column::DeletedAt.is_null())
        .order_by_asc(suite::Column::Id)
        .all(db)
        .await
}

/// The keys of the cases that have these links.
pub async fn taken_links(
    db: &impl ConnectionTrait,
    project: &project::Model,
    links: &[&str],
) -> Result<HashMap<String, String>, DbErr> {
    let mut taken = HashMap::new();
    for chunk in links.chunks(LINKS_PER_QUERY) {
        let rows = automation_link::Entity::find()
            .filter(automation_link::Column::ProjectId.eq(project.id))
            .filter(automation_link::Column::Link.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        let cases = test_case::Entity::find().filter(test_case::Column::Id.is_in(rows.iter().map(|row| row.case_id)));
        let numbers: HashMap<_, _> = cases.all(db).await?.into_iter().map(|case| (case.id, case.number)).collect();
        let key_of = |id: &CaseId| {
            numbers.get(id).map_or_else(|| "Another case".to_owned(), |n| key(project, Subject::Case, *n))
        };
        taken.extend(rows.into_iter().map(|row| (row.link, key_of(&row.case_id))));
    }
    Ok(taken)
}
