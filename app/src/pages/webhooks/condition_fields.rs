//! The conditions of a webhook as rows, and a button that tries them on samples and on past events.

use leptos::prelude::*;

use crate::api::webhook_content::{read_condition_fields, read_tried_conditions};
use crate::components::async_action::AsyncAction;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::failure::FormError;
use crate::components::field::FieldError;
use crate::components::focus::focus;
use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::components::relative_time::RelativeTime;
use crate::error::Error;
use crate::model::catalog::Subscription;
use crate::model::condition::{
    Condition, ConditionMatch, ConditionOperator, Conditions, MAX_CONDITIONS, TriedConditions, TryConditions,
};
use crate::model::id::ProjectId;
use crate::model::webhook::Webhook;
use crate::model::webhook_scope::{ScopeKind, SelectScope};

/// A row with a number of its own.
#[derive(Clone, Copy)]
struct RuleRow {
    number: u32,
    path: RwSignal<String>,
    operator: RwSignal<ConditionOperator>,
    value: RwSignal<String>,
}

impl RuleRow {
    fn new(number: u32, rule: Condition) -> Self {
        Self {
            number,
            path: RwSignal::new(rule.path),
            operator: RwSignal::new(rule.operator),
            value: RwSignal::new(rule.value),
        }
    }

    fn rule(self) -> Condition {
        Condition {
            path: self.path.get_untracked().trim().to_owned(),
            operator: self.operator.get_untracked(),
            value: if self.operator.get_untracked().has_value() { self.value.get_untracked() } else { String::new() },
        }
    }
}

const ADD: &str = "condition-add";
const FIELDS: &str = "condition-fields";

/// What conditions are tried on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedOn {
    /// A project that the user administers.
    pub project: ProjectId,
    /// The projects whose past events they are tried on. If none is selected, they are tried only on samples.
    pub scope: SelectScope,
}

impl TriedOn {
    /// All projects, or these.
    pub fn new(project: ProjectId, all: bool, projects: Vec<ProjectId>) -> Self {
        let scope = match all {
            true => SelectScope { kind: ScopeKind::All, project_ids: Vec::new() },
            false => SelectScope { kind: ScopeKind::Projects, project_ids: projects },
        };
        Self { project, scope }
    }

    /// Those of a webhook.
    pub fn of_webhook(webhook: &Webhook) -> Self {
        let projects = webhook.scope.projects.iter().map(|project| project.id).collect();
        Self::new(webhook.project_id, webhook.scope.kind == ScopeKind::All, projects)
    }

    fn has_past(&self) -> bool {
        self.scope.kind == ScopeKind::All || !self.scope.project_ids.is_empty()
    }
}

/// The fields. They are closed at first unless there are conditions.
pub fn condition_fields(
    tried_on: Signal<Option<TriedOn>>,
    stored: Conditions,
    events: Signal<Vec<Subscription>>,
    error: Signal<Option<Error>>,
) -> AnyView {
    let (mode, is_open) = (RwSignal::new(stored.mode), !stored.rules.is_empty());
    let rows: Vec<_> = (0..).zip(stored.rules).map(|(number, rule)| RuleRow::new(number, rule)).collect();
    let last = StoredValue::new(u32::try_from(rows.len()).unwrap_or(0));
    let rows = RwSignal::new(rows);
    let (fields, tried) = (RwSignal::new(Vec::<String>::new()), RwSignal::new(None::<(TriedConditions, bool)>));
    let (loading, trying) = (AsyncAction::new(), AsyncAction::new());
    let load = move |_| {
        if fields.with_untracked(Vec::is_empty) {
            loading.start(async move {
                let read = read_condition_fields().await?;
                let _ = fields.try_set(read);
                Ok(())
            });
        }
    };
    let add = move |_| {
        let number = last.get_value();
        last.set_value(number + 1);
        let operator = ConditionOperator::Equals;
        let rule = Condition { path: String::new(), operator, value: String::new() };
        rows.update(|rows| rows.push(RuleRow::new(number, rule)));
        request_animation_frame(move || focus(&format!("condition-{number}-path")));
    };
    let run = move |_| {
        let Some(tried_on) = tried_on.get_untracked() else { return };
        let rules = rows.with_untracked(|rows| rows.iter().map(|row| row.rule()).collect());
        let conditions = Conditions { mode: mode.get_untracked(), rules };
        tried.set(None);
        let (has_past, scope) = (tried_on.has_past(), Some(tried_on.scope));
        let try_conditions = TryConditions { conditions, events: events.get_untracked(), scope };
        trying.start(async move {
            let result = read_tried_conditions(tried_on.project, try_conditions).await?;
            let _ = tried.try_set(Some((result, has_past)));
            Ok(())
        });
    };
    let is_empty = Memo::new(move |_| rows.with(Vec::is_empty));
    let cannot_try = Memo::new(move |_| is_empty.get() || tried_on.with(Option::is_none));
    let is_full = Memo::new(move |_| rows.with(|rows| rows.len() >= MAX_CONDITIONS));
    let options = ConditionMatch::ALL.iter().map(|&option| {
        let selected = option == mode.get_untracked();
        view! { <option value=option.as_str() selected=selected>{option.label()}</option> }
    });
    let datalist = move || fields.get().into_iter().map(|path| view! { <option value=path></option> }).collect_view();
    view! {
        <details class="disclosure" open=is_open on:focusin=load>
            <summary>{icon(Icon::ChevronDown)}"Conditions"</summary>
            <input type="hidden" name="conditions[has_conditions]" value="true"/>
            <p class="hint">"Only events that meet them are sent. Tests are always sent."</p>
            <div class="field" hidden=is_empty>
                <label for="condition-mode">"Send events that meet"</label>
                <select id="condition-mode" name="conditions[mode]" on:change=move |event| mode.set(event_target_value(&event).parse().unwrap_or(ConditionMatch::All))>
                    {options.collect_view()}
                </select>
            </div>
            <datalist id=FIELDS>{dynamic(datalist)}</datalist>
            <FieldError name="conditions" error/>
            <For each=move || rows.get() key=|row| row.number children=move |row| rule_row(rows, row)/>
            <div class="toolbar">
                <button type="button" id=ADD class="button small" disabled=is_full on:click=add>{icon(Icon::Plus)}"Add condition"</button>
                <button type="button" class="button small" hidden=cannot_try aria-busy=dynamic_value(move || trying.pending().get().to_string()) on:click=run>"Try conditions"</button>
            </div>
            <FormError error=trying.error()/>
            <div role="status">{dynamic(move || tried.with(|tried| tried.as_ref().map(|(tried, has_past)| results(tried, *has_past))))}</div>
        </details>
    }
    .into_any()
}

fn rule_row(rows: RwSignal<Vec<RuleRow>>, row: RuleRow) -> AnyView {
    let number = row.number;
    let position = move || {
        let index = rows.with(|rows| rows.iter().position(|row| row.number == number));
        index.map_or(0, |index| index + 1)
    };
    let id = |part: &str| format!("condition-{number}-{part}");
    let remove = move |_| {
        rows.update(|rows| rows.retain(|row| row.number != number));
        request_animation_frame(|| focus(ADD));
    };
    let operators = ConditionOperator::ALL.iter().map(|&option| {
        let selected = option == row.operator.get_untracked();
        view! { <option value=option.as_str() selected=selected>{option.label()}</option> }
    });
    let select = move |event| {
        if let Ok(operator) = event_target_value(&event).parse() {
            row.operator.set(operator);
        }
    };
    let has_no_value = Memo::new(move |_| !row.operator.get().has_value());
    view! {
        <div class="condition-row" role="group" aria-label=dynamic_value(move || format!("Condition {}", position()))>
            <div class="field">
                <label for=id("path")>"Field"</label>
                <input
                    id=id("path")
                    type="text"
                    name="conditions[paths][]"
                    class="mono"
                    list=FIELDS
                    placeholder="data.counts.failed"
                    value=row.path.get_untracked()
                    autocomplete="off"
                    on:input=move |event| row.path.set(event_target_value(&event))
                />
            </div>
            <div class="field">
                <label for=id("operator")>"Comparison"</label>
                <select id=id("operator") name="conditions[operators][]" on:change=select>{operators.collect_view()}</select>
            </div>
            <div class="field">
                <label for=id("value")>"Value"</label>
                <input
                    id=id("value")
                    type="text"
                    name="conditions[values][]"
                    readonly=has_no_value
                    value=row.value.get_untracked()
                    autocomplete="off"
                    on:input=move |event| row.value.set(event_target_value(&event))
                />
            </div>
            <button type="button" class="button quiet small" aria-label=dynamic_value(move || format!("Remove condition {}", position())) on:click=remove>
                {icon(Icon::Cross)}
            </button>
        </div>
    }
    .into_any()
}

/// `Would have matched 14 of the last 100 events.`
pub fn past_summary(tried: &TriedConditions) -> String {
    match (tried.past_matched, tried.past_count) {
        (_, 0) => "There are no past events of this kind.".to_owned(),
        (matched, 1) => format!("Would have matched {matched} of 1 past event."),
        (matched, count) => format!("Would have matched {matched} of the last {}.", counted(count, "event", "events")),
    }
}

fn results(tried: &TriedConditions, has_past: bool) -> AnyView {
    let past = tried.past.iter().map(|event| {
        let subject = event.subject.clone().unwrap_or_default();
        let time = event.occurred_at;
        result(
            event.matches,
            view! { <code>{event.event.to_string()}</code>" "<span dir="auto">{subject}</span>" "<RelativeTime time/> }
                .into_any(),
        )
    });
    let samples = tried
        .samples
        .iter()
        .map(|sample| result(sample.matches, view! { <code>{sample.event.to_string()}</code> }.into_any()));
    let matched = tried.samples.iter().filter(|sample| sample.matches).count();
    let of_samples = format!("Samples: {matched} of {} match.", tried.samples.len());
    view! {
        <div class="tried" tabindex="0" role="region" aria-label="Results">
            {match has_past {
                true => view! { <p><b>{past_summary(tried)}</b></p> },
                false => view! { <p><b>"Select projects to try the conditions on their past events, too."</b></p> },
            }}
            <ul>{past.collect_view()}</ul>
            <p><b>{of_samples}</b></p>
            <ul>{samples.collect_view()}</ul>
        </div>
    }
    .into_any()
}

fn result(matches: bool, what: AnyView) -> AnyView {
    let (shown, label) = if matches { (Icon::Check, "Matches: ") } else { (Icon::Cross, "Doesn't match: ") };
    view! { <li class:ok=matches>{icon(shown)}<span class="visually-hidden">{label}</span><span>{what}</span></li> }
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_events_are_summed_up_in_a_sentence() {
        let tried =
            |past_matched, past_count| TriedConditions { past_matched, past_count, ..TriedConditions::default() };
        assert_eq!(past_summary(&tried(14, 100)), "Would have matched 14 of the last 100 events.");
        assert_eq!(past_summary(&tried(0, 1)), "Would have matched 0 of 1 past event.");
        assert!(past_summary(&tried(0, 0)).starts_with("There are no"));
    }
}
