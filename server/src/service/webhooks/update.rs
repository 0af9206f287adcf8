//! Changes the name, the URL, the projects, the policy, the headers and the subscriptions of an outbound webhook.

use app::error::{Checks, Error, Result};
use app::model::audit::AuditAction;
use app::model::custom_header::CustomHeader;
use app::model::delivery_policy::DeliveryPolicy;
use app::model::people::Actor;
use app::model::text::Name;
use app::model::webhook::{Direction, Health, UpdateWebhook};
use app::model::webhook_scope::ScopeKind;
use sea_orm::{ActiveValue::Set, EntityTrait};
use url::Url;

use super::custom_headers::HeaderChange;
use super::policy_changes::policy_changes;
use super::project_deletion::end_deliveries;
use super::rows::INSECURE_ALLOWED;
use super::subscriptions::{self, SubscriptionChange};
use super::{body_template, conditions, custom_headers, endpoint_url, policy, routes, rows, scope, scope_change};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::destinations;
use crate::digests;
use crate::dispatch::delivery_queue::PROJECT_REMOVED;
use crate::dispatch::recovery;
use crate::entity::{webhook, webhook_project};
use crate::service::TxError;
use crate::storage::internal;

const CREDENTIAL: &str = "The URL is the credential. To replace it, change the destination.";

const HEADERS_ELSEWHERE: &str = "The stored header values must not go to another server. Enter the values of all \
                                 custom headers again, or remove the headers first.";
const SECRET_ELSEWHERE: &str =
    "The stored secret must not go to another server. Change the signing first, and back afterwards.";

/// Changes the fields that are present.
///
/// # Errors
/// [`Error::Invalid`] for an inbound webhook or an invalid field.
pub async fn update(
    state: &AppState,
    actor: &Actor,
    row: webhook::Model,
    change: UpdateWebhook,
) -> Result<webhook::Model> {
    if row.direction == Direction::Inbound {
        return Err(Error::invalid("An inbound webhook can't be changed. Delete it and create another one."));
    }
    let name = change.name.map(|name| name.parse::<Name>()).transpose();
    let name = name.map_err(|why| Error::field("name", why))?;
    let kind = row.kind.destination().ok_or(Error::NotFound)?;
    let allow_insecure = change.allow_insecure.unwrap_or(row.allow_insecure);
    if allow_insecure {
        endpoint_url::require_support(kind)?;
    }
    let url = match change.url {
        Some(url) => checked_url(state, &row, &url, allow_insecure).await?,
        None => None,
    };
    let selected = match &change.scope {
        Some(select) => Some(scope::selected(state, actor, select).await?),
        None => None,
    };
    let subscriptions = SubscriptionChange::from_request(change.events, change.add_events, change.remove_events)?;
    let headers = HeaderChange::from_request(change.custom_headers, change.set_headers, change.remove_headers)?;
    let covered = match row.scope {
        ScopeKind::All => Vec::new(),
        _ => webhook_project::projects_of(state.store.read(), &row).await.map_err(internal)?,
    };
    let starts_digest = row.digest_interval().is_none();
    let (state_in_tx, actor, id, checked) = (state.clone(), actor.clone(), row.id, row);
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let before = rows::lock(tx, id).await?;
            let mut after = before.clone();
            if let Some(name) = name {
                after.name = name.into_string();
            }
            let policy = DeliveryPolicy::from(&after.policy).with(change.policy);
            let mut checks = Checks::default();
            policy::check(&policy, &mut checks);
            policy::check_digest(&policy, kind, &mut checks);
            checks.finish()?;
            set_recovery(&state_in_tx, &mut after, &policy);
            after.policy = policy.into();
            // Of the headers that are stored now.
            let headers = headers.map(|headers| headers.apply(&before.header_names.0));
            if let Some(url) = &url {
                require_same_secrets(&state_in_tx, &before, url, headers.as_deref())?;
            }
            if let Some(headers) = headers {
                custom_headers::set(&state_in_tx, &mut after, headers)?;
            }
            if let Some(allow_insecure) = change.allow_insecure {
                after.allow_insecure = allow_insecure;
            }
            if let Some(template) = change.body_template {
                after.body_template = body_template::accepted(kind, template)?;
            }
            after.while_inactive = change.while_inactive.unwrap_or(after.while_inactive);
            if let Some(url) = url {
                if (before.kind, &before.url) != (checked.kind, &checked.url) {
                    return Err(Error::conflict("The destination was changed meanwhile. Reload the page.").into());
                }
                set_url(&state_in_tx, &mut after, &url)?;
            }
            require_secure(&state_in_tx, &before, &after)?;
            // The caller may change the projects that were checked, and no others.
            if (before.scope, before.project_id) != (checked.scope, checked.project_id)
                || scope_change::stored(tx, &before).await?.projects != covered
            {
                return Err(Error::conflict("The projects were changed meanwhile. Reload the page.").into());
            }
            let (mut projects, mut removed) = (None, Vec::new());
            if let Some(selected) = selected {
                // The pages of the projects that it leaves, too.
                rows::notify(tx, &before).await?;
                if let Some(left) = scope_change::apply(&state_in_tx, tx, &actor, &mut after, &selected).await? {
                    removed = left;
                    projects = Some(scope_change::names(tx, &selected).await?);
                }
            }
            let events_before = subscriptions::load(tx.db(), &[id]).await?.remove(&id).unwrap_or_default();
            let events = subscriptions.apply(&events_before);
            let changes_conditions = change.conditions.is_some();
            after.conditions = change.conditions.unwrap_or(after.conditions);
            if changes_conditions || events != events_before {
                conditions::check(&after.conditions, &events).map_err(|message| Error::field("conditions", message))?;
            }
            if after.body_template != before.body_template || events != events_before {
                body_template::check(after.body_template.as_ref(), &events)?;
            }
            if after == before && events == events_before && projects.is_none() {
                return Ok::<_, TxError>((before, removed));
            }
            webhook::Entity::update(changed_columns(&after)).exec_without_returning(tx.db()).await?;
            subscriptions::store(tx, id, &events_before, &events).await?;
            if events != events_before || projects.is_some() {
                routes::rebuild(tx, id, after.scope).await?;
            }
            let detail = changed_fields(&before, &after, events != events_before, projects);
            let entry = NewAuditEntry::for_webhook(&actor, AuditAction::WebhookUpdated, &after, Some(detail));
            audit_log::record(&state_in_tx, tx, entry).await?;
            rows::notify(tx, &after).await?;
            Ok((after, removed))
        })
    });
    let (row, removed) = change.await?;
    end_deliveries(state, &removed, &[id], PROJECT_REMOVED).await.map_err(internal)?;
    if starts_digest && row.digest_interval().is_some() {
        // What waits already is a part of the first digest.
        digests::collect_queue(state, id).await.map_err(internal)?;
    }
    Ok(row)
}

/// Starts or stops the probes of a disabled webhook if its policy changes that.
fn set_recovery(state: &AppState, row: &mut webhook::Model, policy: &DeliveryPolicy) {
    let was_automatic = DeliveryPolicy::from(&row.policy).auto_recovery;
    if was_automatic == policy.auto_recovery || row.health != Health::Disabled {
        return;
    }
    row.recovery_probes = 0;
    row.next_probe_at = policy.auto_recovery.then(|| recovery::next_probe(0, state.clock.schedule_now())).flatten();
}

/// The new URL; `None` for the redacted one, which stands for the stored one.
async fn checked_url(state: &AppState, row: &webhook::Model, url: &str, allow_insecure: bool) -> Result<Option<Url>> {
    if url.trim() == row.display_url {
        return Ok(None);
    }
    let stored = row.kind.destination();
    if stored.is_some_and(|kind| kind.spec().url_is_credential) {
        return Err(Error::field("url", CREDENTIAL));
    }
    Ok(Some(endpoint_url::check(state, url, stored, allow_insecure).await?.0))
}

/// Checks that an http URL doesn't outlive the permission for it.
fn require_secure(state: &AppState, before: &webhook::Model, after: &webhook::Model) -> Result<()> {
    let is_revoked = before.allow_insecure && !after.allow_insecure;
    let (true, Some(kind), Ok(url)) = (is_revoked, after.kind.destination(), after.display_url.parse::<Url>()) else {
        return Ok(());
    };
    let checked = endpoint_url::require_https(state.http.guard(), &url, kind);
    checked.map_err(|message| Error::field("allowInsecure", message))
}

/// Checks that no stored value that is sent as it is goes to another server: the one who changes the URL could read
/// it there. `headers` are the new headers; `None` keeps the stored ones.
///
/// # Errors
/// [`Error::Invalid`] for the field `url`.
pub(super) fn require_same_secrets(
    state: &AppState,
    row: &webhook::Model,
    url: &Url,
    headers: Option<&[CustomHeader]>,
) -> Result<()> {
    let current = row.url.as_deref().and_then(|sealed| state.keys.open_text(&webhook::url_aad(row.id), sealed).ok());
    let current = current.and_then(|url| url.parse::<Url>().ok());
    if current.is_some_and(|current| current.origin() == url.origin()) {
        return Ok(());
    }
    let keeps_header = headers.map_or(!row.header_names.0.is_empty(), |all| all.iter().any(|one| one.value.is_none()));
    if keeps_header {
        return Err(Error::field("url", HEADERS_ELSEWHERE));
    }
    if row.signing.scheme.sends_secret() {
        return Err(Error::field("url", SECRET_ELSEWHERE));
    }
    Ok(())
}

/// Sets another URL. An unchanged URL is not encrypted again, so that the row stays equal.
fn set_url(state: &AppState, row: &mut webhook::Model, url: &Url) -> Result<()> {
    let current = row.url.as_deref().and_then(|sealed| state.keys.open_text(&webhook::url_aad(row.id), sealed).ok());
    if current.as_deref() == Some(url.as_str()) { Ok(()) } else { replace_url(state, row, url) }
}

/// Sets the URL. Its encrypted text always changes, so that attempts in flight are known to be those of
/// the old endpoint. Their failures and pauses don't count for the new one.
pub(super) fn replace_url(state: &AppState, row: &mut webhook::Model, url: &Url) -> Result<()> {
    let destination = row.kind.destination().map(destinations::implementation);
    row.url = Some(rows::encrypt(state, &webhook::url_aad(row.id), url.as_str())?);
    row.display_url = destination.map(|destination| destination.redact(url)).unwrap_or_default();
    row.paused_until = None;
    row.total_pause_ms = 0;
    row.degraded_pause_until = None;
    Ok(())
}

/// The columns that an update may change. Deliveries change the others at the same time.
pub(super) fn changed_columns(row: &webhook::Model) -> webhook::ActiveModel {
    webhook::ActiveModel {
        id: Set(row.id),
        project_id: Set(row.project_id),
        scope: Set(row.scope),
        kind: Set(row.kind),
        policy: Set(row.policy.clone()),
        conditions: Set(row.conditions.clone()),
        body_template: Set(row.body_template.clone()),
        signing: Set(row.signing.clone()),
        header_names: Set(row.header_names.clone()),
        header_values: Set(row.header_values.clone()),
        allow_insecure: Set(row.allow_insecure),
        while_inactive: Set(row.while_inactive),
        recovery_probes: Set(row.recovery_probes),
        next_probe_at: Set(row.next_probe_at),
        name: Set(row.name.clone()),
        url: Set(row.url.clone()),
        display_url: Set(row.display_url.clone()),
        paused_until: Set(row.paused_until),
        total_pause_ms: Set(row.total_pause_ms),
        degraded_pause_until: Set(row.degraded_pause_until),
        ..Default::default()
    }
}

/// The names of the changed fields, for the audit log. Values are omitted, except those of the policy, because a URL
/// may be a credential.
fn changed_fields(before: &webhook::Model, after: &webhook::Model, events: bool, projects: Option<String>) -> String {
    let fields = [
        ("Name", before.name != after.name),
        ("URL", before.url != after.url),
        ("Conditions", before.conditions != after.conditions),
        ("Body", before.body_template != after.body_template),
        (
            "Custom headers",
            (&before.header_names, &before.header_values) != (&after.header_names, &after.header_values),
        ),
        (INSECURE_ALLOWED, !before.allow_insecure && after.allow_insecure),
        ("Insecure connections no longer allowed", before.allow_insecure && !after.allow_insecure),
        ("While inactive", before.while_inactive != after.while_inactive),
        ("Events", events),
    ];
    let changed = fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned());
    let policy = policy_changes(&DeliveryPolicy::from(&before.policy), &DeliveryPolicy::from(&after.policy));
    changed.chain(policy).chain(projects).collect::<Vec<_>>().join(", ")
}
