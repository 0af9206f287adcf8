//! What changes the selected cases of the list: the bar in place of the filters, and its dialogs.

use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::components::confirm::Confirm;
use crate::components::dialog::Dialog;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::failure::FormError;
use crate::components::field::{SelectField, Submit, TextField};
use crate::components::icon::{Icon, icon};
use crate::components::number::{counted, grouped};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::testware::case::api::{DeleteCases, UpdateCases};
use crate::testware::case::bulk::{ChangedCases, KEEP};
use crate::testware::case::{CaseId, CaseState, Priority};
use crate::testware::custom_field::pages::inputs::CustomFieldInputs;
use crate::testware::group::pages::select::GroupSelect;
use crate::testware::pages::selection::{MAX_SELECTED, Selection};
use crate::url_state::use_url_state;

/// The bar. It is empty while nothing is selected.
#[component]
pub fn BulkBar(project: ProjectId, selection: Selection) -> impl IntoView {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let (editing, deleting) = (RwSignal::new(false), RwSignal::new(false));
    let update = PageAction::<UpdateCases>::new();
    let set_state = PageAction::<UpdateCases>::new();
    let delete = PageAction::<DeleteCases>::new();
    let changed = move |result: ChangedCases| {
        editing.set(false);
        selection.clear();
        toasts.done(changed_text(result));
    };
    update.on_success(changed);
    set_state.on_success(changed);
    delete.on_success(move |result| {
        deleting.set(false);
        selection.clear();
        toasts.done(counted(result.deleted, "case deleted", "cases deleted"));
    });
    let error = set_state.error();
    Effect::new(move |_| {
        if let Some(error) = error.get() {
            toasts.failed(error.to_string());
        }
    });
    let count = Memo::new(move |_| selection.count());
    let is_any = Memo::new(move |_| count.get() != 0);
    let status = move || {
        let full = if usize::try_from(count.get()) == Ok(MAX_SELECTED) { " (maximum)" } else { "" };
        is_any.get().then(|| format!("{} selected{full}", grouped(count.get())))
    };
    let shows_archived = Memo::new(move |_| url_state.param("archived").is_some());
    let switch_state = move |_| {
        let state = if shows_archived.get_untracked() { CaseState::Active } else { CaseState::Archived };
        set_state.dispatch(UpdateCases {
            project,
            ids: ids(selection),
            suite: KEEP.to_owned(),
            state: state.as_str().to_owned(),
            priority: String::new(),
            add_labels: String::new(),
            remove_labels: String::new(),
            custom: BTreeMap::new(),
            initial_custom: BTreeMap::new(),
        });
    };
    let open = move |dialog: RwSignal<bool>| {
        update.clear();
        delete.clear();
        dialog.set(true);
    };
    let button = "button small";
    let actions = move || {
        is_any.get().then(|| {
            view! {
                <button type="button" class="button small quiet" on:click=move |_| selection.set_page(true)>"Select all on this page"</button>
                <button type="button" class="button small primary" on:click=move |_| open(editing)>{icon(Icon::Edit)}"Edit cases"</button>
                <button type="button" class=button disabled=dynamic_value(move || set_state.pending().get()) on:click=switch_state>
                    {dynamic(move || if shows_archived.get() { "Reactivate cases" } else { "Archive cases" })}
                </button>
                <button type="button" class=button on:click=move |_| open(deleting)>{icon(Icon::Trash)}"Delete cases"</button>
                <button
                    type="button"
                    class="button small square quiet"
                    aria-label="Clear selection"
                    title="Clear selection"
                    on:click=move |_| selection.clear()
                >
                    {icon(Icon::Cross)}
                </button>
            }
        })
    };
    let selected = move || counted(count.get(), "case", "cases");
    view! {
        <div class="selection-bar" class:on=is_any role="group" aria-label="Selection">
            <b role="status">{dynamic(status)}</b>
            {dynamic(actions)}
        </div>
        <EditDialog project selection open=editing update/>
        <Confirm
            open=deleting
            title=Signal::derive(move || format!("Delete {}?", selected()))
            consequences=vec!["Test runs that include them keep them and their results. This can't be undone.".to_owned()]
            confirm_label=Signal::derive(move || format!("Delete {}", selected()))
            pending=delete.pending()
            error=delete.error()
            on_confirm=move |()| { delete.dispatch(DeleteCases { project, ids: ids(selection) }); }
        />
    }
}

fn ids(selection: Selection) -> Vec<CaseId> {
    untrack(|| selection.ids()).into_iter().map(|id| id.uuid().into()).collect()
}

/// `3 cases changed, 1 unchanged`.
fn changed_text(result: ChangedCases) -> String {
    let changed = counted(result.changed, "case changed", "cases changed");
    if result.unchanged == 0 { changed } else { format!("{changed}, {} unchanged", grouped(result.unchanged)) }
}

/// The form that changes all selected cases. A field that is not touched stays as it is in each case.
#[component]
fn EditDialog(
    project: ProjectId,
    selection: Selection,
    open: RwSignal<bool>,
    update: PageAction<UpdateCases>,
) -> impl IntoView {
    let error = update.error();
    let title = Signal::derive(move || format!("Edit {}", counted(selection.count(), "case", "cases")));
    let content = move || {
        let hidden = ids(selection)
            .into_iter()
            .map(|id| view! { <input type="hidden" name="ids[]" value=id.to_string()/> })
            .collect_view();
        let kept = |options: Vec<(String, String)>| {
            std::iter::once((String::new(), "Keep".to_owned())).chain(options).collect::<Vec<_>>()
        };
        let priorities = Priority::ALL.iter().map(|it| (it.as_str().to_owned(), it.label().to_owned())).collect();
        let states = CaseState::ALL.iter().map(|it| (it.as_str().to_owned(), it.label().to_owned())).collect();
        view! {
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                {hidden}
                <div class="columns">
                    <SelectField name="priority" label="Priority" options=kept(priorities)/>
                    <SelectField name="state" label="State" options=kept(states)/>
                </div>
                <GroupSelect project of=Subject::Suite name="suite" wire="suiteId" label="Suite" current=None sends_initial=false keeps=true open error/>
                <div class="columns">
                    <TextField name="add_labels" wire="addLabels" label="Add labels" hint="Separate with commas" error/>
                    <TextField name="remove_labels" wire="removeLabels" label="Remove labels" hint="Separate with commas" error/>
                </div>
                <CustomFieldInputs project choices=None values=Vec::new() error/>
                <p class="hint">"Empty fields stay as they are in each case."</p>
                <div class="actions">
                    <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
                    <Submit pending=update.pending()>"Save changes"</Submit>
                </div>
            </PageForm>
        }
    };
    view! { <Dialog open title wide=true on_close=move |()| open.set(false)>{content()}</Dialog> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_counts_what_did_not_change() {
        assert_eq!(changed_text(ChangedCases { changed: 2, unchanged: 0 }), "2 cases changed");
        assert_eq!(changed_text(ChangedCases { changed: 1, unchanged: 1 }), "1 case changed, 1 unchanged");
    }
}
