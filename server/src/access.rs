//! Who may do what in a project. Every service method begins with one of these checks.

use app::error::{Error, Result};
use app::model::account::{Credential, TokenScope};
use app::model::id::ProjectId;
use app::model::people::{Actor, Role};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::app_state::AppState;
use crate::entity::{api_token, member, project, session, user};
use crate::storage::internal;

/// A project and the caller's role in it.
#[derive(Clone, Debug)]
pub struct Access {
    /// The project, which is not deleted.
    pub project: project::Model,
    /// What the caller may do.
    pub role: Role,
}

/// Requires a member or admin of the project.
///
/// # Errors
/// [`Error::NotFound`] for anybody else, as for a project that doesn't exist, and for a token of
/// another project.
pub async fn require_member(state: &AppState, actor: &Actor, id: ProjectId) -> Result<Access> {
    if actor.credential.only_project().is_some_and(|only| only != id) {
        return Err(Error::NotFound);
    }
    tracing::Span::current().record("project", tracing::field::display(id));
    let db = state.store.read();
    let read = project::Entity::find_by_id(id).filter(project::Column::DeletedAt.is_null()).one(db);
    let project = state.access.projects.get(state, id, read).await.map_err(internal)?.ok_or(Error::NotFound)?;
    if actor.system_admin {
        return Ok(Access { project, role: Role::Admin });
    }
    let member = member::Entity::find_by_id((id, actor.id));
    let read = async { Ok(member.one(db).await?.map(|member| member.role)) };
    let role = state.access.roles.get(state, (id, actor.id), read).await.map_err(internal)?.ok_or(Error::NotFound)?;
    Ok(Access { project, role })
}

/// Those of the projects that the caller may read, for an open connection: the account, and the session or
/// token, are read again. The number of queries doesn't depend on the number of projects.
///
/// # Errors
/// [`Error::Unauthenticated`] if the account, session or token has ended.
pub async fn recheck_projects(state: &AppState, actor: &Actor, ids: &[ProjectId]) -> Result<Vec<ProjectId>> {
    let (db, user) = (state.store.read(), recheck_user(state, actor).await?);
    let only = actor.credential.only_project();
    let allowed = ids.iter().copied().filter(|id| only.is_none_or(|only| only == *id));
    let mut select = project::Entity::find()
        .select_only()
        .column(project::Column::Id)
        .filter(project::Column::Id.is_in(allowed))
        .filter(project::Column::DeletedAt.is_null());
    if !user.system_admin {
        let of_user = member::Entity::find()
            .select_only()
            .column(member::Column::ProjectId)
            .filter(member::Column::UserId.eq(actor.id))
            .into_query();
        select = select.filter(project::Column::Id.in_subquery(of_user));
    }
    let readable: Vec<ProjectId> = select.into_tuple().all(db).await.map_err(internal)?;
    Ok(ids.iter().copied().filter(|id| readable.contains(id)).collect())
}

/// All projects that the caller may read, for an open connection; `None` for a system admin, who may read all.
///
/// # Errors
/// As of [`recheck_projects`].
pub async fn readable_projects(state: &AppState, actor: &Actor) -> Result<Option<Vec<ProjectId>>> {
    let (db, user) = (state.store.read(), recheck_user(state, actor).await?);
    let mut select =
        project::Entity::find().select_only().column(project::Column::Id).filter(project::Column::DeletedAt.is_null());
    match (user.system_admin, actor.credential.only_project()) {
        (true, None) => return Ok(None),
        (true, Some(only)) => select = select.filter(project::Column::Id.eq(only)),
        (false, only) => {
            let mut of_user = member::Entity::find()
                .select_only()
                .column(member::Column::ProjectId)
                .filter(member::Column::UserId.eq(actor.id));
            if let Some(only) = only {
                of_user = of_user.filter(member::Column::ProjectId.eq(only));
            }
            select = select.filter(project::Column::Id.in_subquery(of_user.into_query()));
        }
    }
    select.into_tuple().all(db).await.map(Some).map_err(internal)
}

/// Requires that the caller is still a system admin, for a long response. A token of one project is none.
///
/// # Errors
/// [`Error::Forbidden`], and those of [`recheck_projects`].
pub async fn recheck_system_admin(state: &AppState, actor: &Actor) -> Result<()> {
    let system_admin = recheck_user(state, actor).await?.system_admin;
    require_system_admin(&Actor { system_admin, ..actor.clone() })
}

/// The caller's account, if it and the session or token still exist.
async fn recheck_user(state: &AppState, actor: &Actor) -> Result<user::Model> {
    let user = user::Entity::find_by_id(actor.id).filter(user::Column::DeactivatedAt.is_null());
    let user = user.one(state.store.read()).await.map_err(internal)?.ok_or(Error::Unauthenticated)?;
    if credential_exists(state, actor.credential).await? { Ok(user) } else { Err(Error::Unauthenticated) }
}

async fn credential_exists(state: &AppState, credential: Credential) -> Result<bool> {
    let (db, now) = (state.store.read(), state.clock.now());
    Ok(match credential {
        Credential::Internal => true,
        Credential::Session(id) => {
            let own = session::Entity::find().filter(session::Column::PublicId.eq(id));
            own.filter(session::Column::ExpiresAt.gt(now)).count(db).await.map_err(internal)? > 0
        }
        Credential::Token { id, .. } => {
            let row = api_token::Entity::find_by_id(id).one(db).await.map_err(internal)?;
            row.is_some_and(|row| row.expires_at.is_none_or(|end| end > now))
        }
    })
}

/// Requires an admin of the project.
///
/// # Errors
/// [`Error::NotFound`] for a non-member, [`Error::Forbidden`] for a member and for a token without
/// the scope.
pub async fn require_admin(state: &AppState, actor: &Actor, id: ProjectId) -> Result<Access> {
    let access = require_member(state, actor, id).await?;
    match access.role {
        Role::Admin => require_scope(actor, TokenScope::Admin).map(|()| access),
        Role::Member => Err(Error::forbidden("Only project admins can do that. Ask one of them.")),
    }
}

/// Requires a scope of API tokens; sessions have all scopes. Every method that changes something
/// begins with this check, or with one that includes it.
///
/// # Errors
/// [`Error::Forbidden`] for a token without the scope.
pub fn require_scope(actor: &Actor, needed: TokenScope) -> Result<()> {
    if actor.credential.scope() >= needed {
        return Ok(());
    }
    Err(Error::forbidden(format!("This API token lacks the \"{needed}\" scope. Create a token that has it.")))
}

/// Requires a credential that is limited neither by scope nor by project, for actions on an account
/// or on several projects.
///
/// # Errors
/// [`Error::Forbidden`] for a token that is limited by scope or project.
pub fn require_whole_account(actor: &Actor) -> Result<()> {
    require_scope(actor, TokenScope::Admin)?;
    match actor.credential.only_project() {
        None => Ok(()),
        Some(_) => {
            Err(Error::forbidden("This API token is limited to one project. Create a token without that limit."))
        }
    }
}

/// Requires a system admin.
///
/// # Errors
/// [`Error::Forbidden`] for anybody else.
pub fn require_system_admin(actor: &Actor) -> Result<()> {
    if !actor.system_admin {
        return Err(Error::forbidden("Only system admins can do that."));
    }
    require_whole_account(actor)
}
