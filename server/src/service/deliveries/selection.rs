//! The deliveries that a user selected.

use std::collections::{BTreeSet, HashMap};

use app::error::{Error, Result};
use app::model::delivery::MAX_REPLAYED_DELIVERIES;
use app::model::digest::DIGEST_EVENT;
use app::model::id::{DeliveryId, EventId, ProjectId};
use app::model::people::Actor;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::{require_admin, require_member};
use crate::app_state::AppState;
use crate::entity::delivery::{self, Column};
use crate::entity::{event, project};
use crate::events::digest_projects;
use crate::storage::internal;

/// Who may retry, cancel and replay deliveries: admins of their project, and of all projects that a digest covers.
/// Pages show what it says, and the actions ask it.
pub struct ChangeAccess {
    projects: HashMap<ProjectId, Result<()>>,
    /// The projects of digests, by their event. Nothing of a deleted project is sent, so its admins aren't asked.
    covered: HashMap<EventId, Vec<ProjectId>>,
}

impl ChangeAccess {
    /// That of the caller to these deliveries.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn load(state: &AppState, actor: &Actor, rows: &[delivery::Model]) -> Result<Self> {
        let covered = covered_projects(state, rows).await?;
        let mut access = Self { projects: HashMap::new(), covered };
        let own = rows.iter().map(|row| row.project_id);
        let wanted: BTreeSet<ProjectId> = own.chain(access.covered.values().flatten().copied()).collect();
        for project in wanted {
            let result = match require_admin(state, actor, project).await {
                Err(error @ (Error::NotFound | Error::Forbidden { .. })) => Err(error),
                result => Ok(result.map(drop)?),
            };
            access.projects.insert(project, result);
        }
        Ok(access)
    }

    /// Why the caller may not change a delivery.
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Error::Forbidden`].
    pub fn require(&self, row: &delivery::Model) -> Result<()> {
        self.projects.get(&row.project_id).cloned().unwrap_or(Err(Error::NotFound))?;
        let covered = row.event_id.and_then(|event| self.covered.get(&event));
        let is_admin = |project: &ProjectId| matches!(self.projects.get(project), Some(Ok(())));
        match covered.is_none_or(|projects| projects.iter().all(is_admin)) {
            true => Ok(()),
            false => Err(Error::forbidden(NOT_ADMIN_OF_ALL)),
        }
    }

    /// Whether the caller may change a delivery.
    #[must_use]
    pub fn allows(&self, row: &delivery::Model) -> bool {
        self.require(row).is_ok()
    }
}

/// The projects, which are not deleted, of the digests among the deliveries.
async fn covered_projects(state: &AppState, rows: &[delivery::Model]) -> Result<HashMap<EventId, Vec<ProjectId>>> {
    let digests = rows.iter().filter(|row| row.event_type == DIGEST_EVENT);
    let events: BTreeSet<EventId> = digests.filter_map(|row| row.event_id).collect();
    if events.is_empty() {
        return Ok(HashMap::new());
    }
    let db = state.store.read();
    let bodies: Vec<(EventId, String)> = event::Entity::find()
        .select_only()
        .columns([event::Column::Id, event::Column::Body])
        .filter(event::Column::Id.is_in(events))
        .filter(event::Column::ErasedAt.is_null())
        .into_tuple()
        .all(db)
        .await
        .map_err(internal)?;
    let mut covered: HashMap<EventId, Vec<ProjectId>> =
        bodies.iter().map(|(event, body)| (*event, digest_projects(body.as_bytes()))).collect();
    let all: BTreeSet<ProjectId> = covered.values().flatten().copied().collect();
    let existing: Vec<ProjectId> = project::Entity::find()
        .select_only()
        .column(project::Column::Id)
        .filter(project::Column::Id.is_in(all))
        .filter(project::Column::DeletedAt.is_null())
        .into_tuple()
        .all(db)
        .await
        .map_err(internal)?;
    covered.values_mut().for_each(|projects| projects.retain(|project| existing.contains(project)));
    Ok(covered)
}

/// A delivery that the caller may change.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`].
pub async fn managed(state: &AppState, actor: &Actor, id: DeliveryId) -> Result<delivery::Model> {
    let row = delivery::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    let row = row.ok_or(Error::NotFound)?;
    require_all(state, actor, std::slice::from_ref(&row)).await?;
    Ok(row)
}

/// Requires that the caller may change all of them.
///
/// # Errors
/// Those of [`ChangeAccess::require`].
pub async fn require_all(state: &AppState, actor: &Actor, rows: &[delivery::Model]) -> Result<()> {
    let access = ChangeAccess::load(state, actor, rows).await?;
    rows.iter().try_for_each(|row| access.require(row))
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
            require_all(state, actor, &rows).await?;
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
