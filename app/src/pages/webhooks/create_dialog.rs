//! The form to add an outbound webhook, opened by `?add=outbound`.

use leptos::prelude::*;

use super::condition_fields::condition_fields;
use super::destination_fields::DestinationFields;
use super::event_picker::{EventPicker, ToggleEvent};
use super::header_fields::header_fields;
use super::signing_fields::signing_fields;
use super::template_fields::template_fields;
use crate::api::webhooks::CreateWebhook;
use crate::components::dialog::Dialog;
use crate::components::dynamic::{ShowWhen, dynamic_value};
use crate::components::failure::FormError;
use crate::components::field::{FieldError, Submit, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::model::catalog::subscription::{self, Subscription};
use crate::model::condition::Conditions;
use crate::model::destination::{DestinationKind, Signing};
use crate::model::id::ProjectId;
use crate::model::signing::WebhookSigning;
use crate::model::webhook::CreatedWebhook;
use crate::url_state::use_url_state;

#[component]
pub fn CreateDialog(project: ProjectId, #[prop(into)] created: Callback<CreatedWebhook>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("add").as_deref() == Some("outbound"));
    let create = PageAction::<CreateWebhook>::new();
    let error = create.error();
    let selected = RwSignal::new(Vec::<Subscription>::new());
    let kind = RwSignal::new(None::<DestinationKind>);
    // Until there is a URL, it may be any endpoint.
    let spec = move || kind.get().unwrap_or(DestinationKind::Generic).spec();
    create.on_success(move |webhook| {
        selected.set(Vec::new());
        created.run(webhook);
    });
    let set = move |(toggled, on): ToggleEvent| {
        selected.update(|selected| {
            let (added, removed) = if on { (&*toggled, &[][..]) } else { (&[][..], &*toggled) };
            *selected = subscription::changed(std::mem::take(selected), added, removed);
        });
    };
    view! {
        <Dialog open title="Add outbound webhook" wide=true on_close=move |()| url_state.replace(&[("add", None), ("endpoint", None)])>
            <PageForm action=create>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <DestinationFields kind error/>
                <TextField name="name" label="Name" placeholder="e.g. CI trigger" required=true error/>
                <ShowWhen when=move || spec().signing == Signing::Selected>
                    {signing_fields(WebhookSigning::default(), None, error)}
                </ShowWhen>
                <div>
                    <EventPicker selected set name="events[]" none="Select at least one event." error_id="events-error"/>
                    <FieldError name="events" error id="events-error"/>
                </div>
                {condition_fields(project, Conditions::default(), selected.into(), error)}
                <ShowWhen when=move || spec().takes_template>{template_fields(project, None, selected.into(), error)}</ShowWhen>
                <ShowWhen when=move || spec().reserved_headers.is_some()>{header_fields(Vec::new(), error)}</ShowWhen>
                <div class="actions">
                    <a class="button" href=dynamic_value(move || url_state.with(&[("add", None), ("endpoint", None)])) data-noscroll="" prop:replace=true>"Cancel"</a>
                    <Submit pending=create.pending() reveals=true>"Add webhook"</Submit>
                </div>
            </PageForm>
        </Dialog>
    }
}
