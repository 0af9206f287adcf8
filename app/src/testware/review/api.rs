//! Reviews.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use crate::api::InitialValues;
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, normalize_newlines, separated, with_status};
use crate::error::Result;
use crate::model::id::{ProjectId, UserId};
#[cfg(feature = "ssr")]
use crate::model::item_id::ItemId;
use crate::testware::case::{CaseId, Priority, Step};
use crate::testware::review::{Decision, ReviewAction, ReviewId, ReviewOverview};
#[cfg(feature = "ssr")]
use crate::{
    model::page::{MAX_LIMIT, PageQuery},
    service::Testware,
    testware::case::{CaseContent, api::filled_steps},
    testware::review::{
        AddReviewer as NewReviewer, CreateReview as NewReview, DecideReview as NewDecision, Review,
        UpdateReview as ReviewChange,
    },
};

/// One review, with what its page shows.
#[server(prefix = "/ui", endpoint = "reviews/get", protocol = PageCall<GetUrl>)]
pub async fn read_review(id: ReviewId) -> Result<ReviewOverview> {
    let (service, actor) = authenticated()?;
    let read = async {
        let detail = Testware::<Review>::read(&*service, &actor, id).await?;
        let review = detail.review;
        let page = PageQuery { limit: Some(MAX_LIMIT), cursor: None };
        let members = service.list_members(&actor, review.project_id, page).await?.items;
        let is_candidate =
            |user: UserId| user != review.author_id && !review.reviewers.iter().any(|reviewer| reviewer.id == user);
        let candidates = members.into_iter().filter(|member| member.active && is_candidate(member.user_id));
        Ok(ReviewOverview {
            candidates: candidates.map(|member| (member.user_id, member.name)).collect(),
            review,
            description_html: detail.description_html,
            proposal: detail.proposal,
            changes: detail.changes,
            viewer: actor.id,
        })
    };
    with_status(read.await)
}

/// The members who can review what the user proposes, with their IDs; at most 200, by name.
#[server(prefix = "/ui", endpoint = "reviews/candidates", protocol = PageCall<GetUrl>)]
pub async fn read_candidates(project: ProjectId) -> Result<Vec<(UserId, String)>> {
    let (service, actor) = authenticated()?;
    let page = PageQuery { limit: Some(MAX_LIMIT), cursor: None };
    let members = with_status(service.list_members(&actor, project, page).await)?.items.into_iter();
    let others = members.filter(|member| member.active && member.user_id != actor.id);
    Ok(others.map(|member| (member.user_id, member.name)).collect())
}

/// Proposes a change to a test case and redirects to the review.
#[server(prefix = "/ui", endpoint = "reviews/create", protocol = PageCall<PostUrl>)]
pub async fn create_review(
    project: ProjectId,
    case: CaseId,
    review_title: String,
    #[server(default)] review_description: String,
    #[server(default)] reviewers: Vec<UserId>,
    proposed_title: String,
    proposed_priority: Priority,
    #[server(default)] proposed_preconditions: String,
    #[server(default)] proposed_labels: String,
    #[server(default)] steps: Vec<Step>,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new = NewReview {
        title: review_title,
        description: normalize_newlines(&review_description),
        case_id: case,
        proposal: CaseContent {
            title: proposed_title,
            preconditions: normalize_newlines(&proposed_preconditions),
            steps: filled_steps(steps),
            priority: proposed_priority,
            labels: separated(&proposed_labels),
        },
        reviewer_ids: reviewers,
    };
    let review = with_status(Testware::<Review>::create(&*service, &actor, project, new).await)?;
    leptos_axum::redirect(&ItemId::from(review.id).path(project));
    Ok(())
}

/// Changes the fields that were edited.
#[server(prefix = "/ui", endpoint = "reviews/update", protocol = PageCall<PostUrl>)]
pub async fn update_review(
    id: ReviewId,
    review_title: String,
    #[server(default)] review_description: String,
    proposed_title: String,
    proposed_priority: Priority,
    #[server(default)] proposed_preconditions: String,
    #[server(default)] proposed_labels: String,
    #[server(default)] steps: Vec<Step>,
    #[server(default)] initial_steps: Vec<Step>,
    #[server(default)] initial: InitialValues,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let steps = filled_steps(steps);
    let edited = !initial.is_known()
        || filled_steps(initial_steps) != steps
        || initial.changed("proposed_title", &proposed_title).is_some()
        || initial.changed("proposed_preconditions", &proposed_preconditions).is_some()
        || initial.selected("proposed_priority", proposed_priority, Priority::as_str).is_some()
        || initial.changed("proposed_labels", &proposed_labels).is_some();
    let proposal = CaseContent {
        title: proposed_title,
        preconditions: normalize_newlines(&proposed_preconditions),
        steps,
        priority: proposed_priority,
        labels: separated(&proposed_labels),
    };
    let change = ReviewChange {
        title: initial.changed("review_title", &review_title),
        description: initial.changed("review_description", &review_description),
        proposal: edited.then_some(proposal),
        ..ReviewChange::default()
    };
    let review = with_status(Testware::<Review>::update(&*service, &actor, id, change).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(review.project_id));
    Ok(())
}

/// Adds a reviewer and redirects to the review.
#[server(prefix = "/ui", endpoint = "reviews/add-reviewer", protocol = PageCall<PostUrl>)]
pub async fn add_reviewer(id: ReviewId, reviewer: UserId) -> Result<()> {
    let (service, actor) = authenticated()?;
    let review = with_status(service.add_reviewer(&actor, id, NewReviewer { user_id: reviewer }).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(review.project_id));
    Ok(())
}

/// Removes a reviewer and redirects to the review.
#[server(prefix = "/ui", endpoint = "reviews/remove-reviewer", protocol = PageCall<PostUrl>)]
pub async fn remove_reviewer(id: ReviewId, reviewer: UserId) -> Result<()> {
    let (service, actor) = authenticated()?;
    let review = with_status(service.remove_reviewer(&actor, id, reviewer).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(review.project_id));
    Ok(())
}

/// Stores the decision of the user and redirects to the review.
#[server(prefix = "/ui", endpoint = "reviews/decide", protocol = PageCall<PostUrl>)]
pub async fn decide(id: ReviewId, decision: Decision, #[server(default)] decision_comment: String) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new = NewDecision { decision, comment: normalize_newlines(&decision_comment) };
    let review = with_status(service.decide(&actor, id, new).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(review.project_id));
    Ok(())
}

/// Merges, declines or reopens a review, and redirects to it.
#[server(prefix = "/ui", endpoint = "reviews/apply-action", protocol = PageCall<PostUrl>)]
pub async fn apply_review_action(id: ReviewId, action: ReviewAction) -> Result<()> {
    let (service, actor) = authenticated()?;
    let review = with_status(match action {
        ReviewAction::Merge => service.merge_review(&actor, id).await,
        ReviewAction::Decline => service.decline_review(&actor, id).await,
        ReviewAction::Reopen => service.reopen_review(&actor, id).await,
    })?;
    leptos_axum::redirect(&ItemId::from(id).path(review.project_id));
    Ok(())
}
