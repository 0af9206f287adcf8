//! The form to add an outbound webhook, opened by `?add=outbound`: in a project, or for several projects at once.
//! What few webhooks need is under "More options".

use leptos::prelude::*;

use super::condition_fields::{TriedOn, condition_fields};
use super::destination_fields::DestinationFields;
use super::digest_note::DIGEST_CHOICES;
use super::event_picker::{EventPicker, ToggleEvent};
use super::header_fields::header_fields;
use super::policy_fields::policy_fields;
use super::project_fields::{ProjectChoices, ProjectSelection, project_fields};
use super::signing_fields::signing_fields;
use super::template_fields::template_fields;
use crate::api::webhooks::CreateWebhook;
use crate::components::async_action::AsyncAction;
use crate::components::dialog::Dialog;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::failure::FormError;
use crate::components::field::{FieldError, SelectField, Submit, TextField};
use crate::components::icon::{Icon, icon};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::error::Error;
use crate::model::catalog::subscription::{self, Subscription};
use crate::model::condition::Conditions;
use crate::model::delivery_policy::DeliveryPolicy;
use crate::model::destination::{DestinationKind, Signing};
use crate::model::id::ProjectId;
use crate::model::signing::WebhookSigning;
use crate::model::webhook::CreatedWebhook;
use crate::url_state::use_url_state;

const SCOPE_ERROR: &str = "scope-error";

/// What the parts of the form share.
#[derive(Clone, Copy)]
struct CreateForm {
    /// The project of the page; `None` on the page of several projects.
    project: Option<ProjectId>,
    error: Signal<Option<Error>>,
    events: RwSignal<Vec<Subscription>>,
    kind: RwSignal<Option<DestinationKind>>,
    /// The projects to select from, once they are read.
    choices: RwSignal<Option<ProjectChoices>>,
    reading: AsyncAction,
}

impl CreateForm {
    /// Reads the projects to select from.
    fn read_choices(self) {
        let choices = self.choices;
        self.reading.start(async move {
            let read = ProjectChoices::read().await?;
            let _ = choices.try_set(Some(read));
            Ok(())
        });
    }

    /// Whether the destination has a property. Until there is a URL, it may be any endpoint.
    fn when(self, has: fn(DestinationKind) -> bool) -> Signal<bool> {
        let kind = self.kind;
        Signal::derive(move || has(kind.get().unwrap_or(DestinationKind::Generic)))
    }
}

#[component]
pub fn CreateDialog(
    /// The project of the webhook; `None` to select some.
    project: Option<ProjectId>,
    /// The projects to select from, if they are read already. The form has its final height then.
    choices: Option<ProjectChoices>,
    #[prop(into)] created: Callback<CreatedWebhook>,
) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("add").as_deref() == Some("outbound"));
    let create = PageAction::<CreateWebhook>::new();
    let error = create.error();
    let form = CreateForm {
        project,
        error,
        events: RwSignal::new(Vec::new()),
        kind: RwSignal::new(None),
        choices: RwSignal::new(choices),
        reading: AsyncAction::new(),
    };
    create.on_success(move |webhook| {
        form.events.set(Vec::new());
        created.run(webhook);
    });
    // Nothing is left of the last time.
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        if was_open.is_some_and(|was_open| was_open != is_open) {
            form.events.set(Vec::new());
            form.reading.forget();
            create.clear();
        }
        is_open
    });
    let title = if project.is_some() { "Add outbound webhook" } else { "Add webhook for several projects" };
    view! {
        <Dialog open title wide=true on_close=move |()| url_state.replace(&[("add", None), ("endpoint", None)])>
            <PageForm action=create>
                <FormError error/>
                {fields(form)}
                <div class="actions">
                    <a class="button" href=dynamic_value(move || url_state.with(&[("add", None), ("endpoint", None)])) data-noscroll="" prop:replace=true>"Cancel"</a>
                    <Submit pending=create.pending() reveals=true>"Add webhook"</Submit>
                </div>
            </PageForm>
        </Dialog>
    }
}

fn fields(form: CreateForm) -> AnyView {
    let CreateForm { project, error, events, kind, .. } = form;
    let set = move |(toggled, on): ToggleEvent| {
        events.update(|events| {
            let (added, removed) = if on { (&*toggled, &[][..]) } else { (&[][..], &*toggled) };
            *events = subscription::changed(std::mem::take(events), added, removed);
        });
    };
    if project.is_some() {
        // The projects may have changed since the form was last open.
        form.choices.set(None);
    }
    let selection = ProjectSelection::new(false, project.into_iter().collect());
    let several = "The webhook sends the events of these projects.";
    let of_several = project.is_none().then(|| projects(form, selection, Some(several)));
    view! {
        {project.map(|project| view! { <input type="hidden" name="project" value=project.to_string()/> })}
        <DestinationFields kind error/>
        <TextField name="name" label="Name" placeholder="e.g. CI trigger" required=true error/>
        {of_several}
        <ShowWhen when=form.when(|kind| kind.spec().signing == Signing::Selected)>
            {signing_fields(WebhookSigning::default(), None, error)}
        </ShowWhen>
        <div>
            <EventPicker selected=events set name="events[]" none="Select at least one event." error_id="events-error"/>
            <FieldError name="events" error id="events-error"/>
        </div>
        {more_options(form, selection)}
        <label class="choice">
            <input type="checkbox" name="inactive" value="true"/>
            <span>"Add as inactive"<span class="hint">"Nothing but tests is sent until you activate it."</span></span>
        </label>
    }
    .into_any()
}

/// What few webhooks need, closed at first.
fn more_options(form: CreateForm, selection: ProjectSelection) -> AnyView {
    let CreateForm { project, error, events, choices, .. } = form;
    // Templates are tried on samples, for which any project will do.
    let own = Signal::derive(move || {
        project.or_else(|| choices.with(|choices| Some(choices.as_ref()?.projects.first()?.id)))
    });
    let tried_on =
        Signal::derive(move || Some(TriedOn::new(own.get()?, selection.all.get(), selection.projects.get())));
    let of_project = project.map(|project| {
        let has_others = move || choices.with(|choices| choices.as_ref().is_none_or(|read| read.has_others(project)));
        view! {
            <ShowWhen when=Signal::derive(has_others)>{projects(form, selection, None)}</ShowWhen>
        }
    });
    let open = move |_| {
        if project.is_some() && choices.with_untracked(Option::is_none) {
            form.read_choices();
        }
    };
    let digests = form.when(|kind| kind.spec().has_digests);
    let template = form.when(|kind| kind.spec().takes_template);
    let headers = form.when(|kind| kind.spec().reserved_headers.is_some());
    let summary = move || {
        let parts = [
            ("Projects", project.is_some()),
            ("digest", digests.get()),
            ("retries", true),
            ("conditions", true),
            ("body", template.get()),
            ("headers", headers.get()),
        ];
        let names: Vec<_> = parts.into_iter().filter(|(_, is_shown)| *is_shown).map(|(name, _)| name).collect();
        capitalized(&names.join(", "))
    };
    let intervals = DIGEST_CHOICES.map(|(value, name)| (value.to_owned(), name.to_owned())).to_vec();
    view! {
        <details class="disclosure more-options" on:toggle=open>
            <summary>{icon(Icon::ChevronDown)}"More options "<span class="hint">{dynamic(summary)}</span></summary>
            {of_project}
            <ShowWhen when=digests>
                <SelectField name="policy[digest]" label="Digest" options=intervals.clone() value="0" hint="Events are collected and summed up in one message."/>
            </ShowWhen>
            {policy_fields(DeliveryPolicy::default(), error)}
            {condition_fields(tried_on, Conditions::default(), events.into(), error)}
            <ShowWhen when=template>{template_fields(own, None, events.into(), error)}</ShowWhen>
            <ShowWhen when=headers>{header_fields(Vec::new(), error)}</ShowWhen>
        </details>
    }
    .into_any()
}

/// A list that begins a line.
fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| std::iter::once(first.to_ascii_uppercase()).chain(chars).collect()).unwrap_or_default()
}

/// The projects to select from, as soon as they are read. After a refusal, the form focuses them.
fn projects(form: CreateForm, selection: ProjectSelection, hint: Option<&'static str>) -> AnyView {
    let CreateForm { project, error, choices, reading, .. } = form;
    let content = move || match choices.get() {
        Some(choices) => project_fields(selection, choices, project),
        None if reading.error().with(Option::is_some) => ().into_any(),
        None => view! { <p class="hint">"Loading projects…"</p> }.into_any(),
    };
    let is_wrong = move || error.with(|error| error.as_ref().is_some_and(|error| error.of_field("scope").is_some()));
    view! {
        <fieldset tabindex="-1" aria-describedby=SCOPE_ERROR aria-invalid=dynamic_value(move || is_wrong().then_some("true"))>
            <legend>"Projects"</legend>
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
            <FormError error=reading.error()/>
            {dynamic(content)}
            <FieldError name="scope" error id=SCOPE_ERROR/>
        </fieldset>
    }
    .into_any()
}
