//! Who may see and change a webhook, given its projects. The members of each project see it, with the projects that
//! they may read. Only a caller who may change all its projects may change it: an admin of each, and for all projects
//! a system admin. Otherwise an admin of one project could send the events of another one anywhere.
//!
//! If the projects of a webhook were deleted, only system admins see it.

use std::collections::{HashMap, HashSet};

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::id::{ProjectId, WebhookId};
use app::model::people::{Actor, Role};
use app::model::webhook_scope::{MAX_PROJECTS_PER_WEBHOOK, ScopeKind, ScopeProject, SelectScope, WebhookScope};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::rows;
use crate::access::{require_admin, require_scope, require_system_admin};
use crate::app_state::AppState;
use crate::entity::{member, project, webhook, webhook_project};
use crate::storage::internal;

/// The projects of some webhooks, and what the caller may do in them.
pub(crate) struct ScopeAccess {
    covered: HashMap<WebhookId, Vec<ProjectId>>,
    /// Projects that are not deleted.
    projects: HashMap<ProjectId, project::Model>,
    /// The caller's roles.
    roles: HashMap<ProjectId, Role>,
    /// The projects that the caller may read, if a webhook has all projects.
    memberships: Vec<ProjectId>,
    /// Those of them that the caller administers.
    administered: Vec<ProjectId>,
    /// Whether the caller may do everything.
    is_system_admin: bool,
    may_change: bool,
}

impl ScopeAccess {
    /// Reads what is needed for these webhooks.
    pub async fn load(state: &AppState, actor: &Actor, rows: &[webhook::Model]) -> Result<Self> {
        let db = state.store.read();
        let covered = covered(db, rows).await.map_err(internal)?;
        let ids: HashSet<ProjectId> = covered.values().flatten().copied().collect();
        let active = project::Entity::find()
            .filter(project::Column::Id.is_in(ids))
            .filter(project::Column::DeletedAt.is_null())
            .all(db)
            .await
            .map_err(internal)?;
        let projects: HashMap<_, _> = active.into_iter().map(|row| (row.id, row)).collect();
        let only = actor.credential.only_project();
        let allowed: Vec<_> = projects.keys().copied().filter(|id| only.is_none_or(|only| only == *id)).collect();
        let roles = match actor.system_admin {
            true => allowed.into_iter().map(|id| (id, Role::Admin)).collect(),
            false => roles_in(db, actor, allowed).await.map_err(internal)?,
        };
        let is_system_admin = actor.system_admin && only.is_none();
        let has_all = rows.iter().any(|row| row.scope == ScopeKind::All);
        let own = if has_all { memberships(db, actor).await.map_err(internal)? } else { Vec::new() };
        let administered = own.iter().filter(|(_, role)| *role == Role::Admin).map(|(id, _)| *id).collect();
        let memberships = own.into_iter().map(|(id, _)| id).collect();
        let may_change = actor.credential.scope() >= TokenScope::Admin;
        Ok(Self { covered, projects, roles, memberships, administered, is_system_admin, may_change })
    }

    fn active(&self, row: &webhook::Model) -> impl Iterator<Item = ProjectId> {
        self.named(row).iter().copied().filter(|id| self.projects.contains_key(id))
    }

    /// The projects that it names, in the order of their IDs; none for all.
    pub fn named(&self, row: &webhook::Model) -> &[ProjectId] {
        self.covered.get(&row.id).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether its projects were deleted.
    pub fn is_orphaned(&self, row: &webhook::Model) -> bool {
        row.scope != ScopeKind::All && self.active(row).next().is_none()
    }

    /// Whether the caller may see it.
    pub fn is_visible(&self, row: &webhook::Model) -> bool {
        match row.scope {
            ScopeKind::All => self.is_system_admin || !self.memberships.is_empty(),
            _ if self.is_orphaned(row) => self.is_system_admin,
            ScopeKind::Project | ScopeKind::Projects => self.active(row).any(|id| self.roles.contains_key(&id)),
        }
    }

    /// Whether the caller is an admin of at least one of its projects.
    pub fn is_admin_of_one(&self, row: &webhook::Model) -> bool {
        let is_admin = || match row.scope {
            ScopeKind::All => !self.administered.is_empty(),
            _ => self.active(row).any(|id| self.roles.get(&id) == Some(&Role::Admin)),
        };
        self.is_system_admin || is_admin()
    }

    /// Whether the caller may do everything.
    pub fn is_system_admin(&self) -> bool {
        self.is_system_admin
    }

    /// Whether it sends the events of a project that the caller may read.
    pub fn reads(&self, row: &webhook::Model, project: ProjectId) -> bool {
        let is_named = self.active(row).any(|id| id == project) && self.roles.contains_key(&project);
        is_named || (row.scope == ScopeKind::All && (self.is_system_admin || self.memberships.contains(&project)))
    }

    /// The projects of a webhook that the caller may read.
    pub fn readable(&self, row: &webhook::Model) -> Vec<ProjectId> {
        match row.scope {
            ScopeKind::All => self.memberships.clone(),
            ScopeKind::Project | ScopeKind::Projects => {
                self.active(row).filter(|id| self.roles.contains_key(id)).collect()
            }
        }
    }

    /// The project in which the caller is shown it: the owner, unless the caller may read only other projects.
    pub fn shown_project(&self, row: &webhook::Model) -> ProjectId {
        let readable = self.readable(row);
        match readable.first() {
            Some(first) if !readable.contains(&row.project_id) => *first,
            _ => row.project_id,
        }
    }

    /// Whether the caller's role allows to change it.
    fn has_role(&self, row: &webhook::Model) -> bool {
        match row.scope {
            ScopeKind::All => self.is_system_admin,
            _ if self.is_orphaned(row) => self.is_system_admin,
            ScopeKind::Project | ScopeKind::Projects => {
                self.active(row).all(|id| self.roles.get(&id) == Some(&Role::Admin))
            }
        }
    }

    /// The projects as the caller may see them.
    pub fn view(&self, row: &webhook::Model) -> WebhookScope {
        let readable = self.active(row).filter(|id| self.roles.contains_key(id));
        let shown = readable.filter_map(|id| self.projects.get(&id));
        let shown = shown.map(|row| ScopeProject { id: row.id, key: row.key.clone(), name: row.name.clone() });
        let mut projects: Vec<_> = shown.collect();
        projects.sort_by(|a, b| (a.name.as_str(), a.id.0).cmp(&(b.name.as_str(), b.id.0)));
        let hidden = self.active(row).count() - projects.len();
        WebhookScope {
            kind: row.scope,
            projects,
            hidden_count: u32::try_from(hidden).unwrap_or(u32::MAX),
            orphaned: self.is_orphaned(row),
            can_manage: self.has_role(row) && self.may_change,
        }
    }
}

/// A webhook that the caller may see.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn visible(state: &AppState, actor: &Actor, id: WebhookId) -> Result<webhook::Model> {
    let row = rows::active(state, id).await?;
    let access = ScopeAccess::load(state, actor, std::slice::from_ref(&row)).await?;
    if access.is_visible(&row) { Ok(row) } else { Err(Error::NotFound) }
}

/// A webhook that the caller may change.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`].
pub(crate) async fn managed(state: &AppState, actor: &Actor, id: WebhookId) -> Result<webhook::Model> {
    let row = rows::active(state, id).await?;
    let access = ScopeAccess::load(state, actor, std::slice::from_ref(&row)).await?;
    require_managed(actor, &access, &row)?;
    Ok(row)
}

/// Requires that the caller may change a webhook.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`].
pub(super) fn require_managed(actor: &Actor, access: &ScopeAccess, row: &webhook::Model) -> Result<()> {
    if !access.is_visible(row) {
        return Err(Error::NotFound);
    }
    if access.has_role(row) {
        return require_scope(actor, TokenScope::Admin);
    }
    Err(Error::forbidden(match row.scope {
        ScopeKind::Project => "Only project admins can do that. Ask one of them.",
        ScopeKind::Projects => "This webhook has several projects. Only admins of all of them can change it.",
        ScopeKind::All => "This webhook has all projects. Only system admins can change it.",
    }))
}

/// Selected projects, which the caller may give to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selected {
    pub kind: ScopeKind,
    /// In the order of their IDs; empty for all projects.
    pub projects: Vec<ProjectId>,
}

/// Checks a selection.
///
/// # Errors
/// [`Error::Invalid`] for a wrong number of projects, [`Error::NotFound`] and [`Error::Forbidden`] if the caller
/// isn't an admin of each, or for all projects a system admin.
pub(super) async fn selected(state: &AppState, actor: &Actor, select: &SelectScope) -> Result<Selected> {
    let mut projects = select.project_ids.clone();
    projects.sort_unstable();
    projects.dedup();
    let invalid = |message: &str| Err(Error::field("scope", message));
    match (select.kind, projects.len()) {
        (ScopeKind::All, 0) => {
            require_system_admin(actor)?;
            return Ok(Selected { kind: ScopeKind::All, projects });
        }
        (ScopeKind::All, _) => return invalid("Send no projectIds for all projects."),
        (_, 0) => return invalid("Select at least one project."),
        (ScopeKind::Project, 2..) => return invalid("Select one project, or use \"projects\"."),
        (_, count) if count > MAX_PROJECTS_PER_WEBHOOK => {
            return invalid(&format!("Select at most {MAX_PROJECTS_PER_WEBHOOK} projects."));
        }
        _ => {}
    }
    for project in &projects {
        require_admin(state, actor, *project).await?;
    }
    let kind = if projects.len() == 1 { ScopeKind::Project } else { ScopeKind::Projects };
    Ok(Selected { kind, projects })
}

/// The projects that each webhook names, also deleted ones; none for all projects.
pub(super) async fn covered(
    db: &impl ConnectionTrait,
    rows: &[webhook::Model],
) -> std::result::Result<HashMap<WebhookId, Vec<ProjectId>>, DbErr> {
    let mut covered: HashMap<WebhookId, Vec<ProjectId>> = HashMap::new();
    let mut several = Vec::new();
    for row in rows {
        match row.scope {
            ScopeKind::Project => {
                covered.insert(row.id, vec![row.project_id]);
            }
            ScopeKind::Projects => several.push(row.id),
            ScopeKind::All => {}
        }
    }
    if !several.is_empty() {
        let found = webhook_project::Entity::find()
            .filter(webhook_project::Column::WebhookId.is_in(several))
            .order_by_asc(webhook_project::Column::ProjectId);
        for row in found.all(db).await? {
            covered.entry(row.webhook_id).or_default().push(row.project_id);
        }
    }
    Ok(covered)
}

async fn roles_in(
    db: &impl ConnectionTrait,
    actor: &Actor,
    projects: Vec<ProjectId>,
) -> std::result::Result<HashMap<ProjectId, Role>, DbErr> {
    let members = member::Entity::find()
        .filter(member::Column::UserId.eq(actor.id))
        .filter(member::Column::ProjectId.is_in(projects))
        .all(db)
        .await?;
    Ok(members.into_iter().map(|row| (row.project_id, row.role)).collect())
}

/// The caller's projects, with the role in each.
async fn memberships(db: &impl ConnectionTrait, actor: &Actor) -> std::result::Result<Vec<(ProjectId, Role)>, DbErr> {
    let mut active = project::Entity::find().filter(project::Column::DeletedAt.is_null());
    if let Some(only) = actor.credential.only_project() {
        active = active.filter(project::Column::Id.eq(only));
    }
    let active = active.select_only().column(project::Column::Id);
    if actor.system_admin {
        let ids: Vec<ProjectId> = active.into_tuple().all(db).await?;
        return Ok(ids.into_iter().map(|id| (id, Role::Admin)).collect());
    }
    member::Entity::find()
        .select_only()
        .columns([member::Column::ProjectId, member::Column::Role])
        .filter(member::Column::UserId.eq(actor.id))
        .filter(member::Column::ProjectId.in_subquery(active.into_query()))
        .into_tuple()
        .all(db)
        .await
}
