//! What a preview shows: problems, the columns with their fields, and the first cases.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::{ColumnTarget, ImportPreview, ImportProblem, PREVIEW_CASES, PreviewCase, ProblemKind};
use crate::components::badge::{Tone, badge};
use crate::components::dynamic::dynamic_value;
use crate::components::number::counted;
use crate::components::table::plain_table;
use crate::error::Error;

/// `12 test cases, 40 steps, 3 new suites`.
pub fn summary(preview: &ImportPreview) -> String {
    let cases = counted(preview.case_count, "test case", "test cases");
    let steps = counted(preview.step_count, "step", "steps");
    let suites = counted(preview.suite_count, "new suite", "new suites");
    format!("{}: {cases}, {steps}, {suites}", preview.format.label())
}

/// An error of a request, with what it says about single rows and parameters.
pub fn request_error(error: &Error) -> AnyView {
    let details = match error {
        Error::Invalid { errors, .. } => errors.iter().map(|(place, message)| format!("{place}: {message}")).collect(),
        _ => Vec::new(),
    };
    let details: Vec<String> = details;
    let list = details.into_iter().map(|line| view! { <li dir="auto">{line}</li> }).collect_view();
    view! { <div class="note bad"><div><p>{error.to_string()}</p><ul>{list}</ul></div></div> }.into_any()
}

/// The problems of a file; nothing if there is none.
pub fn problems(preview: &ImportPreview) -> AnyView {
    if preview.problems.is_empty() {
        return ().into_any();
    }
    let errors = counted(preview.error_count, "error", "errors");
    let warnings = counted(preview.warning_count, "warning", "warnings");
    let rows = preview.problems.iter().map(problem_row).collect_view();
    let left_out = preview.error_count.saturating_add(preview.warning_count);
    let shown = u32::try_from(preview.problems.len()).unwrap_or(u32::MAX);
    let more = (left_out > shown).then(|| view! { <p class="hint">"The first "{shown}" are shown."</p> });
    view! {
        <h3>{errors}", "{warnings}</h3>
        {plain_table("compact import-rows", &["Row", "Kind", "Problem"], rows)}
        {more}
    }
    .into_any()
}

fn problem_row(problem: &ImportProblem) -> AnyView {
    let tone = match problem.kind {
        ProblemKind::Error => Tone::Bad,
        ProblemKind::Warning => Tone::Warn,
    };
    let row = problem.row.map_or_else(|| "File".to_owned(), |row| row.to_string());
    view! {
        <tr>
            <td data-label="Row">{row}</td>
            <td data-label="Kind">{badge(tone, problem.kind.label().to_owned()).into_any()}</td>
            <td data-label="Problem" class="primary-cell" dir="auto">{problem.message.clone()}</td>
        </tr>
    }
    .into_any()
}

/// The columns of a table, each with a field to choose. `fields` are the custom fields.
pub fn columns(
    preview: &ImportPreview,
    fields: &[(String, String)],
    chosen: RwSignal<BTreeMap<String, String>>,
    is_stale: RwSignal<bool>,
) -> AnyView {
    let fixed = ColumnTarget::ALL.iter().map(|target| (target.as_str().to_owned(), target.label().to_owned()));
    let custom = fields.iter().map(|(id, name)| (id.clone(), format!("Field: {name}")));
    let targets: Vec<(String, String)> = fixed.chain(custom).collect();
    let rows = preview.columns.iter().enumerate().map(|(at, column)| {
        let options = targets
            .iter()
            .map(|(target, label)| {
                let selected = *target == column.target;
                view! { <option value=target.clone() selected=selected>{label.clone()}</option> }
            })
            .collect_view();
        let name = column.name.clone();
        let change = move |event: web_sys::Event| {
            let target = event_target_value(&event);
            chosen.update(|chosen| {
                chosen.insert(name.clone(), target);
            });
            is_stale.set(true);
        };
        view! {
            <tr>
                <td data-label="Column" class="primary-cell" dir="auto">{column.name.clone()}</td>
                <td data-label="Becomes">
                    <select id=format!("column-{at}") aria-label=format!("What {} becomes", column.name) on:change=change>{options}</select>
                </td>
                <td data-label="Example" dir="auto">{column.sample.clone()}</td>
            </tr>
        }
    });
    plain_table("compact", &["Column", "Becomes", "Example"], rows.collect_view())
}

/// The first cases.
pub fn cases(preview: &ImportPreview) -> AnyView {
    if preview.cases.is_empty() {
        return ().into_any();
    }
    let rows = preview.cases.iter().map(case_row).collect_view();
    let is_cut = usize::try_from(preview.case_count).unwrap_or(usize::MAX) > PREVIEW_CASES;
    let hint = is_cut.then(|| view! { <p class="hint">"The first "{PREVIEW_CASES}" are shown."</p> });
    view! {
        <h3>"Test cases"</h3>
        {plain_table("compact import-rows", &["Row", "Title", "Suite", "Steps", "Priority", "Labels"], rows)}
        {hint}
    }
    .into_any()
}

fn case_row(case: &PreviewCase) -> AnyView {
    let steps = case
        .steps
        .iter()
        .map(|step| {
            let expected = (!step.expected.is_empty()).then(|| format!(" → {}", step.expected));
            view! { <li dir="auto">{step.action.clone()}{expected}</li> }
        })
        .collect_view();
    let count = counted(u32::try_from(case.steps.len()).unwrap_or(u32::MAX), "step", "steps");
    let steps = match case.steps.is_empty() {
        true => "None".into_any(),
        false => view! { <details><summary>{count}</summary><ol>{steps}</ol></details> }.into_any(),
    };
    let fields = case.custom_fields.join(", ");
    view! {
        <tr>
            <td data-label="Row">{case.row}</td>
            <td data-label="Title" class="primary-cell" dir="auto">
                {case.title.clone()}
                {(!fields.is_empty()).then(|| view! { <p class="hint">{fields}</p> })}
            </td>
            <td data-label="Suite" dir="auto">{case.suite.join(" › ")}</td>
            <td data-label="Steps">{steps}</td>
            <td data-label="Priority">{case.priority.clone()}</td>
            <td data-label="Labels" dir="auto">{case.labels.join(", ")}</td>
        </tr>
    }
    .into_any()
}

/// A button that needs the file to be unchanged since the preview.
pub fn import_button(
    preview: &ImportPreview,
    pending: Signal<bool>,
    is_stale: RwSignal<bool>,
    start: Callback<()>,
) -> AnyView {
    let is_refused = preview.error_count > 0 || preview.case_count == 0;
    let label = format!("Import {}", counted(preview.case_count, "test case", "test cases"));
    let disabled = move || is_refused || pending.get() || is_stale.get();
    let hint =
        is_refused.then(|| view! { <p class="hint">"Fix the errors in the file or change the columns first."</p> });
    view! {
        <div class="actions start">
            <button
                type="button"
                class="button primary"
                aria-busy=dynamic_value(move || pending.get().to_string())
                disabled=dynamic_value(disabled)
                on:click=move |_| start.run(())
            >
                {label}
            </button>
        </div>
        {hint}
    }
    .into_any()
}
