//! What to do in a case of a run, above the form of its result.

use leptos::prelude::*;

use crate::components::dynamic::dynamic;
use crate::components::hydration::use_hydrated_effect;
use crate::model::id::ProjectId;
use crate::testware::case::api::read_case;
use crate::testware::case::pages::{plain, step_list};
use crate::testware::case::{CaseId, CaseOverview};

/// The preconditions and the steps of a case, which are read when the form opens. The height is fixed, so that the form
/// doesn't move then. Without JavaScript, the title of the case leads to them.
#[component]
pub fn CaseToTest(id: CaseId, project: ProjectId) -> impl IntoView {
    let case = RwSignal::new(None::<CaseOverview>);
    let failed = RwSignal::new(false);
    use_hydrated_effect(move || {
        leptos::task::spawn_local(async move {
            // The form may have closed.
            let _ = match read_case(id).await {
                Ok(read) => case.try_set(Some(read)).is_some(),
                Err(_) => failed.try_set(true).is_some(),
            };
        });
    });
    let content = move || match case.get() {
        Some(CaseOverview { case, shared_steps, .. }) => {
            let preconditions = (!case.preconditions.trim().is_empty()).then(|| {
                view! { <h3>"Preconditions"</h3>{plain(case.preconditions, "")} }
            });
            view! {
                <p class="title" dir="auto">{case.title}</p>
                {preconditions}
                {step_list(case.steps, &shared_steps, project)}
            }
            .into_any()
        }
        None if failed.get() => view! { <p class="hint">"The steps could not be loaded."</p> }.into_any(),
        None => view! { <p class="hint">"Loading steps…"</p> }.into_any(),
    };
    view! {
        <section class="case-to-test needs-script" tabindex="0" aria-label="Test case">
            {dynamic(content)}
        </section>
    }
}
