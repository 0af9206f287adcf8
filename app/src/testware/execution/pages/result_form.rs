//! The form to add a result: `?result=cas_...` for a case of a run, `?result=new` for a session.

use leptos::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, FieldError, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::testware::case::CaseId;
use crate::testware::execution::ResultStatus;
use crate::testware::execution::api::AddResult;
use crate::testware::item::Execution;
use crate::testware::pages::item_picker::ItemPicker;
use crate::testware::pages::picker_search::PickerSource;
use crate::url_state::use_url_state;

#[component]
pub fn ResultDialog(execution: RwSignal<Execution>, changed: Callback<()>) -> impl IntoView {
    let (url_state, toasts) = (use_url_state(), use_toasts());
    let (id, project) = execution.with_untracked(|execution| (execution.item.id, execution.item.project_id));
    let open = Signal::derive(move || url_state.param("result").is_some());
    let add = PageAction::<AddResult>::new();
    let error = add.error();
    add.on_success(move |()| {
        toasts.done("Result added");
        changed.run(());
    });
    let title = Memo::new(move |before: Option<&String>| {
        let case = url_state.parsed::<CaseId>("result");
        let found = execution.with(|execution| {
            execution.cases.items.iter().find(|it| Some(it.case_id) == case).map(|it| it.key.clone())
        });
        match (open.get(), before) {
            // Keep the title while the dialog closes.
            (false, Some(before)) => before.clone(),
            _ => found.map_or_else(|| "Add result".to_owned(), |key| format!("Add result to {key}")),
        }
    });
    let content = move || {
        let case = url_state.param_untracked("result").filter(|text| text.parse::<CaseId>().is_ok());
        let selected = RwSignal::new(Vec::new());
        view! {
            <PageForm action=add>
                <FormError error/>
                <FieldError name="caseId" error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <input type="hidden" name="id" value=id.to_string()/>
                {case.map(|case| view! { <input type="hidden" name="case_id" value=case/> })}
                <fieldset class="choices"><legend>"Status"</legend>{statuses()}</fieldset>
                <TextField name="comment" label="Comment" rows=4 error/>
                <TextField name="elapsed_minutes" wire="elapsedSeconds" label="Duration (min)" placeholder="e.g. 2.5" error/>
                <ItemPicker from=PickerSource::Issues project selected error/>
                <Buttons cancel="result" pending=add.pending() submit_label="Add result"/>
            </PageForm>
        }
        .into_any()
    };
    view! {
        <Dialog open title wide=true on_close=move |()| url_state.replace(&[("result", None)])>
            {content()}
        </Dialog>
    }
}

fn statuses() -> AnyView {
    ResultStatus::ALL
        .iter()
        .filter(|&&status| status != ResultStatus::Untested)
        .map(|&status| {
            let first = status == ResultStatus::Passed;
            view! {
                <label class="choice">
                    <input type="radio" name="status" value=status.as_str() checked=first autofocus=first/>
                    <span>{status.label()}</span>
                </label>
            }
        })
        .collect_view()
        .into_any()
}
