//! The forms to create and edit a custom field. The URL says which one is open: `?new=custom_field`,
//! `?edit=custom_field`.

use leptos::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, SelectField, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::error::Error;
use crate::model::id::ProjectId;
use crate::testware::custom_field::api::{CreateCustomField, UpdateCustomField};
use crate::testware::custom_field::{CustomField, FieldKind};
use crate::url_state::use_url_state;

/// Creates a custom field.
#[component]
pub fn NewCustomFieldDialog(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("custom_field"));
    let create = PageAction::<CreateCustomField>::new();
    let error = create.error();
    view! {
        <Dialog open title="New custom field" on_close=move |()| url_state.replace(&[("new", None)])>
            <PageForm action=create>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                {fields(None, error)}
                <Buttons cancel="new" pending=create.pending() submit_label="Create custom field"/>
            </PageForm>
        </Dialog>
    }
}

/// Edits a custom field.
#[component]
pub fn EditCustomFieldDialog(field: RwSignal<CustomField>, changed: Callback<()>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("edit").as_deref() == Some("custom_field"));
    let update = PageAction::<UpdateCustomField>::new();
    let error = update.error();
    update.on_success(move |()| changed.run(()));
    let shown = move || field.get_untracked();
    view! {
        <Dialog open title="Edit custom field" on_close=move |()| url_state.replace(&[("edit", None)])>
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="id" value=shown().id.to_string()/>
                {fields(Some(shown()), error)}
                <Buttons cancel="edit" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        </Dialog>
    }
}

fn fields(field: Option<CustomField>, error: Signal<Option<Error>>) -> AnyView {
    let sends_initial = field.is_some();
    let kinds = FieldKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.label().to_owned())).collect();
    let kind = field
        .is_none()
        .then(|| view! { <SelectField name="kind" label="Type" options=kinds hint="Can't be changed later"/> });
    let has_options = field.as_ref().is_none_or(|field| field.kind == FieldKind::Choice);
    let (name, options) = field.map_or_else(Default::default, |field| (field.name, field.options.join("\n")));
    let options = has_options.then(|| {
        view! {
            <TextField
                name="options"
                label="Options"
                hint="For Choice: one per line"
                value=options
                rows=4
                sends_initial
                error
            />
        }
    });
    view! {
        <TextField name="name" label="Name" value=name required=true autofocus=true sends_initial error/>
        {kind}
        {options}
    }
    .into_any()
}
