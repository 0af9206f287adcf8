//! The form that adds an outbound webhook, open under `?add=outbound`.

use leptos::form::ActionForm;
use leptos::prelude::*;

use super::picker::Picker;
use super::url_field::UrlField;
use crate::api::webhooks::CreateWebhook;
use crate::components::dialog::Dialog;
use crate::components::failure::{FormError, failure, on_success};
use crate::components::field::{Submit, TextField};
use crate::model::catalog::EventType;
use crate::model::id::ProjectId;
use crate::model::webhook::CreatedWebhook;
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn CreateDialog(project: ProjectId, #[prop(into)] created: Callback<CreatedWebhook>) -> impl IntoView {
    let place = use_place();
    let open = Signal::derive(move || place.param("add").as_deref() == Some("outbound"));
    let create = ServerAction::<CreateWebhook>::new();
    let error = failure(create);
    let chosen = RwSignal::new(Vec::<EventType>::new());
    on_success(create, move |webhook| {
        chosen.set(Vec::new());
        created.run(webhook);
    });
    let set = move |(events, on): (Vec<EventType>, bool)| {
        chosen.update(|chosen| {
            chosen.retain(|event| !events.contains(event));
            if on {
                chosen.extend(events);
            }
        });
    };
    view! {
        <Dialog open title="Add an outbound webhook" wide=true on_close=move |()| place.replace(&[("add", None)])>
            <ActionForm action=create attr:class="form">
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <TextField name="name" label="Name" hint="What the card and the deliveries call it." required=true autofocus=true error/>
                <UrlField error/>
                <fieldset class="events-field">
                    <legend>"Subscribed events"</legend>
                    <Picker chosen set name="events[]"/>
                </fieldset>
                <div class="actions">
                    <a class="button" href=move || place.with(&[("add", None)]) data-noscroll="" prop:replace=true>"Cancel"</a>
                    <Submit pending=create.pending() reveals=true>"Add webhook"</Submit>
                </div>
            </ActionForm>
        </Dialog>
    }
}
