//! Webhooks of both directions.
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, Json, PostUrl};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, filled, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::body_template::TemplateForm;
use crate::model::catalog::EventType;
use crate::model::catalog::Subscription;
#[cfg(feature = "ssr")]
use crate::model::condition::Conditions;
use crate::model::condition::ConditionsForm;
use crate::model::connection_form::ConnectionForm;
use crate::model::delivery::Delivery;
use crate::model::delivery_policy::PolicyForm;
use crate::model::destination::DestinationKind;
use crate::model::id::{ProjectId, SecretId, WebhookId};
use crate::model::page::{Page, PageQuery};
#[cfg(feature = "ssr")]
use crate::model::signing::ChangeSigning as NewSigning;
use crate::model::signing::SigningForm;
#[cfg(feature = "ssr")]
use crate::model::webhook::SendTest;
#[cfg(feature = "ssr")]
use crate::model::webhook::{
    ChangeDestination as NewDestination, CreateInbound as NewInbound, CreateWebhook as NewWebhook,
    RotateWebhook as Rotate,
};
use crate::model::webhook::{CreatedWebhook, HeldDeliveriesAction, UpdateWebhook as WebhookChange, Webhook};
#[cfg(feature = "ssr")]
use crate::model::webhook_scope::SelectScope;

/// Lists the project's webhooks, the inbound one first.
#[server(prefix = "/ui", endpoint = "webhooks/list", protocol = PageCall<GetUrl>)]
pub async fn list_webhooks(project: ProjectId, #[server(default)] page: PageQuery) -> Result<Page<Webhook>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_webhooks(&actor, project, page).await)
}

/// One webhook.
#[server(prefix = "/ui", endpoint = "webhooks/get", protocol = PageCall<GetUrl>)]
pub async fn read_webhook(id: WebhookId) -> Result<Webhook> {
    let (service, actor) = authenticated()?;
    with_status(service.webhook(&actor, id).await)
}

/// Creates the inbound webhook. Only Azure DevOps has credentials.
#[server(prefix = "/ui", endpoint = "webhooks/create-inbound", protocol = PageCall<PostUrl>)]
pub async fn create_inbound(
    project: ProjectId,
    #[server(default)] username: String,
    #[server(default)] password: String,
) -> Result<CreatedWebhook> {
    let (service, actor) = authenticated()?;
    let new = NewInbound { username: filled(username), password: filled(password) };
    with_status(service.create_inbound(&actor, project, new).await)
}

/// Creates an outbound webhook: of `project`, and of the others if some are selected. Without `project`, some have to
/// be selected.
#[server(prefix = "/ui", endpoint = "webhooks/create", protocol = PageCall<PostUrl>)]
pub async fn create_webhook(
    #[server(default)] project: Option<ProjectId>,
    #[server(default)] all: bool,
    #[server(default)] projects: Vec<ProjectId>,
    name: String,
    url: String,
    #[server(default)] events: Vec<Subscription>,
    #[server(default)] kind: Option<DestinationKind>,
    #[server(default)] signing: SigningForm,
    #[server(default)] connection: ConnectionForm,
    #[server(default)] conditions: ConditionsForm,
    #[server(default)] template: TemplateForm,
    #[server(default)] policy: PolicyForm,
    // A checkbox that is not checked isn't sent.
    #[server(default)] inactive: bool,
) -> Result<CreatedWebhook> {
    let (service, actor) = authenticated()?;
    let conditions = with_status(read_conditions(conditions))?.unwrap_or_default();
    let policy = with_status(policy.change())?;
    let is_selected = all || !projects.is_empty() || project.is_none();
    let scope = is_selected.then(|| SelectScope::from_form(all, projects));
    let (signing, secret) = signing.into_parts();
    let allow_insecure = connection.allow_insecure;
    let custom_headers = connection.into_headers().unwrap_or_default();
    let new = NewWebhook {
        name,
        url,
        scope,
        events,
        kind,
        policy,
        conditions,
        body_template: template.into_template(),
        signing,
        secret,
        custom_headers,
        allow_insecure,
        active: Some(!inactive),
        while_inactive: None,
    };
    with_status(match project {
        Some(project) => service.create_webhook(&actor, project, new).await,
        None => service.create_shared_webhook(&actor, new).await,
    })
}

/// Creates an inactive copy of an outbound webhook.
#[server(prefix = "/ui", endpoint = "webhooks/duplicate", protocol = PageCall<PostUrl>)]
pub async fn duplicate_webhook(id: WebhookId) -> Result<CreatedWebhook> {
    let (service, actor) = authenticated()?;
    with_status(service.duplicate_webhook(&actor, id).await)
}

/// Changes where an outbound webhook sends to.
#[server(prefix = "/ui", endpoint = "webhooks/change-destination", protocol = PageCall<PostUrl>)]
pub async fn change_destination(
    id: WebhookId,
    url: String,
    #[server(default)] kind: Option<DestinationKind>,
    #[server(default)] connection: ConnectionForm,
) -> Result<CreatedWebhook> {
    let (service, actor) = authenticated()?;
    let change = NewDestination { url, kind, allow_insecure: Some(connection.allow_insecure) };
    with_status(service.change_destination(&actor, id, change).await)
}

/// Changes how a generic endpoint recognizes Testbell.
#[server(prefix = "/ui", endpoint = "webhooks/change-signing", protocol = PageCall<PostUrl>)]
pub async fn change_signing(id: WebhookId, #[server(default)] signing: SigningForm) -> Result<CreatedWebhook> {
    let (service, actor) = authenticated()?;
    let (signing, secret) = signing.into_parts();
    let signing = signing.unwrap_or_default();
    with_status(service.change_signing(&actor, id, NewSigning { signing, secret }).await)
}

/// Changes an outbound webhook.
#[server(prefix = "/ui", endpoint = "webhooks/update", protocol = PageCall<Json>)]
pub async fn update_webhook(id: WebhookId, change: WebhookChange) -> Result<Webhook> {
    let (service, actor) = authenticated()?;
    with_status(service.update_webhook(&actor, id, change).await)
}

/// Changes the name, the policy, the headers, the conditions and the template of an outbound webhook, and its URL if
/// one is given. What is as in `initial`, the JSON of an unedited change, stays: somebody else may have changed it.
#[server(prefix = "/ui", endpoint = "webhooks/edit", protocol = PageCall<PostUrl>)]
pub async fn edit_webhook(
    id: WebhookId,
    name: String,
    #[server(default)] url: String,
    #[server(default)] policy: PolicyForm,
    #[server(default)] connection: ConnectionForm,
    #[server(default)] conditions: ConditionsForm,
    #[server(default)] template: TemplateForm,
    #[server(default)] initial: String,
) -> Result<Webhook> {
    let (service, actor) = authenticated()?;
    let conditions = with_status(read_conditions(conditions))?;
    let initial = serde_json::from_str::<WebhookChange>(&initial).unwrap_or_default();
    let policy = with_status(policy.change())?;
    let change = WebhookChange {
        name: Some(name),
        url: filled(url),
        policy,
        conditions,
        body_template: template.into_template(),
        allow_insecure: Some(connection.allow_insecure),
        custom_headers: connection.into_headers(),
        ..WebhookChange::default()
    };
    with_status(service.update_webhook(&actor, id, change.since(initial)).await)
}

#[cfg(feature = "ssr")]
fn read_conditions(form: ConditionsForm) -> Result<Option<Conditions>> {
    form.into_conditions().map_err(|message| Error::field("conditions", message))
}

/// Deletes a webhook.
#[server(prefix = "/ui", endpoint = "webhooks/delete", protocol = PageCall<PostUrl>)]
pub async fn delete_webhook(id: WebhookId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_webhook(&actor, id).await)
}

/// Sends the test event, or the sample of a subscribed one.
#[server(prefix = "/ui", endpoint = "webhooks/test", protocol = PageCall<PostUrl>)]
pub async fn test_webhook(id: WebhookId, #[server(default)] event: Option<EventType>) -> Result<Delivery> {
    let (service, actor) = authenticated()?;
    with_status(service.test_webhook(&actor, id, SendTest { event }).await)
}

/// Re-enables a disabled webhook.
#[server(prefix = "/ui", endpoint = "webhooks/enable", protocol = PageCall<PostUrl>)]
pub async fn enable_webhook(id: WebhookId, held: HeldDeliveriesAction) -> Result<Webhook> {
    let (service, actor) = authenticated()?;
    with_status(service.enable_webhook(&actor, id, held).await)
}

/// Rotates the secret.
#[server(prefix = "/ui", endpoint = "webhooks/rotate", protocol = PageCall<PostUrl>)]
pub async fn rotate_webhook(
    id: WebhookId,
    #[server(default)] overlap_hours: Option<u32>,
    #[server(default)] has_secret: bool,
    #[server(default)] secret: String,
) -> Result<CreatedWebhook> {
    let (service, actor) = authenticated()?;
    // An empty one is refused, not generated.
    let secret = has_secret.then_some(secret);
    with_status(service.rotate_webhook(&actor, id, Rotate { overlap_hours, secret }).await)
}

/// Retires the old secret now.
#[server(prefix = "/ui", endpoint = "webhooks/retire", protocol = PageCall<PostUrl>)]
pub async fn retire_secret(id: WebhookId, secret: SecretId) -> Result<Webhook> {
    let (service, actor) = authenticated()?;
    with_status(service.retire_secret(&actor, id, secret).await)
}

/// Extends the old secret.
#[server(prefix = "/ui", endpoint = "webhooks/extend", protocol = PageCall<PostUrl>)]
pub async fn extend_secret(id: WebhookId, secret: SecretId) -> Result<Webhook> {
    let (service, actor) = authenticated()?;
    with_status(service.extend_secret(&actor, id, secret).await)
}
