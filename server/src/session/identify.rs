//! Finds out who is calling: one indexed read, and nothing at all for a request with neither a
//! cookie nor a token.

use std::time::Duration;

use app::error::{Error, Result};
use app::model::people::Actor;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use tower_sessions::Session;

use super::store::{USER, row_id};
use super::{DAYS, bearer, expiry};
use crate::core::Core;
use crate::entity::{session, user};
use crate::rest::Problem;
use crate::service::users;
use crate::storage::internal;

/// A session is put off when this much of its life is over, so that not every request writes.
const RENEW_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Puts the caller into the request as an extension of type [`Actor`], which `Parts` carry to
/// the server functions too. A request with a token that does not work ends here.
pub async fn identify(State(core): State<Core>, mut request: Request, next: Next) -> Response {
    let caller = match bearer::text(request.headers().get(AUTHORIZATION)) {
        Some(token) => bearer::caller(&core, token).await.map(Some),
        None => match request.extensions().get::<Session>().cloned() {
            Some(session) => by_session(&core, &session).await,
            None => Ok(None),
        },
    };
    match caller {
        Ok(Some(actor)) => {
            request.extensions_mut().insert(actor);
        }
        Ok(None) => {}
        Err(error) => return Problem(error).into_response(),
    }
    next.run(request).await
}

async fn by_session(core: &Core, session: &Session) -> Result<Option<Actor>> {
    let Some(id) = session.id() else { return Ok(None) };
    let of_user = session::Entity::belongs_to(user::Entity).from(session::Column::UserId).to(user::Column::Id).into();
    let now = core.clock.now();
    let found = session::Entity::find_by_id(row_id(&id))
        .filter(session::Column::ExpiresAt.gt(now))
        .join(JoinType::InnerJoin, of_user)
        .select_also(user::Entity)
        .one(core.store.read())
        .await
        .map_err(internal)?;
    let Some((row, Some(user))) = found else { return Ok(None) };
    let left = (row.expires_at - now).to_std().unwrap_or_default();
    if left + RENEW_AFTER < Duration::from_secs(u64::from(DAYS) * 24 * 60 * 60) {
        renew(session).await?;
    }
    Ok(Some(users::actor(user)))
}

/// Marks the session as changed, so that the library saves it and sends the cookie again.
async fn renew(session: &Session) -> Result<()> {
    // Read first: the library would otherwise make a new one of a session that ends meanwhile.
    let user = session.get_value(USER).await.map_err(|error| {
        tracing::error!(%error, "a session could not be read");
        Error::Internal
    })?;
    if user.is_some() {
        session.set_expiry(Some(expiry()));
    }
    Ok(())
}
