//! The reviewers of a review: who they are in the form, and what they decided on the page.

use leptos::html;
use leptos::prelude::*;

use crate::components::badge::{Tone, badge};
use crate::components::dynamic::{ShowWhen, dynamic};
use crate::components::failure::FormError;
use crate::components::field::FieldError;
use crate::components::hydration::use_hydrated_effect;
use crate::components::icon::{Icon, icon};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::relative_time::RelativeTime;
use crate::error::{Error, Result};
use crate::model::id::{ProjectId, UserId};
use crate::testware::review::api::{AddReviewer, RemoveReviewer, read_candidates};
use crate::testware::review::{ReviewOverview, ReviewStatus, Reviewer, ReviewerDecision};

/// Selects the reviewers of a new review. The members are read when the form opens. Without JavaScript, reviewers are
/// added on the page of the review.
#[component]
pub fn ReviewersField(project: ProjectId, error: Signal<Option<Error>>) -> impl IntoView {
    let members = RwSignal::new(None::<Result<Vec<(UserId, String)>>>);
    use_hydrated_effect(move || {
        leptos::task::spawn_local(async move {
            let read = read_candidates(project).await;
            // The form may have closed.
            let _ = members.try_set(Some(read));
        });
    });
    let status = move || {
        members.with(|members| match members {
            None => "Loading…".to_owned(),
            Some(Err(error)) => error.to_string(),
            Some(Ok(members)) if members.is_empty() => "The project has no other members.".to_owned(),
            Some(Ok(_)) => String::new(),
        })
    };
    let choices = move || {
        let members = members.get().and_then(Result::ok).unwrap_or_default().into_iter();
        members
            .map(|(id, name)| {
                view! {
                    <li>
                        <label>
                            <input type="checkbox" name="reviewers[]" value=id.to_string()/>
                            <span dir="auto">{name}</span>
                        </label>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <fieldset>
            <legend>"Reviewers"</legend>
            <FieldError name="reviewerIds" error/>
            <p class="hint needs-script" role="status">{dynamic(status)}</p>
            <ul class="reviewer-choices">{dynamic(choices)}</ul>
            <noscript class="hint">"Without JavaScript, add reviewers on the page of the review."</noscript>
        </fieldset>
    }
}

/// The reviewers with their decisions. Members add and remove them until the review is merged or declined.
#[component]
pub fn Reviewers(review: RwSignal<ReviewOverview>, editable: Signal<bool>, changed: Callback<()>) -> impl IntoView {
    let id = review.with_untracked(|review| review.review.id);
    let add = PageAction::<AddReviewer>::new();
    let remove = PageAction::<RemoveReviewer>::new();
    let heading = NodeRef::<html::H2>::new();
    // The pressed button may be gone.
    let focus_heading = move || {
        request_animation_frame(move || {
            if let Some(heading) = heading.get_untracked() {
                let _ = heading.focus();
            }
        });
    };
    let done = move || {
        changed.run(());
        focus_heading();
    };
    add.on_success(move |()| done());
    remove.on_success(move |()| done());
    let (add_error, remove_error) = (add.error(), remove.error());
    let reviewers = Memo::new(move |_| review.with(|review| review.review.reviewers.clone()));
    let candidates = Memo::new(move |_| review.with(|review| review.candidates.clone()));
    let row = move |reviewer: Reviewer| {
        let label = format!("Remove reviewer {}", reviewer.name);
        let reviewer_id = reviewer.id.to_string();
        let decided = reviewer.decided_at.map(|time| view! { " "<RelativeTime time/> });
        let remove_form = move || {
            let (label, title, reviewer_id) = (label.clone(), label.clone(), reviewer_id.clone());
            view! {
                <PageForm action=remove class="">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="reviewer" value=reviewer_id/>
                    <button type="submit" class="button quiet small square" aria-label=label title=title disabled=remove.pending()>
                        {icon(Icon::Cross)}
                    </button>
                </PageForm>
            }
            .into_any()
        };
        view! {
            <li>
                <span dir="auto">{reviewer.name}</span>
                {decision_badge(reviewer.decision)}
                {decided}
                {dynamic(move || editable.get().then(&remove_form))}
            </li>
        }
        .into_any()
    };
    let options = move || {
        let candidates = candidates.get().into_iter();
        candidates.map(|(id, name)| view! { <option value=id.to_string()>{name}</option> }).collect_view()
    };
    let can_add = Signal::derive(move || editable.get() && candidates.with(|candidates| !candidates.is_empty()));
    view! {
        <section class="more reviewers">
            <h2 node_ref=heading tabindex="-1">"Reviewers"</h2>
            <ShowWhen when=move || reviewers.with(Vec::is_empty)>
                <p class="hint">"None yet. Add at least one: all of them must approve the change."</p>
            </ShowWhen>
            <ul>
                <For each=move || reviewers.get() key=|reviewer| (reviewer.id, reviewer.decision, reviewer.decided_at) children=row/>
            </ul>
            <FormError error=remove_error/>
            <ShowWhen when=can_add>
                <PageForm action=add class="row">
                    <FormError error=add_error/>
                    <FieldError name="userId" error=add_error/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <label class="visually-hidden" for="field-reviewer">"New reviewer"</label>
                    <select id="field-reviewer" name="reviewer">{dynamic(options)}</select>
                    <button type="submit" class="button" disabled=add.pending()>{icon(Icon::Plus)}"Add reviewer"</button>
                </PageForm>
            </ShowWhen>
        </section>
    }
}

fn decision_badge(decision: ReviewerDecision) -> AnyView {
    let tone = match decision {
        ReviewerDecision::Pending => Tone::Idle,
        ReviewerDecision::Approved => Tone::Ok,
        ReviewerDecision::ChangesRequested => Tone::Warn,
    };
    badge(tone, decision.label().to_owned()).into_any()
}

/// The badge of a review.
pub fn status_badge(status: ReviewStatus) -> AnyView {
    let tone = match status {
        ReviewStatus::Open => Tone::Idle,
        ReviewStatus::Approved | ReviewStatus::Merged => Tone::Ok,
        ReviewStatus::ChangesRequested => Tone::Warn,
        ReviewStatus::Declined => Tone::Bad,
    };
    badge(tone, status.label().to_owned()).into_any()
}
