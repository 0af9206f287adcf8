//! What members do with a review: reviewers decide, and members merge, decline and reopen it. The forms work without
//! JavaScript.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::dynamic::ShowWhen;
use crate::components::failure::FormError;
use crate::components::field::{FieldError, TextField};
use crate::components::icon::{Icon, icon};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::testware::review::api::{ApplyReviewAction, Decide};
use crate::testware::review::{Decision, ReviewAction, ReviewOverview, ReviewStatus};

/// The form of a reviewer.
#[component]
pub fn DecisionForm(review: RwSignal<ReviewOverview>, open: Signal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let id = review.with_untracked(|review| review.review.id);
    let decide = PageAction::<Decide>::new();
    let error = decide.error();
    let form = NodeRef::<html::Form>::new();
    decide.on_success(move |()| {
        toasts.done("Decision saved");
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
        changed.run(());
    });
    let is_reviewer = Signal::derive(move || {
        open.get() && review.with(|review| review.review.reviewers.iter().any(|reviewer| reviewer.id == review.viewer))
    });
    view! {
        <ShowWhen when=is_reviewer>
            <section class="more">
                <h2>"Your decision"</h2>
                <PageForm action=decide node_ref=form>
                    <FormError error/>
                    <FieldError name="decision" error/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <TextField name="decision_comment" wire="comment" label="Your comment" hint="Markdown, optional" rows=2 error/>
                    <div class="actions">
                        <button type="submit" class="button" name="decision" value=Decision::ChangesRequested.as_str() disabled=decide.pending()>
                            {Decision::ChangesRequested.label()}
                        </button>
                        <button type="submit" class="button primary" name="decision" value=Decision::Approved.as_str() disabled=decide.pending()>
                            {icon(Icon::Check)}{Decision::Approved.label()}
                        </button>
                    </div>
                </PageForm>
            </section>
        </ShowWhen>
    }
}

/// The pressed button may be gone.
fn focus_heading() {
    request_animation_frame(|| {
        let heading = document().query_selector("main h1").ok().flatten();
        if let Some(heading) = heading.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = heading.set_attribute("tabindex", "-1");
            let _ = heading.focus();
        }
    });
}

/// Merge, decline and reopen.
#[component]
pub fn Actions(
    review: RwSignal<ReviewOverview>,
    #[prop(into)] deleted: Signal<bool>,
    changed: Callback<()>,
) -> impl IntoView {
    let id = review.with_untracked(|review| review.review.id);
    let apply = PageAction::<ApplyReviewAction>::new();
    let error = apply.error();
    let toasts = use_toasts();
    apply.on_success(move |()| {
        toasts.done("Review changed");
        changed.run(());
        focus_heading();
    });
    let status = Memo::new(move |_| review.with(|review| review.review.status));
    let button = move |action: ReviewAction, class: &'static str, symbol: Icon| {
        view! {
            <button type="submit" class=class name="action" value=action.as_str() disabled=apply.pending()>
                {icon(symbol)}{action.label()}" review"
            </button>
        }
        .into_any()
    };
    view! {
        <ShowWhen when=move || !deleted.get() && status.get() != ReviewStatus::Merged>
            <PageForm action=apply class="review-actions">
                <FormError error/>
                <input type="hidden" name="id" value=id.to_string()/>
                <div class="row">
                    <ShowWhen when=move || status.get() == ReviewStatus::Approved>
                        {button(ReviewAction::Merge, "button primary", Icon::Branch)}
                    </ShowWhen>
                    <ShowWhen when=move || status.get().is_undecided()>
                        {button(ReviewAction::Decline, "button", Icon::Cross)}
                    </ShowWhen>
                    <ShowWhen when=move || status.get() == ReviewStatus::Declined>
                        {button(ReviewAction::Reopen, "button", Icon::Replay)}
                    </ShowWhen>
                </div>
            </PageForm>
        </ShowWhen>
    }
}
