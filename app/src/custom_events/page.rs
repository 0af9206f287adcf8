//! `/projects/{id}/settings/events`: the registered custom events, for project admins. `?new=event` opens the form of a
//! new one, `?event=cev_...` that of an existing one.

use leptos::prelude::*;
use leptos_meta::Title;

use super::api::{self, AddCustomEvent, DeleteCustomEvent, UpdateCustomEvent};
use super::send_form::SendForm;
use super::{CustomEventId, ListedEvent, PublishedEvent};
use crate::components::confirm::Confirm;
use crate::components::dialog::Dialog;
use crate::components::dynamic::{awaited, dynamic, dynamic_value};
use crate::components::empty::Empty;
use crate::components::failure::{FormError, PageError};
use crate::components::field::{Buttons, TextField};
use crate::components::icon::{Icon, icon};
use crate::components::menu::Menu;
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::skeleton::table_skeleton;
use crate::components::table::actions_table;
use crate::components::toast::use_toasts;
use crate::error::Result;
use crate::layout::{as_admin, use_project};
use crate::live::use_refetcher;
use crate::model::catalog::{CatalogSubject, Subject};
use crate::model::id::ProjectId;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

const SCHEMA_HINT: &str = "Optional JSON Schema (2020-12). Events whose data doesn't match are refused.";

#[component]
pub fn CustomEvents() -> impl IntoView {
    let project = use_project();
    let url_state = use_url_state();
    let events = PageResource::new(|| (), move |()| load(project));
    let add_path = move || url_state.with(&[("new", Some("event")), ("event", None)]);
    view! {
        <Title text="Custom events"/>
        <header class="page-head">
            <div>
                <h1>"Custom events"</h1>
                <p class="lead">{PublishedEvent::SPEC.lead}</p>
            </div>
            <a class="button primary" href=dynamic_value(add_path) data-noscroll="">{icon(Icon::Plus)}"Register event"</a>
        </header>
        <Transition fallback=|| table_skeleton("stack", &["Type", "Description", "Schema", ""])>
            {awaited(move || async move {
                match events.await {
                    Ok(events) => view! { <Loaded events project/> }.into_any(),
                    Err(error) => view! { <PageError error what="custom events" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

async fn load(project: ProjectId) -> Result<Vec<ListedEvent>> {
    as_admin(project).await?;
    api::list_custom_events(project).await
}

#[component]
fn Loaded(events: Vec<ListedEvent>, project: ProjectId) -> impl IntoView {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let events = RwSignal::new(events);
    let refetcher = use_refetcher(
        |change| change.item_of(Subject::Custom).is_some(),
        move || {
            Box::pin(async move {
                if let Ok(now) = api::list_custom_events(project).await {
                    let _ = events.try_set(now);
                }
            })
        },
    );
    let changed = Callback::new(move |()| refetcher.now());
    let deleting = RwSignal::new(None::<ListedEvent>);
    let confirm_open = RwSignal::new(false);
    let delete = PageAction::<DeleteCustomEvent>::new();
    delete.on_success(move |()| {
        confirm_open.set(false);
        toasts.done("Custom event deleted");
        changed.run(());
    });
    let ask = Callback::new(move |event| {
        deleting.set(Some(event));
        confirm_open.set(true);
    });
    let edit_path = move |id: CustomEventId| url_state.with(&[("event", Some(&id.to_string())), ("new", None)]);
    let is_empty = Memo::new(move |_| events.with(Vec::is_empty));
    let list = move || {
        if is_empty.get() {
            return view! {
                <Empty icon=PublishedEvent::SPEC.icon title="No registered events"><p>{PublishedEvent::SPEC.first_step}</p></Empty>
            }
            .into_any();
        }
        let rows = view! {
            <For
                each=move || events.get()
                key=|event| (event.id, event.description.clone(), event.schema.clone())
                children=move |event| event_row(event, edit_path, ask)
            />
        };
        actions_table("", &["Type", "Description", "Schema"], rows)
    };
    let question = move || deleting.get().map_or_else(String::new, |event| format!("Delete {}?", event.event));
    view! {
        {dynamic(list)}
        <SendForm project/>
        <NewEvent project changed/>
        <EditEvent events project changed/>
        <Confirm
            open=confirm_open
            title=Signal::derive(question)
            consequences=vec![
                "Its data is no longer checked. It can still be published.".to_owned(),
                "Subscriptions and published events stay.".to_owned(),
            ]
            confirm_label="Delete event"
            pending=delete.pending()
            error=delete.error()
            on_confirm=move |()| {
                if let Some(event) = deleting.get_untracked() {
                    delete.dispatch(DeleteCustomEvent { id: event.id });
                }
            }
        />
    }
}

fn event_row(
    event: ListedEvent,
    edit_path: impl Fn(CustomEventId) -> String + Send + Sync + 'static,
    ask: Callback<ListedEvent>,
) -> AnyView {
    let (id, again) = (event.id, event.clone());
    let schema = if event.schema.is_empty() { "Any object" } else { "JSON Schema" };
    view! {
        <tr>
            <td class="primary-cell"><code class="title">{event.event.clone()}</code></td>
            <td data-label="Description" dir="auto">{event.description}</td>
            <td data-label="Schema">{schema}</td>
            <td class="actions-cell">
                <Menu id=format!("menu-{id}") label=format!("Actions of {}", event.event)>
                    <a href=edit_path(id) data-noscroll="">{icon(Icon::Edit)}"Edit event"</a>
                    <hr/>
                    <button type="button" class="danger" on:click=move |_| ask.run(again.clone())>{icon(Icon::Trash)}"Delete event"</button>
                </Menu>
            </td>
        </tr>
    }
    .into_any()
}

/// `?new=event`
#[component]
fn NewEvent(project: ProjectId, changed: Callback<()>) -> impl IntoView {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("event"));
    let add = PageAction::<AddCustomEvent>::new();
    let error = add.error();
    add.on_success(move |()| {
        toasts.done("Custom event registered");
        changed.run(());
    });
    view! {
        <Dialog open title="Register event" wide=true on_close=move |()| url_state.replace(&[("new", None)])>
            <PageForm action=add>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <TextField name="new_type" wire="type" label="Type" placeholder="custom.deploy_finished" mono=true required=true autofocus=true error/>
                <TextField name="new_description" wire="description" label="Description" error/>
                <TextField name="new_schema" wire="schema" label="Schema" hint=SCHEMA_HINT rows=10 mono=true error/>
                <Buttons cancel="new" pending=add.pending() submit_label="Register event"/>
            </PageForm>
        </Dialog>
    }
}

/// `?event=cev_...`
#[component]
fn EditEvent(events: RwSignal<Vec<ListedEvent>>, project: ProjectId, changed: Callback<()>) -> impl IntoView {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let selected = Memo::new(move |_| url_state.parsed::<CustomEventId>("event"));
    let open = Signal::derive(move || selected.get().is_some());
    let update = PageAction::<UpdateCustomEvent>::new();
    let error = update.error();
    update.on_success(move |()| {
        toasts.done("Custom event changed");
        changed.run(());
    });
    let content = move || {
        let id = selected.get_untracked();
        let all = events.get_untracked();
        let Some(event) = all.into_iter().find(|event| Some(event.id) == id) else {
            return view! { <p class="hint">"This event was deleted."</p> }.into_any();
        };
        view! {
            <PageForm action=update>
                <FormError error/>
                <p><code>{event.event}</code></p>
                <input type="hidden" name="project" value=project.to_string()/>
                <input type="hidden" name="id" value=event.id.to_string()/>
                <TextField name="edited_description" wire="description" label="Description" value=event.description autofocus=true error/>
                <TextField name="edited_schema" wire="schema" label="Schema" hint=SCHEMA_HINT value=event.schema rows=10 mono=true error/>
                <Buttons cancel="event" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        }
        .into_any()
    };
    view! {
        <Dialog open title="Edit event" wide=true on_close=move |()| url_state.replace(&[("event", None)])>
            {content()}
        </Dialog>
    }
}
