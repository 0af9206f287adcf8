//! Personal API tokens. Only a hash is stored; the response that creates a token has its text.

use app::error::{Checks, Error, Result};
use app::model::account::TokenScope;
use app::model::audit::AuditAction;
use app::model::id::TokenId;
use app::model::page::{Page, PageQuery};
use app::model::people::{Actor, ApiToken, CreateToken, CreatedToken, DEFAULT_TOKEN_DAYS};
use app::model::text::Name;
use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use crate::access::{require_member, require_whole_account};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::crypto::{sha256, token};
use crate::entity::api_token;
use crate::service::TxError;
use crate::service::cursor;
use crate::storage::{Effect, Revoked};

/// The prefix of a token.
pub const PREFIX: &str = "tb_";
/// The stored part of a token, which identifies it: the prefix and 24 of its 256 bits.
const HINT_CHARS: usize = PREFIX.len() + 4;

fn view(row: api_token::Model) -> ApiToken {
    ApiToken {
        id: row.id,
        name: row.name,
        hint: row.hint,
        scope: row.scope,
        project_id: row.project_id,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }
}

pub(crate) async fn list(state: &AppState, actor: &Actor, page: PageQuery) -> Result<Page<ApiToken>> {
    require_whole_account(actor)?;
    let tokens = api_token::Entity::find().filter(api_token::Column::UserId.eq(actor.id));
    let by_id = (api_token::Column::Id, |row: &api_token::Model| row.id);
    Ok(cursor::newest_first(state.store.read(), tokens, by_id, &page).await?.map(view))
}

/// A token belongs to a user and to no project.
fn audit_entry<'a>(actor: &'a Actor, action: AuditAction, id: TokenId, name: &'a str) -> NewAuditEntry<'a> {
    NewAuditEntry { project: None, actor: Some(actor), action, subject: id.to_string(), name, detail: None }
}

/// Creates a token for the caller.
///
/// # Errors
/// [`Error::Invalid`] with the invalid fields.
pub async fn create(state: &AppState, actor: &Actor, new: CreateToken) -> Result<CreatedToken> {
    require_whole_account(actor)?;
    let mut checks = Checks::default();
    let name = checks.take("name", new.name.parse::<Name>());
    let in_bounds = new.expires_in_days.is_none_or(|days| (1..=3650).contains(&days));
    checks.require(in_bounds, "expiresInDays", "Use 1 to 3650 days, or neverExpires.");
    let contradiction = new.never_expires && new.expires_in_days.is_some();
    checks.require(!contradiction, "neverExpires", "Send either expiresInDays or neverExpires.");
    let Some(name) = name else { return Err(checks.into_error()) };
    checks.finish()?;
    if let Some(project) = new.project_id {
        let unknown = |_| Error::field("projectId", "Choose one of your projects.");
        require_member(state, actor, project).await.map_err(unknown)?;
    }
    let days = (!new.never_expires).then(|| new.expires_in_days.unwrap_or(DEFAULT_TOKEN_DAYS));
    let secret = token(PREFIX);
    let now = state.clock.now();
    let row = api_token::Model {
        id: state.ids.next(),
        user_id: actor.id,
        name: name.into_string(),
        token_hash: sha256(secret.as_bytes()).to_vec(),
        hint: secret.chars().take(HINT_CHARS).collect(),
        scope: new.scope.unwrap_or(TokenScope::Admin),
        project_id: new.project_id,
        created_at: now,
        expires_at: days.map(|days| now + TimeDelta::days(days.into())),
        last_used_at: None,
    };
    let written = row.clone().into_active_model().reset_all();
    let (audit, who, name) = (state.clone(), actor.clone(), row.name.clone());
    let scope = row.scope.label().to_owned();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            api_token::Entity::insert(written).exec_without_returning(tx.db()).await?;
            let entry =
                NewAuditEntry { detail: Some(scope), ..audit_entry(&who, AuditAction::TokenCreated, row.id, &name) };
            Ok::<_, TxError>(audit_log::record(&audit, tx, entry).await?)
        })
    });
    change.await?;
    Ok(CreatedToken { token: view(row), secret })
}

pub(crate) async fn delete(state: &AppState, actor: &Actor, id: TokenId) -> Result<()> {
    require_whole_account(actor)?;
    let (audit, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let own = api_token::Entity::find_by_id(id).filter(api_token::Column::UserId.eq(actor.id));
            let row = own.lock_exclusive().one(tx.db()).await?.ok_or(Error::NotFound)?;
            api_token::Entity::delete_by_id(id).exec(tx.db()).await?;
            tx.after_commit(Effect::Revoked(Revoked::Token { token_id: id }));
            Ok::<_, TxError>(
                audit_log::record(&audit, tx, audit_entry(&actor, AuditAction::TokenDeleted, id, &row.name)).await?,
            )
        })
    });
    Ok(change.await?)
}
