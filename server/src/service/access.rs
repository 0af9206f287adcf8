//! Who may do what in a project. Every service method begins with one of these.

use app::error::{Error, Result};
use app::model::id::ProjectId;
use app::model::people::{Actor, Role};
use sea_orm::EntityTrait;

use crate::core::Core;
use crate::entity::{member, project};
use crate::storage::internal;

/// A project with the caller's role in it.
#[derive(Clone, Debug)]
pub struct Access {
    /// The project; not deleted.
    pub project: project::Model,
    /// What the caller may do.
    pub role: Role,
}

impl Core {
    /// Lets members and admins pass.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a stranger, as for a project that does not exist.
    pub async fn reader(&self, actor: &Actor, id: ProjectId) -> Result<Access> {
        let db = self.store.read();
        let project = project::Entity::find_by_id(id).one(db).await.map_err(internal)?;
        let project = project.filter(|project| project.deleted_at.is_none()).ok_or(Error::NotFound)?;
        if actor.system_admin {
            return Ok(Access { project, role: Role::Admin });
        }
        let member = member::Entity::find_by_id((id, actor.id)).one(db).await.map_err(internal)?;
        let role = member.ok_or(Error::NotFound)?.role;
        Ok(Access { project, role })
    }

    /// Lets admins of the project pass.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a stranger, [`Error::Forbidden`] for a member.
    pub async fn admin(&self, actor: &Actor, id: ProjectId) -> Result<Access> {
        let access = self.reader(actor, id).await?;
        match access.role {
            Role::Admin => Ok(access),
            Role::Member => Err(Error::forbidden("Only an admin of the project can do that. Ask one of them.")),
        }
    }
}
