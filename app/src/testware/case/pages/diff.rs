//! Shows what differs between two contents of a case: added parts as `<ins>`, removed ones as `<del>`, each with words
//! for screen readers. Long unchanged parts are shortened.

use leptos::prelude::*;

use crate::testware::case::diff::{DiffKind, DiffPart, FieldDiff, StepChange, StepDiff};
use crate::testware::case::{CaseState, Priority};

/// The characters that are kept of an unchanged part at each of its ends.
const CONTEXT_CHARS: usize = 160;

/// All fields that differ.
pub fn field_diffs(changes: Vec<FieldDiff>) -> AnyView {
    if changes.is_empty() {
        return view! { <p class="hint">"No changes"</p> }.into_any();
    }
    let fields = changes.into_iter().map(field).collect_view();
    view! { <div class="diff">{fields}</div> }.into_any()
}

/// The label of a field.
pub fn field_label(field: &str) -> String {
    let known = match field {
        "title" => "Title",
        "preconditions" => "Preconditions",
        "steps" => "Steps",
        "priority" => "Priority",
        "labels" => "Labels",
        "suite" => "Suite",
        "state" => "State",
        "automationLinks" => "Automation links",
        "customFields" => "Custom fields",
        other => other,
    };
    known.to_owned()
}

fn field(diff: FieldDiff) -> AnyView {
    let content = match &*diff.field {
        "steps" => {
            let steps = diff.steps.into_iter().map(step).collect_view();
            view! { <ol>{steps}</ol> }.into_any()
        }
        "labels" | "automationLinks" | "customFields" => {
            let values = diff.parts.into_iter().map(|value| view! { <li>{part(value.kind, value.text)}</li> });
            view! { <ul class="values">{values.collect_view()}</ul> }.into_any()
        }
        "priority" => {
            values(diff.parts, |text| text.parse().map_or(text.to_owned(), |it: Priority| it.label().to_owned()))
        }
        "state" => {
            values(diff.parts, |text| text.parse().map_or(text.to_owned(), |it: CaseState| it.label().to_owned()))
        }
        _ => text(diff.parts, "plain"),
    };
    view! { <section><h3>{field_label(&diff.field)}</h3>{content}</section> }.into_any()
}

/// Values with the labels that the rest of the pages use.
fn values(parts: Vec<DiffPart>, label: fn(&str) -> String) -> AnyView {
    let values =
        parts.into_iter().map(|value| view! { <li>{part(value.kind, label(&value.text))}</li> }).collect_view();
    view! { <ul class="values">{values}</ul> }.into_any()
}

fn step(step: StepDiff) -> AnyView {
    let headline = match (step.change, step.number_before, step.number_after) {
        (StepChange::Changed, Some(before), Some(after)) if before != after => {
            format!("Step {before}, now {after}, changed")
        }
        (change, before, after) => {
            format!("Step {} {}", after.or(before).unwrap_or_default(), change.label().to_ascii_lowercase())
        }
    };
    let expected = (!step.expected.is_empty()).then(|| {
        view! { <div class="expected"><span class="visually-hidden">"Expected: "</span>{text(step.expected, "plain")}</div> }
    });
    view! {
        <li class="diff-step">
            <p class="change">{headline}</p>
            {text(step.action, "plain")}
            {expected}
        </li>
    }
    .into_any()
}

fn text(parts: Vec<DiffPart>, class: &'static str) -> AnyView {
    let last = parts.len().saturating_sub(1);
    let parts = parts
        .into_iter()
        .enumerate()
        .map(|(at, DiffPart { kind, text })| {
            let text = if kind == DiffKind::Same { shortened(text, at > 0, at < last) } else { visible(text) };
            part(kind, text)
        })
        .collect_view();
    view! { <p class=class dir="auto">{parts}</p> }.into_any()
}

fn part(kind: DiffKind, text: String) -> AnyView {
    match kind {
        DiffKind::Same => view! { <span>{text}</span> }.into_any(),
        DiffKind::Added => view! {
            <ins><span class="visually-hidden">"[added: "</span>{text}<span class="visually-hidden">"]"</span></ins>
        }
        .into_any(),
        DiffKind::Removed => view! {
            <del><span class="visually-hidden">"[removed: "</span>{text}<span class="visually-hidden">"]"</span></del>
        }
        .into_any(),
    }
}

/// White space alone, with line breaks that can be seen.
fn visible(text: String) -> String {
    if text.trim().is_empty() { text.replace('\n', "↵\n") } else { text }
}

/// The part next to what changed before and after it.
fn shortened(text: String, after_change: bool, before_change: bool) -> String {
    let count = text.chars().count();
    let kept = CONTEXT_CHARS * (usize::from(after_change) + usize::from(before_change)).max(1);
    if count <= kept + CONTEXT_CHARS {
        return text;
    }
    let start: String =
        if after_change || !before_change { text.chars().take(CONTEXT_CHARS).collect() } else { String::new() };
    let end: String = if before_change { text.chars().skip(count - CONTEXT_CHARS).collect() } else { String::new() };
    format!("{start} … {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_unchanged_part_keeps_what_is_next_to_a_change() {
        let text = format!("{}{}{}", "a".repeat(200), "b".repeat(1_000), "c".repeat(200));
        let end = "c".repeat(CONTEXT_CHARS);
        let start = "a".repeat(CONTEXT_CHARS);
        assert_eq!(shortened(text.clone(), false, true), format!(" … {end}"));
        assert_eq!(shortened(text.clone(), true, false), format!("{start} … "));
        assert_eq!(shortened(text, true, true), format!("{start} … {end}"));
        assert_eq!(shortened("short".to_owned(), true, true), "short");
    }

    #[test]
    fn a_changed_line_break_can_be_seen() {
        assert_eq!(visible("\n".to_owned()), "↵\n");
        assert_eq!(visible("a\n".to_owned()), "a\n");
    }
}
