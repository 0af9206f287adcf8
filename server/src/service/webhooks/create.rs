//! Creates outbound webhooks. The URL decides the kind of destination, unless one is selected.

use app::error::{Checks, Error, Result};
use app::model::catalog::subscription::normalized;
use app::model::delivery_policy::DeliveryPolicy;
use app::model::destination::DestinationKind;
use app::model::id::ProjectId;
use app::model::people::Actor;
use app::model::policy::MAX_WEBHOOKS_PER_PROJECT;
use app::model::signing::{SigningScheme, WebhookSigning};
use app::model::text::Name;
use app::model::webhook::{CreateWebhook, CreatedWebhook, Direction, WebhookKind};
use app::model::webhook_activity::WhileInactive;
use app::model::webhook_scope::{ScopeKind, SelectScope};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::scope::{self, Selected};
use super::{
    active_limit, body_template, conditions, custom_headers, endpoint_url, instance_pause, policy, rows, signing,
    view_of,
};
use crate::app_state::AppState;
use crate::destinations::signature::NewSecret;
use crate::entity::webhook;
use crate::service::TxError;
use crate::storage::Tx;

/// Creates it with a secret, shown only once, if its destination verifies signatures.
///
/// # Errors
/// [`Error::Invalid`] with a message for each invalid field, and [`Error::Conflict`] if the project has
/// [`MAX_WEBHOOKS_PER_PROJECT`] or no room for another active webhook.
pub async fn create(state: &AppState, actor: &Actor, project: ProjectId, new: CreateWebhook) -> Result<CreatedWebhook> {
    let mut checks = Checks::default();
    checks.require(!new.events.is_empty(), "events", "Select at least one event.");
    let name = checks.take("name", new.name.parse::<Name>());
    let url = endpoint_url::check(state, &new.url, new.kind, new.allow_insecure).await;
    let url = checks.take_invalid(url)?;
    let policy = DeliveryPolicy::default().with(new.policy);
    policy::check(&policy, &mut checks);
    let (Some(name), Some((url, destination))) = (name, url) else { return Err(checks.into_error()) };
    let (id, now, kind) = (state.ids.next(), state.clock.now(), destination.kind());
    policy::check_digest(&policy, kind, &mut checks);
    let secret = first_secret(kind, new.signing.as_ref(), new.secret.as_deref(), &mut checks);
    let secret = checks.take_invalid(secret)?;
    let events = normalized(new.events);
    checks.take("conditions", conditions::check(&new.conditions, &events));
    let body_template = new.body_template.map_or(Ok(None), |new| body_template::accepted(kind, new));
    let body_template = body_template.and_then(|new| body_template::check(new.as_ref(), &events).map(|()| new));
    let body_template = checks.take_invalid(body_template)?;
    let selected = match &new.scope {
        Some(select) => checks.take_invalid(selected(state, actor, project, select).await)?,
        None => Some(Selected { kind: ScopeKind::Project, projects: vec![project] }),
    };
    let Some(Selected { kind: scope, projects }) = selected else { return Err(checks.into_error()) };
    let mut row = webhook::Model {
        scope,
        url: Some(rows::encrypt(state, &webhook::url_aad(id), url.as_str())?),
        display_url: destination.redact(&url),
        policy: policy.into(),
        signing: new.signing.unwrap_or_default(),
        conditions: new.conditions,
        body_template: body_template.flatten(),
        allow_insecure: new.allow_insecure,
        active: new.active.unwrap_or(true),
        while_inactive: new.while_inactive.unwrap_or(WhileInactive::Hold),
        ..webhook::Model::new(id, project, WebhookKind::Destination(kind), name.into_string(), now)
    };
    checks.take_invalid(custom_headers::set(state, &mut row, new.custom_headers))?;
    checks.finish()?;
    let secret = secret.flatten();
    let secret_row = match &secret {
        Some(secret) => Some(rows::secret_row(state, id, secret)?.0),
        None => None,
    };
    let (state_in_tx, by) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            // The lock of the pause before that of the limit, so that no two deadlock on PostgreSQL.
            row.instance_paused = instance_pause::is_on(tx).await?;
            check_count(tx, project).await?;
            if row.active {
                active_limit::require_room(tx, id, scope, &projects).await?;
            }
            rows::insert(&state_in_tx, tx, &by, row.clone(), (&projects, &events), secret_row).await?;
            Ok::<_, TxError>(row)
        })
    });
    let row = change.await?;
    let reveal = secret.and_then(|secret| signing::revealed(secret, new.secret.as_deref()));
    Ok(CreatedWebhook { webhook: view_of(state, actor, row).await?, reveal })
}

/// The projects of a new webhook, among them that of the request.
async fn selected(state: &AppState, actor: &Actor, project: ProjectId, select: &SelectScope) -> Result<Selected> {
    let selected = scope::selected(state, actor, select).await?;
    match selected.kind == ScopeKind::All || selected.projects.contains(&project) {
        true => Ok(selected),
        false => Err(Error::field("scope", "Select the project of the request, too.")),
    }
}

/// The secret of a new webhook, if it has one.
fn first_secret(
    kind: DestinationKind,
    signing: Option<&WebhookSigning>,
    entered: Option<&str>,
    checks: &mut Checks,
) -> Result<Option<NewSecret>> {
    if let Some(signing) = signing {
        signing::check(kind, signing, checks);
    }
    let scheme = signing.map_or(SigningScheme::StandardWebhooks, |signing| signing.scheme);
    signing::new_secret(if kind.can_sign() { scheme } else { SigningScheme::None }, entered)
}

pub(super) async fn check_count(tx: &Tx<'_>, project: ProjectId) -> std::result::Result<(), TxError> {
    let existing = webhook::Entity::find()
        .filter(webhook::Column::ProjectId.eq(project))
        .filter(webhook::Column::Direction.eq(Direction::Outbound))
        .filter(webhook::Column::DeletedAt.is_null());
    if existing.count(tx.db()).await? < MAX_WEBHOOKS_PER_PROJECT {
        return Ok(());
    }
    let message =
        format!("A project can have {MAX_WEBHOOKS_PER_PROJECT} outbound webhooks. Delete one that is not needed.");
    Err(Error::conflict(message).into())
}
