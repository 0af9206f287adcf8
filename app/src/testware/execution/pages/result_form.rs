//! The forms to add and edit a result: `?result=cas_...` for a case of a run, `?result=new` for a session, `?result=res_...`
//! to edit one.

use leptos::prelude::*;

use super::case_to_test::CaseToTest;
use crate::components::dialog::Dialog;
use crate::components::dynamic::ShowWhen;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, FieldError, TextField, initial_value};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::error::Error;
use crate::model::id::{ProjectId, ResultId};
use crate::testware::attachment::pages::file_field::{ChosenFiles, FileField};
use crate::testware::attachment::pages::list::deletion_fields;
use crate::testware::attachment::pages::upload::upload_all;
use crate::testware::case::CaseId;
use crate::testware::execution::ResultStatus;
use crate::testware::execution::api::AddResult;
use crate::testware::item::Execution;
use crate::testware::pages::item_picker::ItemPicker;
use crate::testware::pages::picker_search::{PickerItem, PickerSource};
use crate::testware::result::TestResult;
use crate::testware::result::api::UpdateResult;
use crate::url_state::use_url_state;

/// Adds a result.
#[component]
pub fn ResultDialog(execution: RwSignal<Execution>, changed: Callback<()>) -> impl IntoView {
    let (url_state, toasts) = (use_url_state(), use_toasts());
    let (id, project) = execution.with_untracked(|execution| (execution.item.id, execution.item.project_id));
    let open =
        Signal::derive(move || url_state.param("result").is_some_and(|result| result.parse::<ResultId>().is_err()));
    let add = PageAction::<AddResult>::new();
    let error = add.error();
    let files = ChosenFiles::new(Vec::new());
    add.on_success(move |id| {
        toasts.done("Result added");
        changed.run(());
        upload_all(id, files, toasts, changed);
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
        let case = url_state.param_untracked("result").and_then(|text| text.parse::<CaseId>().ok());
        view! {
            {case.map(|id| view! { <CaseToTest id project/> })}
            <PageForm action=add>
                <FormError error/>
                <FieldError name="caseId" error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <input type="hidden" name="id" value=id.to_string()/>
                {case.map(|case| view! { <input type="hidden" name="case_id" value=case.to_string()/> })}
                {fields(None, project, files, error)}
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

/// Edits a result on the page.
#[component]
pub fn EditResultDialog(execution: RwSignal<Execution>, changed: Callback<()>) -> impl IntoView {
    let (url_state, toasts) = (use_url_state(), use_toasts());
    let (parent, project) = execution.with_untracked(|execution| (execution.item.id, execution.item.project_id));
    let selected = Memo::new(move |_| url_state.parsed::<ResultId>("result"));
    let open = Signal::derive(move || selected.get().is_some());
    let update = PageAction::<UpdateResult>::new();
    let error = update.error();
    let files = ChosenFiles::new(Vec::new());
    update.on_success(move |id| {
        toasts.done("Result changed");
        changed.run(());
        upload_all(id, files, toasts, changed);
    });
    let content = move || {
        let id = selected.get_untracked();
        let all = execution.with_untracked(|execution| execution.results.items.clone());
        let Some(result) = all.into_iter().find(|result| Some(result.id) == id) else {
            return view! { <p class="hint">"This result was deleted, or is on another page."</p> }.into_any();
        };
        view! {
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <input type="hidden" name="parent" value=parent.to_string()/>
                <input type="hidden" name="id" value=result.id.to_string()/>
                {fields(Some(result), project, files, error)}
                <Buttons cancel="result" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        }
        .into_any()
    };
    view! {
        <Dialog open title="Edit result" wide=true on_close=move |()| url_state.replace(&[("result", None)])>
            {content()}
        </Dialog>
    }
}

fn fields(result: Option<TestResult>, project: ProjectId, files: ChosenFiles, error: Signal<Option<Error>>) -> AnyView {
    let sends_initial = result.is_some();
    let status = result.as_ref().map_or(ResultStatus::Passed, |result| result.status);
    let minutes = result.as_ref().and_then(|result| result.elapsed_seconds).map(minutes_text).unwrap_or_default();
    let (comment, issues, attachments) =
        result.map_or_else(Default::default, |result| (result.comment, result.issues, result.attachments));
    let first: Vec<PickerItem> = issues
        .into_iter()
        .map(|issue| PickerItem { id: issue.id.to_string(), key: issue.key.unwrap_or_default(), title: issue.title })
        .collect();
    let selected = RwSignal::new(first.clone());
    let others = move || sends_initial && selected.with(|selected| *selected != first);
    view! {
        <fieldset class="choices">
            <legend>"Status"</legend>
            {sends_initial.then(|| initial_value("status", status.as_str().to_owned()))}
            {statuses(status)}
        </fieldset>
        <TextField name="comment" label="Comment" value=comment rows=4 sends_initial error/>
        <TextField name="elapsed_minutes" wire="elapsedSeconds" label="Duration (min)" placeholder="e.g. 2.5" value=minutes sends_initial error/>
        <ShowWhen when=others><input type="hidden" name="with_issues" value="true"/></ShowWhen>
        {deletion_fields(attachments)}
        <FileField chosen=files/>
        <ItemPicker from=PickerSource::Issues project selected error/>
    }
    .into_any()
}

/// "2.5" for 150 seconds.
fn minutes_text(seconds: u32) -> String {
    // Rounded, in integers: formatting floats is much code in the browser.
    let thousandths = (u64::from(seconds) * 1_000 + 30) / 60;
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn statuses(selected: ResultStatus) -> AnyView {
    ResultStatus::ALL
        .iter()
        .filter(|&&status| status != ResultStatus::Untested)
        .map(|&status| {
            let is_selected = status == selected;
            view! {
                <label class="choice">
                    <input type="radio" name="status" value=status.as_str() checked=is_selected autofocus=is_selected/>
                    <span>{status.label()}</span>
                </label>
            }
        })
        .collect_view()
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_shown_in_minutes() {
        assert_eq!(minutes_text(150), "2.5");
        assert_eq!(minutes_text(600), "10");
        assert_eq!(minutes_text(1), "0.017");
    }
}
