//! The form that adds a result: `?result=cas_...` to a case of a run, `?result=new` to a session.

use leptos::form::ActionForm;
use leptos::prelude::*;

use super::choose::{Choose, From};
use crate::api::work::AddResult;
use crate::components::dialog::Dialog;
use crate::components::failure::{FormError, failure, on_success};
use crate::components::field::{Buttons, TextField, Wrong};
use crate::components::toast::use_toasts;
use crate::model::id::CaseId;
use crate::model::item::Work;
use crate::model::testware::ResultStatus;
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn ResultDialog(work: RwSignal<Work>, changed: Callback<()>) -> impl IntoView {
    let (place, toasts) = (use_place(), use_toasts());
    let (id, project) = work.with_untracked(|work| (work.item.id, work.item.project_id));
    let open = Signal::derive(move || place.param("result").is_some());
    let add = ServerAction::<AddResult>::new();
    let error = failure(add);
    on_success(add, move |()| {
        toasts.done("The result was added");
        changed.run(());
    });
    let title = Memo::new(move |before: Option<&String>| {
        let case = place.parsed::<CaseId>("result");
        let found =
            work.with(|work| work.cases.items.iter().find(|it| Some(it.case_id) == case).map(|it| it.key.clone()));
        match (open.get(), before) {
            // While it closes it keeps its name.
            (false, Some(before)) => before.clone(),
            _ => found.map_or_else(|| "Add result".to_owned(), |key| format!("Add result to {key}")),
        }
    });
    let content = move || {
        let case = place.param_now("result").filter(|text| text.parse::<CaseId>().is_ok());
        let chosen = RwSignal::new(Vec::new());
        view! {
            <ActionForm action=add attr:class="form">
                <FormError error/>
                <Wrong name="caseId" error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <input type="hidden" name="id" value=id.to_string()/>
                {case.map(|case| view! { <input type="hidden" name="case_id" value=case/> })}
                <fieldset class="choices"><legend>"Status"</legend>{statuses()}</fieldset>
                <TextField name="comment" label="Comment" hint="What you saw." rows=4 error/>
                <TextField name="took" wire="elapsedSeconds" label="Took, in minutes" placeholder="2.5" error/>
                <Choose from=From::Issues project chosen error/>
                <Buttons cancel="result" pending=add.pending() deed="Add result"/>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <Dialog open title wide=true on_close=move |()| place.replace(&[("result", None)])>
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
