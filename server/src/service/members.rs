//! The members of a project. Its owner always stays one of its admins, so that a project never
//! ends up with nobody who may configure it.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::{ProjectId, UserId};
use app::model::page::{Page, PageQuery};
use app::model::people::{Actor, Member, Role};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationDef,
};

use super::audit::{Deed, of_project};
use super::{ChangeError, cursor};
use crate::core::Core;
use crate::entity::{member, project, user};
use crate::storage::{Effect, internal};

fn of_user() -> RelationDef {
    member::Entity::belongs_to(user::Entity).from(member::Column::UserId).to(user::Column::Id).into()
}

fn view(project: &project::Model, member: member::Model, user: user::Model) -> Member {
    Member {
        user_id: user.id,
        name: user.name,
        email: user.email,
        role: member.role,
        owner: project.owner_id == user.id,
        joined_at: member.joined_at,
    }
}

pub(super) async fn list(core: &Core, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Member>> {
    let access = core.reader(actor, project).await?;
    let lowered = || Func::lower(Expr::col((user::Entity, user::Column::Name)));
    let mut query = member::Entity::find()
        .join(JoinType::InnerJoin, of_user())
        .select_also(user::Entity)
        .filter(member::Column::ProjectId.eq(project))
        .order_by_asc(lowered())
        .order_by_asc(user::Column::Id)
        .limit(page.limit() + 1);
    if let Some((name, id)) = cursor::parse_by_name(page.cursor.as_deref())? {
        let name = || Func::lower(Expr::val(name.clone()));
        let same_name = Expr::expr(lowered()).eq(name()).and(user::Column::Id.gt(UserId(id)));
        query = query.filter(Expr::expr(lowered()).gt(name()).or(same_name));
    }
    let rows = query.all(core.store.read()).await.map_err(internal)?;
    let members = rows.into_iter().filter_map(|(member, user)| Some(view(&access.project, member, user?))).collect();
    Ok(Page::cut(members, page.limit(), |member: &Member| cursor::by_name(&member.name, member.user_id.0)))
}

pub(super) async fn update(core: &Core, actor: &Actor, project: ProjectId, user: UserId, role: Role) -> Result<Member> {
    let access = core.admin(actor, project).await?;
    if access.project.owner_id == user && role != Role::Admin {
        return Err(Error::conflict("The owner of a project stays its admin."));
    }
    let (audit, actor) = (core.clone(), actor.clone());
    let change = core.store.write(move |tx| {
        Box::pin(async move {
            let found = member::Entity::find_by_id((project, user)).lock_exclusive().one(tx.db()).await?;
            let mut row = found.ok_or(Error::NotFound)?.into_active_model();
            row.role = Set(role);
            let row = member::Entity::update(row).exec(tx.db()).await?;
            let user = user::Entity::find_by_id(user).one(tx.db()).await?.ok_or(Error::NotFound)?;
            let deed = of_project(&actor, project, AuditAction::MemberUpdated, user.id, &user.name);
            audit.audit(tx, Deed { detail: Some(role.label().to_owned()), ..deed }).await?;
            Ok::<_, ChangeError>((row, user))
        })
    });
    let (row, user) = change.await?;
    Ok(view(&access.project, row, user))
}

pub(super) async fn remove(core: &Core, actor: &Actor, project: ProjectId, user: UserId) -> Result<()> {
    let access = core.admin(actor, project).await?;
    if access.project.owner_id == user {
        return Err(Error::conflict("The owner of a project can't be removed from it."));
    }
    let (audit, actor) = (core.clone(), actor.clone());
    let change = core.store.write(move |tx| {
        Box::pin(async move {
            let gone = member::Entity::delete_by_id((project, user)).exec(tx.db()).await?;
            if gone.rows_affected == 0 {
                return Err(ChangeError::Refused(Error::NotFound));
            }
            tx.after_commit(Effect::Removed(project, user));
            let user = user::Entity::find_by_id(user).one(tx.db()).await?.ok_or(Error::NotFound)?;
            audit.audit(tx, of_project(&actor, project, AuditAction::MemberRemoved, user.id, &user.name)).await?;
            Ok(())
        })
    });
    Ok(change.await?)
}
