//! Reviews of test cases.

use app::model::id::{ProjectId, UserId};
use app::model::page::Page;
use app::service::{Reviews, Testware};
use app::testware::review::{
    AddReviewer, CreateReview, DecideReview, Review, ReviewDetail, ReviewId, ReviewQuery, UpdateReview,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Conflict, Created, Problems};
use crate::testware::rest::{SubjectRoutes, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId, PathIds};

impl SubjectRoutes for Review {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes()
            .routes(routes!(add_reviewer))
            .routes(routes!(remove_reviewer))
            .routes(routes!(decide))
            .routes(routes!(merge))
            .routes(routes!(decline))
            .routes(routes!(reopen))
    }
}

testware_handlers! {
    tag: "Reviews", noun: "reviews", id: ReviewId, query: ReviewQuery, create: CreateReview, update: UpdateReview,
    view: Review, detail: ReviewDetail,
    list: "/projects/{id}/reviews" "The project's reviews, newest first.",
    create: "Proposes a change to a test case; emits `review.created`.",
    item: "/reviews/{id}" "One review, with the proposed content and what it changes.",
    update: "Changes a review that is not merged; emits `review.updated`, and `review.status_changed` if a changed proposal makes decisions pending again.", Conflict;
    delete: "Deletes a review; emits `review.deleted`.",
}

/// Adds a member as a reviewer; emits `review.reviewer_added`, and `review.status_changed` if the review was approved.
/// 409 when it is merged or declined.
#[utoipa::path(post, path = "/reviews/{id}/reviewers", tag = "Reviews", params(("id" = ReviewId, Path)),
    request_body = AddReviewer, responses((status = 200, body = Review), Problems, Conflict))]
async fn add_reviewer(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ReviewId>,
    Body(new): Body<AddReviewer>,
) -> ApiResult<Json<Review>> {
    Ok(Json(state.add_reviewer(&actor, id, new).await?))
}

/// Removes a reviewer; emits `review.reviewer_removed`, and `review.status_changed` if the other decisions lead to
/// another status. 409 when it is merged or declined.
#[utoipa::path(delete, path = "/reviews/{id}/reviewers/{userId}", tag = "Reviews",
    params(("id" = ReviewId, Path), ("userId" = UserId, Path)),
    responses((status = 200, body = Review), Problems, Conflict))]
async fn remove_reviewer(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathIds(id, user): PathIds<ReviewId, UserId>,
) -> ApiResult<Json<Review>> {
    Ok(Json(state.remove_reviewer(&actor, id, user).await?))
}

/// The decision of the caller, who must be a reviewer and not the author; emits `review.status_changed` if the status
/// changed, and `review.commented` if there is a comment. 409 when it is merged or declined.
#[utoipa::path(post, path = "/reviews/{id}/decision", tag = "Reviews", params(("id" = ReviewId, Path)),
    request_body = DecideReview, responses((status = 200, body = Review), Problems, Conflict))]
async fn decide(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ReviewId>,
    Body(new): Body<DecideReview>,
) -> ApiResult<Json<Review>> {
    Ok(Json(state.decide(&actor, id, new).await?))
}

/// Applies the proposal to the test case; emits `case.updated`, and then `review.merged`. 409 when it is not approved,
/// or a proposed field of the test case has changed since.
#[utoipa::path(post, path = "/reviews/{id}/merge", tag = "Reviews", params(("id" = ReviewId, Path)),
    responses((status = 200, body = Review), Problems, Conflict))]
async fn merge(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ReviewId>,
) -> ApiResult<Json<Review>> {
    Ok(Json(state.merge_review(&actor, id).await?))
}

/// Declines a review; emits `review.declined`. 409 when it is merged or declined.
#[utoipa::path(post, path = "/reviews/{id}/decline", tag = "Reviews", params(("id" = ReviewId, Path)),
    responses((status = 200, body = Review), Problems, Conflict))]
async fn decline(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ReviewId>,
) -> ApiResult<Json<Review>> {
    Ok(Json(state.decline_review(&actor, id).await?))
}

/// Reopens a declined review; emits `review.reopened`. 409 when it is not declined.
#[utoipa::path(post, path = "/reviews/{id}/reopen", tag = "Reviews", params(("id" = ReviewId, Path)),
    responses((status = 200, body = Review), Problems, Conflict))]
async fn reopen(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ReviewId>,
) -> ApiResult<Json<Review>> {
    Ok(Json(state.reopen_review(&actor, id).await?))
}
