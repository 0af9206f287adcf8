//! The steps of a case or a shared step: add, remove, move. Everything works by keyboard, and the focus follows a
//! moved step. Without JavaScript, steps can be edited and one more added.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::field::FieldError;
use crate::components::hydration::use_hydrated;
use crate::components::icon::{Icon, icon};
use crate::components::raw_text::textarea_html;
use crate::error::Error;
use crate::testware::case::Step;
use crate::testware::case::pages::shared_step_choice::{SharedStepChoice, Sharing};
use crate::testware::shared_step::SharedStepId;

/// A step with a number in the form, which stays the same when the step moves.
type NumberedStep = (u32, Step);

/// The button of a step.
#[derive(Clone, Copy)]
enum StepAction {
    MoveUp,
    MoveDown,
    Remove,
}

impl StepAction {
    /// The end of the button's ID.
    const fn id(self) -> &'static str {
        match self {
            Self::MoveUp => "up",
            Self::MoveDown => "down",
            Self::Remove => "remove",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::MoveUp => Icon::Up,
            Self::MoveDown => Icon::Down,
            Self::Remove => Icon::Cross,
        }
    }

    fn label(self, position: usize) -> String {
        match self {
            Self::MoveUp => format!("Move step {position} up"),
            Self::MoveDown => format!("Move step {position} down"),
            Self::Remove => format!("Remove step {position}"),
        }
    }
}

/// The list as signals.
#[derive(Clone, Copy)]
struct StepList {
    steps: RwSignal<Vec<NumberedStep>>,
    last: StoredValue<u32>,
    announcement: RwSignal<String>,
    /// The names of shared steps.
    shared: RwSignal<Vec<(SharedStepId, String)>>,
}

#[component]
pub fn StepsField(
    steps: Vec<Step>,
    /// If shared steps can be added.
    #[prop(optional)]
    sharing: Option<Sharing>,
    error: Signal<Option<Error>>,
    /// Its name in the API, which errors use.
    #[prop(default = "steps")]
    wire: &'static str,
) -> impl IntoView {
    // The initial steps; see `api::InitialValues`.
    let initial = steps.iter().enumerate().map(|(index, step)| initial_step(index, step)).collect_view();
    // Start with one step, because none can be added without JavaScript.
    let steps = if steps.is_empty() { vec![Step::default()] } else { steps };
    let numbered: Vec<NumberedStep> = (0..).zip(steps).collect();
    let list = StepList {
        last: StoredValue::new(u32::try_from(numbered.len()).unwrap_or(0)),
        steps: RwSignal::new(numbered),
        announcement: RwSignal::new(String::new()),
        shared: RwSignal::new(sharing.as_ref().map(Sharing::names).unwrap_or_default()),
    };
    let hydrated = use_hydrated();
    view! {
        <fieldset class="steps-field">
            <legend>"Steps"</legend>
            {initial}
            <FieldError name=wire error/>
            <For each=move || list.steps.get() key=|step| step.0 children=move |step| row(list, step)/>
            <p class="visually-hidden" role="status">{list.announcement}</p>
            <button type="button" id="step-add" class="button small needs-hydration" disabled=dynamic_value(move || !hydrated.get()) on:click=move |_| list.add()>
                {icon(Icon::Plus)}"Add step"
            </button>
            {sharing.map(|Sharing { project, open, .. }| {
                view! { <SharedStepChoice project open names=list.shared add=Callback::new(move |id| list.add_shared(id))/> }
            })}
            <noscript class="hint">"Adding, removing and moving steps needs JavaScript. Empty steps are not saved."</noscript>
        </fieldset>
    }
}

fn initial_step(index: usize, step: &Step) -> AnyView {
    let hidden = |field: &str, value: String| {
        view! { <input type="hidden" name=format!("initial_steps[{index}][{field}]") value=value/> }
    };
    let shared = step.shared_step_id.map(|id| hidden("sharedStepId", id.to_string()));
    view! { {hidden("action", step.action.clone())}{hidden("expected", step.expected.clone())}{shared} }.into_any()
}

fn row(list: StepList, (number, step): NumberedStep) -> AnyView {
    let index = Memo::new(move |_| list.index(number));
    let name = move |field: &'static str| move || format!("steps[{}][{field}]", index.get());
    let id = move |part: &str| format!("step-{number}-{part}");
    let last = move || index.get() + 1 == list.steps.with(Vec::len);
    let button = move |action: StepAction| {
        let disabled = move || match action {
            StepAction::MoveUp => index.get() == 0,
            StepAction::MoveDown => last(),
            StepAction::Remove => false,
        };
        view! {
            <button
                type="button"
                id=id(action.id())
                class="button quiet small"
                aria-label=dynamic_value(move || action.label(index.get() + 1))
                disabled=dynamic_value(disabled)
                on:click=move |_| list.apply(number, action)
            >
                {icon(action.icon())}
            </button>
        }
    };
    let field = move |part: &'static str, label: &'static str, value: String| {
        view! {
            <div class="field">
                <label for=id(part)>{label}</label>
                <textarea id=id(part) name=name(part) rows="2" inner_html=textarea_html(&value)></textarea>
            </div>
        }
    };
    let content = match step.shared_step_id {
        Some(shared) => {
            let label = move || list.shared.with(|names| name_of(names, shared));
            view! {
                <div>
                    <p>"Shared step "<strong dir="auto">{dynamic(label)}</strong></p>
                    <input type="hidden" name=name("sharedStepId") value=shared.to_string()/>
                </div>
            }
            .into_any()
        }
        None => view! {
            <div class="columns">
                {field("action", "Action", step.action)}
                {field("expected", "Expected", step.expected)}
            </div>
        }
        .into_any(),
    };
    view! {
        <div class="step" role="group" aria-label=dynamic_value(move || format!("Step {}", index.get() + 1))>
            <span class="number" aria-hidden="true">{dynamic(move || index.get() + 1)}</span>
            {content}
            <div class="row needs-script">
                {[StepAction::MoveUp, StepAction::MoveDown, StepAction::Remove].map(button).collect_view()}
            </div>
        </div>
    }
    .into_any()
}

impl StepList {
    fn index(self, number: u32) -> usize {
        self.steps.with(|steps| steps.iter().position(|step| step.0 == number)).unwrap_or(0)
    }

    fn add(self) {
        let number = self.push(Step::default());
        self.announcement.set("Step added".to_owned());
        focus(vec![format!("step-{number}-action")]);
    }

    /// Adds a shared step, in the place of the last one if that is empty.
    fn add_shared(self, id: SharedStepId) {
        self.steps.update(|steps| {
            if steps.last().is_some_and(|(number, step)| step.is_empty() && !is_filled(*number)) {
                steps.pop();
            }
        });
        let number = self.push(Step { shared_step_id: Some(id), ..Step::default() });
        self.announcement.set("Shared step added".to_owned());
        focus(vec![format!("step-{number}-remove")]);
    }

    fn push(self, step: Step) -> u32 {
        let number = self.last.get_value();
        self.last.set_value(number + 1);
        self.steps.update(|steps| steps.push((number, step)));
        number
    }

    fn remove(self, number: u32, index: usize) {
        self.steps.update(|steps| steps.retain(|step| step.0 != number));
        self.announcement.set(format!("Step {} removed", index + 1));
        let next = self.steps.with_untracked(|steps| steps.get(index).or(steps.last()).map(|step| step.0));
        let next = next.map(|number| format!("step-{number}-remove"));
        focus(next.into_iter().chain(["step-add".to_owned()]).collect());
    }

    fn apply(self, number: u32, action: StepAction) {
        let index = untrack(|| self.index(number));
        match action {
            StepAction::MoveUp => self.swap(number, index, index.checked_sub(1), [action, StepAction::MoveDown]),
            StepAction::MoveDown => self.swap(number, index, Some(index + 1), [action, StepAction::MoveUp]),
            StepAction::Remove => self.remove(number, index),
        }
    }

    /// Moves a step by one position. At either end, the pressed button becomes disabled, so the
    /// other one gets the focus.
    fn swap(self, number: u32, from: usize, to: Option<usize>, buttons: [StepAction; 2]) {
        let Some(to) = to.filter(|to| *to < self.steps.with_untracked(Vec::len)) else { return };
        self.steps.update(|steps| steps.swap(from, to));
        self.announcement.set(format!("Step {} moved to position {}", from + 1, to + 1));
        focus(buttons.map(|button| format!("step-{number}-{}", button.id())).to_vec());
    }
}

/// The name of a shared step; an ellipsis until it is known.
fn name_of(names: &[(SharedStepId, String)], id: SharedStepId) -> String {
    let found = names.iter().find(|(other, _)| *other == id);
    found.map_or_else(|| "…".to_owned(), |(_, name)| name.clone())
}

/// Whether someone has typed into the fields of a step, which keep their texts themselves.
fn is_filled(number: u32) -> bool {
    ["action", "expected"].iter().any(|part| {
        let element = document().get_element_by_id(&format!("step-{number}-{part}"));
        let field = element.and_then(|element| element.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
        field.is_some_and(|field| !field.value().trim().is_empty())
    })
}

/// Focuses the first of these elements that can take it, after the next render.
fn focus(ids: Vec<String>) {
    request_animation_frame(move || {
        for id in ids {
            let element = document().get_element_by_id(&id).and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok());
            if let Some(element) = element.filter(|element| !element.has_attribute("disabled")) {
                let _ = element.focus();
                return;
            }
        }
    });
}
