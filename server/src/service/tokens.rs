//! Personal API tokens. Only a hash is kept; the text is in the answer that makes one.

use std::time::Duration;

use app::error::{Checks, Error, Result};
use app::model::audit::AuditAction;
use app::model::id::TokenId;
use app::model::page::{Page, PageQuery};
use app::model::people::{Actor, ApiToken, CreateToken, CreatedToken};
use app::model::text::Name;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use super::audit::Deed;
use super::{ChangeError, cursor};
use crate::core::Core;
use crate::crypto::{sha256, token};
use crate::entity::api_token;
use crate::storage::internal;

/// What the text of a token begins with.
pub const PREFIX: &str = "tb_";
/// How much of a token's text is kept to tell tokens apart: the prefix and 24 of its 256 bits.
const HINT: usize = PREFIX.len() + 4;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn view(row: api_token::Model) -> ApiToken {
    ApiToken {
        id: row.id,
        name: row.name,
        hint: row.hint,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }
}

pub(super) async fn list(core: &Core, actor: &Actor, page: PageQuery) -> Result<Page<ApiToken>> {
    let mut query = api_token::Entity::find()
        .filter(api_token::Column::UserId.eq(actor.id))
        .order_by_desc(api_token::Column::Id)
        .limit(page.limit() + 1);
    if let Some(before) = cursor::parse_id::<TokenId>(page.cursor.as_deref())? {
        query = query.filter(api_token::Column::Id.lt(before));
    }
    let rows = query.all(core.store.read()).await.map_err(internal)?;
    Ok(Page::cut(rows, page.limit(), |row| row.id.to_string()).map(view))
}

/// A token belongs to a person and to no project.
fn deed<'a>(actor: &'a Actor, action: AuditAction, id: TokenId, name: &'a str) -> Deed<'a> {
    Deed { project: None, actor: Some(actor), action, subject: id.to_string(), name, detail: None }
}

/// Makes a token for the actor.
///
/// # Errors
/// [`Error::Invalid`] naming the fields.
pub async fn create(core: &Core, actor: &Actor, new: CreateToken) -> Result<CreatedToken> {
    let mut checks = Checks::default();
    let name = checks.take("name", new.name.parse::<Name>());
    let in_bounds = new.expires_in_days.is_none_or(|days| (1..=3650).contains(&days));
    checks.require(in_bounds, "expiresInDays", "Use 1 to 3650 days, or none for a token without end.");
    let (Some(name), true) = (name, in_bounds) else { return Err(checks.into_error()) };
    let secret = token(PREFIX);
    let now = core.clock.now();
    let row = api_token::Model {
        id: core.ids.next(),
        user_id: actor.id,
        name: name.into_string(),
        token_hash: sha256(secret.as_bytes()).to_vec(),
        hint: secret.chars().take(HINT).collect(),
        created_at: now,
        expires_at: new.expires_in_days.map(|days| now + DAY * days),
        last_used_at: None,
    };
    let written = row.clone().into_active_model().reset_all();
    let (audit, who, name) = (core.clone(), actor.clone(), row.name.clone());
    let change = core.store.write(move |tx| {
        Box::pin(async move {
            api_token::Entity::insert(written).exec_without_returning(tx.db()).await?;
            Ok::<_, ChangeError>(audit.audit(tx, deed(&who, AuditAction::TokenCreated, row.id, &name)).await?)
        })
    });
    change.await?;
    Ok(CreatedToken { token: view(row), secret })
}

pub(super) async fn delete(core: &Core, actor: &Actor, id: TokenId) -> Result<()> {
    let (audit, actor) = (core.clone(), actor.clone());
    let change = core.store.write(move |tx| {
        Box::pin(async move {
            let own = api_token::Entity::find_by_id(id).filter(api_token::Column::UserId.eq(actor.id));
            let row = own.lock_exclusive().one(tx.db()).await?.ok_or(Error::NotFound)?;
            api_token::Entity::delete_by_id(id).exec(tx.db()).await?;
            Ok::<_, ChangeError>(audit.audit(tx, deed(&actor, AuditAction::TokenDeleted, id, &row.name)).await?)
        })
    });
    Ok(change.await?)
}
