//! `/projects/{id}/custom-fields/{field}`: one custom field. It follows live changes.

mod form;
pub mod inputs;

use form::{EditCustomFieldDialog, NewCustomFieldDialog};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::comments::section::Comments;
use crate::components::dynamic::dynamic;
use crate::components::relative_time::RelativeTime;
use crate::live::flash;
use crate::model::id::ProjectId;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::custom_field::{CustomField, CustomFieldId, FieldKind, api};
use crate::testware::pages::item_head::item_head;
use crate::testware::pages::{ListBody, ListSpec, SubjectPages};

impl SubjectPages for CustomField {
    const LIST: ListSpec = ListSpec {
        headings: &["Custom field", "Type", "Options", "Updated"],
        filters: Vec::new,
        free_filters: &[],
        no_progress: "",
        body: ListBody::Table,
    };

    fn item() -> AnyView {
        view! { <CustomFieldPage/> }.into_any()
    }

    fn new_dialog(project: ProjectId) -> AnyView {
        view! { <NewCustomFieldDialog project/> }.into_any()
    }
}

#[component]
fn CustomFieldPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| {
        params.with(|params| params.get("item").and_then(|text| text.parse::<CustomFieldId>().ok()))
    });
    item_page(id, api::read_custom_field, |_, field| view! { <Detail field/> }.into_any())
}

#[component]
fn Detail(field: CustomField) -> impl IntoView {
    let (id, project) = (field.id, field.project_id);
    let item = live_item(id.into(), field, move || Box::pin(api::read_custom_field(id)), |_| {});
    let (shown, deleted, changes, changed) = (item.shown, item.deleted, item.changes, item.changed);
    let names = (Signal::derive(move || shown.get().key), Signal::derive(move || shown.get().name));
    view! {
        {item_head((id.into(), project), &item, names, false.into(), (().into_any(), ().into_any()))}
        <div class="detail" data-flash=flash(changes)>
            <dl class="card">{dynamic(move || facts(shown.get()))}</dl>
        </div>
        <Comments item=id.into() project open=Signal::derive(move || !deleted.get())/>
        <EditCustomFieldDialog field=shown changed/>
    }
}

fn facts(field: CustomField) -> AnyView {
    let options = (field.kind == FieldKind::Choice).then(|| {
        let options = field.options.into_iter().map(|option| view! { <li dir="auto">{option}</li> }).collect_view();
        view! { <dt>"Options"</dt><dd><ul class="plain-list">{options}</ul></dd> }
    });
    view! {
        <dt>"Type"</dt><dd>{field.kind.label()}</dd>
        {options}
        <dt>"Author"</dt><dd>{field.author}</dd>
        <dt>"Created"</dt><dd><RelativeTime time=field.created_at/></dd>
        <dt>"Updated"</dt><dd><RelativeTime time=field.updated_at/></dd>
    }
    .into_any()
}
