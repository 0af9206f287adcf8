//! The deliveries that a user selected.

use std::collections::BTreeSet;

use app::error::{Error, Result};
use app::model::delivery::MAX_REPLAYED_DELIVERIES;
use app::model::digest::DIGEST_EVENT;
use app::model::id::{DeliveryId, ProjectId};
use app::model::people::Actor;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::{require_admin, require_member};
use crate::app_state::AppState;
use crate::entity::delivery::{self, Column};
use crate::entity::{event, project};
use crate::events::digest_projects;
use crate::storage::internal;

/// A delivery that the caller may change.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`].
pub async fn managed(state: &AppState, actor: &Actor, id: DeliveryId) -> Result<delivery::Model> {
    let row = delivery::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    let row = row.ok_or(Error::NotFound)?;
    require_admin(state, actor, row.project_id).await?;
    require_admin_of_digests(state, actor, std::slice::from_ref(&row)).await?;
    Ok(row)
}

/// Requires an admin of all projects that the digests among the deliveries cover. Nothing of a deleted project is sent.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn require_admin_of_digests(state: &AppState, actor: &Actor, rows: &[delivery::Model]) -> Result<()> {
    let digests = rows.iter().filter(|row| row.event_type == DIGEST_EVENT);
    let events: Vec<_> = digests.filter_map(|row| row.event_id).collect();
    if events.is_empty() {
        return Ok(());
    }
    let db = state.store.read();
    let bodies: Vec<String> = event::Entity::find()
        .select_only()
        .column(event::Column::Body)
        .filter(event::Column::Id.is_in(events))
        .filter(event::Column::ErasedAt.is_null())
        .into_tuple()
        .all(db)
        .await
        .map_err(internal)?;
    let covered: BTreeSet<ProjectId> = bodies.iter().flat_map(|body| digest_projects(body.as_bytes())).collect();
    let projects: Vec<ProjectId> = project::Entity::find()
        .select_only()
        .column(project::Column::Id)
        .filter(project::Column::Id.is_in(covered))
        .filter(project::Column::DeletedAt.is_null())
        .into_tuple()
        .all(db)
        .await
        .map_err(internal)?;
    for project in projects {
        match require_admin(state, actor, project).await {
            Err(Error::NotFound | Error::Forbidden { .. }) => return Err(Error::forbidden(NOT_ADMIN_OF_ALL)),
            result => result.map(drop)?,
        }
    }
    Ok(())
}

const NOT_ADMIN_OF_ALL: &str = "Only admins of all projects of a digest can do that.";

/// The selected deliveries, oldest first, and their project. `done` completes the sentence "Nothing was
/// ...".
///
/// # Errors
/// [`Error::Invalid`] for none, too many or those of several projects, [`Error::NotFound`] if the
/// caller can't see one, [`Error::Forbidden`] if the caller may not change them.
pub async fn selected(
    state: &AppState,
    actor: &Actor,
    mut ids: Vec<DeliveryId>,
    done: &str,
) -> Result<(project::Model, Vec<delivery::Model>)> {
    if ids.is_empty() {
        return Err(Error::invalid("Select at least one delivery."));
    }
    if ids.len() > MAX_REPLAYED_DELIVERIES {
        return Err(too_many(done, &format!("{} are selected", ids.len())));
    }
    ids.sort_unstable();
    ids.dedup();
    let found = delivery::Entity::find().filter(Column::Id.is_in(ids.iter().copied())).order_by_asc(Column::Id);
    let rows = found.all(state.store.read()).await.map_err(internal)?;
    let mut projects: Vec<ProjectId> = rows.iter().map(|row| row.project_id).collect();
    projects.sort_unstable();
    projects.dedup();
    for project in &projects {
        require_member(state, actor, *project).await?;
    }
    match projects[..] {
        _ if rows.len() != ids.len() => Err(Error::NotFound),
        [project] => {
            let access = require_admin(state, actor, project).await?;
            require_admin_of_digests(state, actor, &rows).await?;
            Ok((access.project, rows))
        }
        _ => Err(Error::invalid("Select deliveries of one project.")),
    }
}

/// The error for too many deliveries; `done` is e.g. `replayed`.
pub fn too_many(done: &str, how_many: &str) -> Error {
    Error::invalid(format!(
        "At most {MAX_REPLAYED_DELIVERIES} deliveries can be {done} at once, and {how_many}. Nothing was {done}. Use narrower filters."
    ))
}
