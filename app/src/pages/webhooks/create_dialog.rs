//! The form to add an outbound webhook, opened by `?add=outbound`: in a project, or for several projects at once.
//! What few webhooks need is under "More options".

use leptos::prelude::*;

use super::condition_fields::condition_fields;
use super::destination_fields::DestinationFields;
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
use crate::components::field::{FieldError, Submit, TextField};
use crate::components::hydration::use_hydrated_effect;
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
        choices: RwSignal::new(None),
        reading: AsyncAction::new(),
    };
    create.on_success(move |webhook| {
        form.events.set(Vec::new());
        created.run(webhook);
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
    // The projects may have changed since the form was last open.
    form.choices.set(None);
    let selection = ProjectSelection::new(false, project.into_iter().collect());
    let of_several = project.is_none().then(|| {
        use_hydrated_effect(move || form.read_choices());
        view! {
            <fieldset>
                <legend>"Projects"</legend>
                <p class="hint">"The webhook sends the events of these projects."</p>
                {projects(form, selection)}
            </fieldset>
        }
    });
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
    }
    .into_any()
}

/// What few webhooks need, closed at first.
fn more_options(form: CreateForm, selection: ProjectSelection) -> AnyView {
    let CreateForm { project, error, events, choices, .. } = form;
    // The events and templates of one project are enough to try them.
    let tried_project = Signal::derive(move || match project {
        Some(project) => Some(project),
        None if selection.all.get() => choices.with(|choices| Some(choices.as_ref()?.projects.first()?.id)),
        None => selection.projects.with(|projects| projects.first().copied()),
    });
    let tried_on = move || {
        let tried = tried_project.get().filter(|_| project.is_none())?;
        let name = choices.with(|choices| {
            let found = choices.as_ref()?.projects.iter().find(|other| other.id == tried)?;
            Some(found.name.clone())
        })?;
        Some(view! { <p class="hint">{format!("Conditions are tried on the events of {name}.")}</p> })
    };
    let of_project = project.map(|project| {
        let has_others = move || choices.with(|choices| choices.as_ref().is_none_or(|read| read.has_others(project)));
        view! {
            <ShowWhen when=Signal::derive(has_others)>
                <fieldset>
                    <legend>"Projects"</legend>
                    {projects(form, selection)}
                </fieldset>
            </ShowWhen>
        }
    });
    let open = move |_| {
        if project.is_some() && choices.with_untracked(Option::is_none) {
            form.read_choices();
        }
    };
    let summary = if project.is_some() {
        "Projects, retries, conditions, body, headers"
    } else {
        "Retries, conditions, body, headers"
    };
    view! {
        <details class="disclosure more-options" on:toggle=open>
            <summary>{icon(Icon::ChevronDown)}"More options "<span class="hint">{summary}</span></summary>
            {of_project}
            {policy_fields(DeliveryPolicy::default(), error)}
            {condition_fields(tried_project, Conditions::default(), events.into(), error)}
            {dynamic(tried_on)}
            <ShowWhen when=form.when(|kind| kind.spec().takes_template)>{template_fields(tried_project, None, events.into(), error)}</ShowWhen>
            <ShowWhen when=form.when(|kind| kind.spec().reserved_headers.is_some())>{header_fields(Vec::new(), error)}</ShowWhen>
        </details>
    }
    .into_any()
}

/// The projects to select from, as soon as they are read.
fn projects(form: CreateForm, selection: ProjectSelection) -> AnyView {
    let CreateForm { project, error, choices, reading, .. } = form;
    let content = move || match choices.get() {
        Some(choices) => project_fields(selection, choices, project),
        None if reading.error().with(Option::is_some) => ().into_any(),
        None => view! { <p class="hint">"Loading projects…"</p> }.into_any(),
    };
    view! {
        <FormError error=reading.error()/>
        {dynamic(content)}
        <FieldError name="scope" error/>
    }
    .into_any()
}
