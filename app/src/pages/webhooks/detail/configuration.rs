//! The configuration of a webhook. An admin edits each fact in place, or in the dialog that the Webhooks page
//! has for it.

use leptos::prelude::*;

use super::super::condition_fields::past_summary;
use super::super::context::use_webhooks_page;
use super::super::digest_note::{DIGEST_CHOICES, digest_interval, digest_text};
use super::super::facts::subscribed;
use super::super::queue_facts::with_queue;
use super::super::scope_dialog::scope_names;
use super::super::signing_facts::public_keys;
use super::field_editor::{Editing, Field, Input, edit_button, field_row};
use crate::components::copy::CopyButton;
use crate::components::dynamic::dynamic;
use crate::components::number::counted;
use crate::model::condition::{Conditions, TriedConditions};
use crate::model::delivery_policy::{CUSTOM, DeliveryPolicy, PolicyChange, delays_of, delays_text};
use crate::model::rate_limit::rate_of;
use crate::model::signing::WebhookSigning;
use crate::model::webhook::{Direction, UpdateWebhook, Webhook};
use crate::model::webhook_activity::WhileInactive;
use crate::model::webhook_scope::{ScopeKind, WebhookScope};
use crate::time;

pub fn configuration(
    webhook: Signal<Webhook>,
    changed: Option<Callback<Webhook>>,
    tried: Signal<Option<TriedConditions>>,
) -> AnyView {
    let facts = match webhook.with_untracked(|webhook| webhook.direction) {
        Direction::Inbound => inbound(webhook),
        Direction::Outbound => outbound(webhook, changed, tried),
    };
    view! {
        <section class="card flush configuration" aria-labelledby="configuration">
            <header><h2 id="configuration">"Configuration"</h2></header>
            <dl class="edit">{facts}{fact("Created", webhook, |webhook| time::absolute(webhook.created_at))}</dl>
        </section>
    }
    .into_any()
}

fn inbound(webhook: Signal<Webhook>) -> AnyView {
    let integration = use_webhooks_page().integration;
    let repository = move || integration.with(|found| found.as_ref().map(|found| found.repository.clone()));
    view! {
        {fact("Tracker", webhook, |webhook| webhook.kind.label().to_owned())}
        {fact("URL", webhook, |webhook| webhook.url.clone())}
        <div><dt>"Repository"</dt><dd>{dynamic(repository)}</dd><dd class="act"></dd></div>
    }
    .into_any()
}

fn outbound(
    webhook: Signal<Webhook>,
    changed: Option<Callback<Webhook>>,
    tried: Signal<Option<TriedConditions>>,
) -> AnyView {
    let context = use_webhooks_page();
    let editing = Editing { webhook, changed, current: RwSignal::new(None) };
    let id = webhook.with_untracked(|webhook| webhook.id);
    let change_destination = Callback::new(move |()| context.moving.set(Some(webhook.get_untracked())));
    let edit_events = Callback::new(move |()| context.shown_events.set(Some(id)));
    let dialog = move |label: &'static str, name: &'static str, edit: Callback<()>| {
        changed.map(|_| edit_button(label, format!("edit-{name}"), edit))
    };
    let is_credential = Memo::new(move |_| {
        webhook.with(|webhook| webhook.kind.destination().is_some_and(|kind| kind.spec().url_is_credential))
    });
    let url = move || {
        if is_credential.get() {
            let text = Memo::new(move |_| webhook.with(|webhook| webhook.url.clone()));
            let button = dialog("URL", "destination", change_destination);
            view! { <div><dt>"URL"</dt><dd class="mono">{text}</dd><dd class="act">{button}</dd></div> }.into_any()
        } else {
            field_row(editing, URL)
        }
    };
    let kind = Memo::new(move |_| webhook.with(|webhook| webhook.kind.label()));
    let events = Memo::new(move |_| webhook.with(|webhook| subscribed(&webhook.events)));
    let tags = move || webhook.with(tags);
    let edit_signing = Callback::new(move |()| context.signing.set(Some(webhook.get_untracked())));
    let projects = Memo::new(move |_| webhook.with(|webhook| projects_text(&webhook.scope)));
    let edit_projects = Callback::new(move |()| context.scoping.set(Some(webhook.get_untracked())));
    let edit_all = Callback::new(move |()| context.editing.set(Some(webhook.get_untracked())));
    let scheme = Memo::new(move |_| webhook.with(|webhook| webhook.signing.as_ref().map(WebhookSigning::summary)));
    let signing = move || {
        scheme.get().map(|scheme| {
            let button = dialog("Signing", "signing", edit_signing);
            view! { <div><dt>"Signing"</dt><dd>{scheme}</dd><dd class="act">{button}</dd></div> }
        })
    };
    let keys = move || webhook.with(|webhook| public_keys(webhook).map(key_row).collect_view());
    let can_be_insecure = Memo::new(move |_| {
        webhook.with(|webhook| webhook.kind.destination().is_some_and(|kind| kind.spec().allows_insecure))
    });
    let allows_insecure = Memo::new(move |_| webhook.with(|webhook| webhook.allow_insecure));
    let insecure = move || {
        can_be_insecure.get().then(|| {
            let text = if allows_insecure.get() { "Allowed" } else { "Not allowed" };
            let button = dialog("Insecure connections", "insecure", edit_all);
            view! { <div><dt>"Insecure connections"</dt><dd>{text}</dd><dd class="act">{button}</dd></div> }
        })
    };
    let conditions = move || webhook.with(|webhook| rules(&webhook.conditions));
    let past = move || tried.with(|tried| tried.as_ref().map(past_summary));
    let body = Memo::new(move |_| webhook.with(body_summary));
    let takes_template = Memo::new(move |_| {
        webhook.with(|webhook| webhook.kind.destination().is_some_and(|kind| kind.spec().takes_template))
    });
    let body = move || {
        takes_template.get().then(|| {
            let button = dialog("Body", "body", edit_all);
            view! { <div><dt>"Body"</dt><dd>{body}</dd><dd class="act">{button}</dd></div> }
        })
    };
    let headers = Memo::new(move |_| webhook.with(header_names));
    let has_digests = Memo::new(move |_| webhook.with(|webhook| webhook.kind.has_digests()));
    let has_headers = Memo::new(move |_| {
        webhook.with(|webhook| webhook.kind.destination().is_some_and(|kind| kind.spec().reserved_headers.is_some()))
    });
    let header_row = move || {
        has_headers.get().then(|| {
            let button = dialog("Headers", "headers", edit_all);
            view! { <div><dt>"Headers"</dt><dd>{headers}</dd><dd class="act">{button}</dd></div> }
        })
    };
    view! {
        {field_row(editing, NAME)}
        <div><dt>"Platform"</dt><dd>{kind}</dd><dd class="act">{dialog("Platform", "platform", change_destination)}</dd></div>
        {dynamic(url)}
        <div><dt>"Projects"</dt><dd dir="auto">{projects}</dd><dd class="act">{dialog("Projects", "projects", edit_projects)}</dd></div>
        <div><dt>"Events"</dt><dd>{events}{dynamic(tags)}</dd><dd class="act">{dialog("Events", "events", edit_events)}</dd></div>
        <div><dt>"Conditions"</dt><dd>{dynamic(conditions)}<span class="hint">{dynamic(past)}</span></dd><dd class="act">{dialog("Conditions", "conditions", edit_all)}</dd></div>
        {dynamic(body)}
        {dynamic(signing)}
        {dynamic(keys)}
        {dynamic(insecure)}
        {dynamic(header_row)}
        {dynamic(move || has_digests.get().then(|| field_row(editing, DIGEST)))}
        {[ORDER, RATE_LIMIT, RETRIES, CLIENT_ERRORS, TIMEOUT, DEGRADED, DISABLED, DISABLED_HOURS, RECOVERY, WHILE_INACTIVE].map(|field| field_row(editing, field)).into_iter().collect_view()}
    }
    .into_any()
}

/// The conditions, one a line.
fn rules(conditions: &Conditions) -> AnyView {
    if conditions.rules.is_empty() {
        return "None".into_any();
    }
    let mode = (conditions.rules.len() > 1).then(|| conditions.mode.label());
    let rules = conditions.rules.iter().map(|rule| view! { <li><code>{rule.summary()}</code></li> });
    view! { {mode}<ul class="conditions">{rules.collect_view()}</ul> }.into_any()
}

/// `The event`, `Template, application/json`.
fn body_summary(webhook: &Webhook) -> String {
    match &webhook.body_template {
        Some(template) => format!("Template, {}", template.content_type.label()),
        None => "The event".to_owned(),
    }
}

/// The names of the projects.
fn projects_text(scope: &WebhookScope) -> String {
    match (scope.orphaned, scope.kind) {
        (false, ScopeKind::All) => ScopeKind::All.label().to_owned(),
        (false, _) => scope_names(scope),
        (true, _) => "Deleted".to_owned(),
    }
}

/// The most subscriptions that are shown one by one.
const MAX_TAGS: usize = 6;

fn tags(webhook: &Webhook) -> AnyView {
    let more = webhook.events.len().saturating_sub(MAX_TAGS);
    let tags = webhook.events.iter().take(MAX_TAGS).map(|event| view! { <code class="tag">{event.to_string()}</code> });
    let more = (more > 0).then(|| view! { <span class="tag">{format!("+{more}")}</span> });
    view! { <span class="labels">{tags.collect_view()}{more}</span> }.into_any()
}

/// A public key, which receivers need at any time.
fn key_row((label, key): (&'static str, String)) -> AnyView {
    let copy = view! { <CopyButton text=Signal::stored(key.clone()) what="public key"/> };
    view! { <div><dt>{label}</dt><dd class="mono">{key}</dd><dd class="act">{copy}</dd></div> }.into_any()
}

/// The names of the custom headers. Their values are not shown.
fn header_names(webhook: &Webhook) -> String {
    let names: Vec<_> = webhook.custom_headers.iter().map(|header| header.name.as_str()).collect();
    if names.is_empty() { "None".to_owned() } else { names.join(", ") }
}

fn fact(label: &'static str, webhook: Signal<Webhook>, value: fn(&Webhook) -> String) -> AnyView {
    let text = Memo::new(move |_| webhook.with(value));
    view! { <div><dt>{label}</dt><dd>{text}</dd><dd class="act"></dd></div> }.into_any()
}

fn policy(webhook: &Webhook) -> DeliveryPolicy {
    webhook.policy.clone().unwrap_or_default()
}

const IN_ORDER: &str = "In order for each subject";

/// The change of a policy by a number.
fn number(text: &str, change: fn(u32) -> PolicyChange) -> Result<UpdateWebhook, String> {
    let number = text.trim().parse().map_err(|_| "Enter a whole number.".to_owned())?;
    Ok(UpdateWebhook { policy: change(number), ..UpdateWebhook::default() })
}

const NAME: Field = Field {
    label: "Name",
    wire: "name",
    input: Input::Text("text"),
    hint: "",
    shown: |webhook| webhook.name.clone(),
    value: |webhook| webhook.name.clone(),
    change: |text| Ok(UpdateWebhook { name: Some(text.to_owned()), ..UpdateWebhook::default() }),
};
const URL: Field = Field {
    label: "URL",
    wire: "url",
    input: Input::Text("url"),
    hint: "Pending deliveries go to the new URL, too.",
    shown: |webhook| webhook.url.clone(),
    value: |webhook| webhook.url.clone(),
    change: |text| Ok(UpdateWebhook { url: Some(text.to_owned()), ..UpdateWebhook::default() }),
};
const DIGEST: Field = Field {
    label: "Digest",
    wire: "digestMinutes",
    input: Input::OpenChoice(&DIGEST_CHOICES, digest_interval),
    hint: "Events are collected and summed up in one message. A single event is sent as it is.",
    shown: |webhook| digest_text(webhook),
    value: |webhook| policy(webhook).digest_minutes.to_string(),
    change: |text| number(text, |number| PolicyChange { digest_minutes: Some(number), ..PolicyChange::default() }),
};
const ORDER: Field = Field {
    label: "Order",
    wire: "ordered",
    input: Input::Choice(&[("false", "Any order"), ("true", IN_ORDER)]),
    hint: "In order: the next event of a run, an issue, … waits for the previous one. Applies to new deliveries.",
    shown: |webhook| match policy(webhook).ordered {
        true => with_queue(IN_ORDER, webhook),
        false => "Any order".to_owned(),
    },
    value: |webhook| policy(webhook).ordered.to_string(),
    change: |text| {
        let policy = PolicyChange { ordered: Some(text == "true"), ..PolicyChange::default() };
        Ok(UpdateWebhook { policy, ..UpdateWebhook::default() })
    },
};
const RATE_LIMIT: Field = Field {
    label: "Rate limit",
    wire: "rateLimit",
    input: Input::Text("text"),
    hint: "e.g. 10 per second, or 30 per minute. Leave blank for none.",
    shown: |webhook| policy(webhook).rate_text().map_or("None".to_owned(), |rate| with_queue(&rate, webhook)),
    value: |webhook| policy(webhook).rate_text().unwrap_or_default(),
    change: |text| {
        let (limit, period) = rate_of(text)?;
        let policy = PolicyChange { rate_limit: Some(limit), rate_period: Some(period), ..PolicyChange::default() };
        Ok(UpdateWebhook { policy, ..UpdateWebhook::default() })
    },
};
const RETRIES: Field = Field {
    label: "Retries",
    wire: "retryDelays",
    input: Input::Text("text"),
    hint: "For example: 10 s, 5 min, 2 h. Leave it blank for none. At most 20 retries and 7 days.",
    shown: |webhook| {
        let delays = policy(webhook).retry_delays;
        if delays.is_empty() { "None".to_owned() } else { delays_text(&delays) }
    },
    value: |webhook| delays_text(&policy(webhook).retry_delays),
    change: |text| {
        let delays = if text.trim().is_empty() { Vec::new() } else { delays_of(CUSTOM, text)? };
        let policy = PolicyChange { retry_delays: Some(delays), ..PolicyChange::default() };
        Ok(UpdateWebhook { policy, ..UpdateWebhook::default() })
    },
};
const CLIENT_ERRORS: Field = Field {
    label: "4xx responses",
    wire: "retryClientErrors",
    input: Input::Choice(&[("false", "Not retried, except 408, 425 and 429"), ("true", "Retried, except 410")]),
    hint: "",
    shown: |webhook| {
        let retried = policy(webhook).retry_client_errors;
        if retried { "Retried, except 410".to_owned() } else { "Not retried, except 408, 425 and 429".to_owned() }
    },
    value: |webhook| policy(webhook).retry_client_errors.to_string(),
    change: |text| {
        let policy = PolicyChange { retry_client_errors: Some(text == "true"), ..PolicyChange::default() };
        Ok(UpdateWebhook { policy, ..UpdateWebhook::default() })
    },
};
const TIMEOUT: Field = Field {
    label: "Timeout",
    wire: "timeoutSeconds",
    input: Input::Text("number"),
    hint: "1 to 30 seconds",
    shown: |webhook| format!("{} s", policy(webhook).timeout_seconds),
    value: |webhook| policy(webhook).timeout_seconds.to_string(),
    change: |text| number(text, |number| PolicyChange { timeout_seconds: Some(number), ..PolicyChange::default() }),
};
const DEGRADED: Field = Field {
    label: "Degraded",
    wire: "degradedAfter",
    input: Input::Text("number"),
    hint: "Consecutive failed deliveries",
    shown: |webhook| after_failures(policy(webhook).degraded_after),
    value: |webhook| policy(webhook).degraded_after.to_string(),
    change: |text| number(text, |number| PolicyChange { degraded_after: Some(number), ..PolicyChange::default() }),
};
const DISABLED: Field = Field {
    label: "Auto-disable",
    wire: "disabledAfter",
    input: Input::Text("number"),
    hint: "Consecutive failed deliveries; 0 for never",
    shown: |webhook| after_failures(policy(webhook).disabled_after),
    value: |webhook| policy(webhook).disabled_after.to_string(),
    change: |text| number(text, |number| PolicyChange { disabled_after: Some(number), ..PolicyChange::default() }),
};
const DISABLED_HOURS: Field = Field {
    label: "Disable by time",
    wire: "disabledAfterHours",
    input: Input::Text("number"),
    hint: "Hours without a success; 0 for never",
    shown: |webhook| match policy(webhook).disabled_after_hours {
        0 => "Never".to_owned(),
        hours => format!("{} of failures", counted(hours, "hour", "hours")),
    },
    value: |webhook| policy(webhook).disabled_after_hours.to_string(),
    change: |text| {
        number(text, |number| PolicyChange { disabled_after_hours: Some(number), ..PolicyChange::default() })
    },
};
const RECOVERY: Field = Field {
    label: "Recovery",
    wire: "autoRecovery",
    input: Input::Choice(&[("false", "Manual"), ("true", "Automatic")]),
    hint: "Automatic: a held delivery is tried after 5 min, 15 min, 1 h and 6 h.",
    shown: |webhook| if policy(webhook).auto_recovery { "Automatic".to_owned() } else { "Manual".to_owned() },
    value: |webhook| policy(webhook).auto_recovery.to_string(),
    change: |text| {
        let policy = PolicyChange { auto_recovery: Some(text == "true"), ..PolicyChange::default() };
        Ok(UpdateWebhook { policy, ..UpdateWebhook::default() })
    },
};
const WHILE_INACTIVE: Field = Field {
    label: "While inactive",
    wire: "whileInactive",
    input: Input::Choice(&[
        (WhileInactive::Hold.as_str(), WhileInactive::Hold.label()),
        (WhileInactive::Drop.as_str(), WhileInactive::Drop.label()),
    ]),
    hint: "Held events are sent in order after activation. Dropped ones are cancelled and can be replayed.",
    shown: |webhook| webhook.while_inactive.label().to_owned(),
    value: |webhook| webhook.while_inactive.as_str().to_owned(),
    change: |text| Ok(UpdateWebhook { while_inactive: Some(text.parse()?), ..UpdateWebhook::default() }),
};

/// `After 10 consecutive failures`, `Never`.
fn after_failures(count: u32) -> String {
    match count {
        0 => "Never".to_owned(),
        count => format!("After {}", counted(count, "consecutive failure", "consecutive failures")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_becomes_a_change() {
        let retries = (RETRIES.change)("10 s, 5 min").unwrap();
        assert_eq!(retries.policy.retry_delays, Some(vec![10, 300]));
        assert_eq!((RETRIES.change)(" ").unwrap().policy.retry_delays, Some(Vec::new()));
        assert!((RETRIES.change)("soon").is_err() && (TIMEOUT.change)("x").is_err());
        assert_eq!((TIMEOUT.change)(" 15 ").unwrap().policy.timeout_seconds, Some(15));
        assert_eq!((WHILE_INACTIVE.change)("drop").unwrap().while_inactive, Some(WhileInactive::Drop));
    }

    #[test]
    fn a_number_of_failures_is_a_sentence() {
        assert_eq!((after_failures(0), after_failures(1)), ("Never".into(), "After 1 consecutive failure".into()));
    }
}
