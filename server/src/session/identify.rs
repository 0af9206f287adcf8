//! Identifies the caller with one index read, or none for a request without cookie and token.

use app::error::Result;
use app::model::account::Credential;
use app::model::id::BrowserSessionId;
use app::model::people::Actor;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect};
use tower_sessions::Session;

use super::failure::failed_to;
use super::store::{USER, expires_at, row_id};
use super::{bearer, expiry};
use crate::app_state::AppState;
use crate::entity::{session, user};
use crate::service::people::users;
use crate::storage::{internal, report_outage};
use crate::web::{Problem, bearer_token};

/// A session is extended when its end would move by this much, so that not every request writes.
const RENEW_AFTER: TimeDelta = TimeDelta::days(1);
/// The precision of a session's last use.
const LAST_USED_PRECISION: TimeDelta = TimeDelta::minutes(5);

/// Adds the caller to the request as an extension of type [`Actor`], which `Parts` carry to the
/// server functions too. Requests with an invalid token are refused here.
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let caller = match bearer_token(request.headers().get(AUTHORIZATION)) {
        Some(token) => bearer::token_owner(&state, token).await.map(Some),
        None => match request.extensions().get::<Session>().cloned() {
            Some(session) => by_session(&state, &session).await,
            None => Ok(None),
        },
    };
    match caller {
        Ok(Some(actor)) => {
            tracing::Span::current().record("user", tracing::field::display(actor.id));
            request.extensions_mut().insert(actor);
        }
        Ok(None) => {}
        Err(error) => return Problem(error).into_response(),
    }
    next.run(request).await
}

/// Removes a caller with an API token from the request, because a token can't start or end a
/// browser session.
pub async fn ignore_tokens(mut request: Request, next: Next) -> Response {
    if request.extensions().get::<Actor>().is_some_and(|actor| !actor.credential.is_session()) {
        request.extensions_mut().remove::<Actor>();
    }
    next.run(request).await
}

async fn by_session(state: &AppState, session: &Session) -> Result<Option<Actor>> {
    let Some(id) = session.id() else { return Ok(None) };
    let of_user = session::Entity::belongs_to(user::Entity).from(session::Column::UserId).to(user::Column::Id).into();
    let now = state.clock.now();
    let found = session::Entity::find_by_id(row_id(&id))
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(user::Column::DeactivatedAt.is_null())
        .join(JoinType::InnerJoin, of_user)
        .select_also(user::Entity)
        .one(state.store.read())
        .await
        .map_err(internal)?;
    let Some((row, Some(user))) = found else { return Ok(None) };
    let longest = expires_at(now, row.created_at, state.config.max_session_age());
    if longest - row.expires_at >= RENEW_AFTER {
        renew(session).await?;
    } else if now - row.last_seen_at >= LAST_USED_PRECISION {
        let state = state.clone();
        // The caller doesn't wait for it.
        tokio::spawn(async move {
            if let Err(error) = note_use(&state, row.public_id, now).await {
                report_outage(&error, "failed to record the use of a session");
            }
        });
    }
    Ok(Some(Actor { credential: Credential::Session(row.public_id), ..users::actor(user) }))
}

async fn note_use(state: &AppState, id: BrowserSessionId, now: DateTime<Utc>) -> Result<(), DbErr> {
    let update = state.store.write(move |tx| {
        Box::pin(async move {
            let seen = session::ActiveModel { last_seen_at: Set(now), ..Default::default() };
            // Of many concurrent requests one writes.
            let stale = session::Entity::update_many()
                .set(seen)
                .filter(session::Column::PublicId.eq(id))
                .filter(session::Column::LastSeenAt.lte(now - LAST_USED_PRECISION));
            stale.exec(tx.db()).await
        })
    });
    update.await.map(drop)
}

/// Marks the session as changed, so that the library saves it and sends the cookie again.
async fn renew(session: &Session) -> Result<()> {
    // Read it first: the library would otherwise create a new session if this one ends meanwhile.
    let user = session.get_value(USER).await.map_err(|error| failed_to("failed to read a session", &error))?;
    if user.is_some() {
        session.set_expiry(Some(expiry()));
    }
    Ok(())
}
