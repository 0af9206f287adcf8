//! The dialog that assigns cases of a run: `?assign=cas_...` for one, `?assign=unfinished` for all that are untested or to
//! be tested again.

use leptos::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, FieldError};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::testware::case::CaseId;
use crate::testware::item::Execution;
use crate::testware::run::api::AssignCases;
use crate::url_state::use_url_state;

/// See the [module](self).
#[component]
pub fn AssignDialog(execution: RwSignal<Execution>, changed: Callback<()>) -> impl IntoView {
    let (url_state, toasts) = (use_url_state(), use_toasts());
    let (id, project) = execution.with_untracked(|execution| (execution.item.id, execution.item.project_id));
    let open = Signal::derive(move || url_state.param("assign").is_some());
    let assign = PageAction::<AssignCases>::new();
    let error = assign.error();
    assign.on_success(move |()| {
        toasts.done("Assignment changed");
        changed.run(());
    });
    let title = Memo::new(move |before: Option<&String>| {
        let case = url_state.parsed::<CaseId>("assign");
        let found = execution.with(|execution| {
            execution.cases.items.iter().find(|it| Some(it.case_id) == case).map(|it| it.key.clone())
        });
        match (open.get(), before) {
            // Keep the title while the dialog closes.
            (false, Some(before)) => before.clone(),
            _ => found.map_or_else(|| "Assign cases".to_owned(), |key| format!("Assign {key}")),
        }
    });
    let content = move || {
        let case = url_state.parsed_untracked::<CaseId>("assign");
        let (members, assignee) = execution.with_untracked(|execution| {
            let case = execution.cases.items.iter().find(|it| Some(it.case_id) == case);
            (execution.members.clone(), case.and_then(|case| case.assignee_id))
        });
        let options = members
            .into_iter()
            .map(|(member, name)| {
                view! { <option value=member.to_string() selected=Some(member) == assignee>{name}</option> }
            })
            .collect_view();
        let all = case.is_none().then(|| {
            view! { <p class="hint">"Assigns all cases that are untested or to be tested again, also those on other pages."</p> }
        });
        view! {
            <PageForm action=assign>
                <FormError error/>
                <FieldError name="caseIds" error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <input type="hidden" name="id" value=id.to_string()/>
                {case.map(|case| view! { <input type="hidden" name="case_id" value=case.to_string()/> })}
                {all}
                <div class="field">
                    <label for="field-assignee">"Assignee"</label>
                    <select id="field-assignee" name="assignee">
                        <option value="" selected=assignee.is_none()>"Nobody"</option>
                        {options}
                    </select>
                    <FieldError name="assigneeId" error/>
                </div>
                <Buttons cancel="assign" pending=assign.pending() submit_label="Assign"/>
            </PageForm>
        }
        .into_any()
    };
    view! {
        <Dialog open title on_close=move |()| url_state.replace(&[("assign", None)])>
            {content()}
        </Dialog>
    }
}
