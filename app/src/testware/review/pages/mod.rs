//! `/projects/{id}/reviews/{review}`: one review with its difference, its reviewers and their decisions. It follows live
//! changes.

mod actions;
pub(crate) mod form;
mod reviewers;

use actions::{Actions, DecisionForm};
use form::{EditReviewDialog, NewReviewDialog};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use reviewers::{Reviewers, status_badge};

use crate::comments::section::Comments;
use crate::components::dynamic::dynamic;
use crate::components::filters::Choice;
use crate::components::prose::prose;
use crate::components::relative_time::RelativeTime;
use crate::live::flash;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::case::pages::diff::field_diffs;
use crate::testware::pages::item_head::item_head;
use crate::testware::pages::{ListBody, ListSpec, SubjectPages};
use crate::testware::review::{Review, ReviewId, ReviewOverview, ReviewStatus, api};

impl SubjectPages for Review {
    const LIST: ListSpec = ListSpec {
        headings: &["Review", "Case", "Status", "Updated"],
        filters: || {
            let values = ReviewStatus::ALL.iter().map(|status| (status.as_str(), status.label())).collect();
            vec![
                Choice { label: "Status", param: "status", all: "All", values },
                Choice {
                    label: "Author and reviewers",
                    param: "mine",
                    all: "Everyone",
                    values: vec![("true", "Mine")],
                },
            ]
        },
        free_filters: &[],
        no_progress: "",
        body: ListBody::Table,
    };

    const OWN_CHUNK: bool = true;

    fn item() -> AnyView {
        view! { <ReviewPage/> }.into_any()
    }

    fn new_dialog(project: ProjectId) -> AnyView {
        view! { <NewReviewDialog project/> }.into_any()
    }
}

#[component]
pub fn ReviewPage() -> impl IntoView {
    let params = use_params_map();
    let id =
        Memo::new(move |_| params.with(|params| params.get("item").and_then(|text| text.parse::<ReviewId>().ok())));
    item_page(id, api::read_review, |_, review| view! { <Detail review/> }.into_any())
}

#[component]
fn Detail(review: ReviewOverview) -> impl IntoView {
    let (id, project) = (review.review.id, review.review.project_id);
    let item = live_item(id.into(), review, move || Box::pin(api::read_review(id)), |_| {});
    let (shown, deleted, changes, changed) = (item.shown, item.deleted, item.changes, item.changed);
    let review = Memo::new(move |_| shown.with(|shown| shown.review.clone()));
    let names = (Signal::derive(move || review.get().key), Signal::derive(move || review.get().title));
    let merged = Memo::new(move |_| review.with(|review| review.status == ReviewStatus::Merged));
    let badge = dynamic(move || status_badge(review.with(|review| review.status)));
    let undecided = Signal::derive(move || !deleted.get() && review.with(|review| review.status.is_undecided()));
    view! {
        {item_head((id.into(), project), &item, names, merged.into(), (badge.into_any(), ().into_any()))}
        <Actions review=shown deleted changed/>
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>"Proposed changes"</h2>
                {dynamic(move || field_diffs(shown.with(|shown| shown.changes.clone())))}
                <h2>"Description"</h2>
                {dynamic(move || prose(shown.with(|shown| shown.description_html.clone()), "None"))}
            </div>
            <dl class="card">{dynamic(move || facts(review.get()))}</dl>
        </div>
        <Reviewers review=shown editable=undecided changed/>
        <DecisionForm review=shown open=undecided changed/>
        <Comments item=id.into() project open=Signal::derive(move || !deleted.get())/>
        <EditReviewDialog review=shown changed/>
    }
}

fn facts(review: Review) -> AnyView {
    let name = format!("{} {}", review.case.key, review.case.title);
    let case = if review.case.deleted {
        view! { <span dir="auto">{name}" (deleted)"</span> }.into_any()
    } else {
        view! { <a href=ItemId::from(review.case.id).path(review.project_id) dir="auto">{name}</a> }.into_any()
    };
    view! {
        <dt>"Case"</dt><dd>{case}</dd>
        <dt>"Author"</dt><dd>{review.author}</dd>
        <dt>"Created"</dt><dd><RelativeTime time=review.created_at/></dd>
        <dt>"Updated"</dt><dd><RelativeTime time=review.updated_at/></dd>
    }
    .into_any()
}
