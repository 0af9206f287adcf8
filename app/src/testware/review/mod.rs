//! Reviews: proposed changes to test cases, which reviewers approve before they are applied.

pub mod api;
pub(crate) mod pages;
#[cfg(feature = "ssr")]
pub(crate) mod payload;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{ProjectId, UserId, id};
use crate::model::string_enum;
use crate::model::time::millis;
use crate::testware::case::diff::FieldDiff;
use crate::testware::case::{CaseContent, CaseId};

id!(/** A review. */ ReviewId, "rev");

/// The maximum number of reviewers of a review.
pub const MAX_REVIEWERS: usize = 20;

impl CatalogSubject for Review {
    const SUBJECT: Subject = Subject::Review;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "review",
        headline: "Review",
        path: "reviews",
        id_prefix: ReviewId::PREFIX,
        key_letter: 'V',
        icon: Icon::Branch,
        param: "review",
        lead: "Proposed changes to test cases. Reviewers approve them before they are merged.",
        first_step: "Open a case and select Propose change.",
        completion: None,
        abort: None,
        deletion: "Its test case stays as it is. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = ReviewId;
}

string_enum! {
    /// The status of a review.
    ReviewStatus {
        /// Decisions are pending, or there are no reviewers.
        Open = "open", "Open";
        /// All reviewers approved it; there is at least one.
        Approved = "approved", "Approved";
        /// A reviewer requested changes.
        ChangesRequested = "changes_requested", "Changes requested";
        /// The test case has the proposed content. The review is read-only.
        Merged = "merged", "Merged";
        /// It was rejected. It can be reopened.
        Declined = "declined", "Declined";
    }
}

string_enum! {
    /// The decision of a reviewer.
    ReviewerDecision {
        /// Not decided since the proposal last changed.
        Pending = "pending", "Pending";
        /// The proposal can be merged.
        Approved = "approved", "Approved";
        /// The proposal must be changed first.
        ChangesRequested = "changes_requested", "Changes requested";
    }
}

string_enum! {
    /// What a reviewer decides.
    Decision {
        /// The proposal can be merged.
        Approved = "approved", "Approve";
        /// The proposal must be changed first.
        ChangesRequested = "changes_requested", "Request changes";
    }
}

string_enum! {
    /// What members do with a review.
    ReviewAction {
        /// Applies the proposal to the test case.
        Merge = "merge", "Merge";
        /// Rejects the proposal.
        Decline = "decline", "Decline";
        /// Reopens a declined review.
        Reopen = "reopen", "Reopen";
    }
}

#[allow(clippy::derivable_impls, reason = "string_enum! derives no default")]
impl Default for ReviewStatus {
    fn default() -> Self {
        Self::Open
    }
}

impl ReviewStatus {
    /// Whether it is neither merged nor declined, so that reviewers can decide.
    #[must_use]
    pub const fn is_undecided(self) -> bool {
        matches!(self, Self::Open | Self::Approved | Self::ChangesRequested)
    }
}

impl From<Decision> for ReviewerDecision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Approved => Self::Approved,
            Decision::ChangesRequested => Self::ChangesRequested,
        }
    }
}

/// The test case of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReviewedCase {
    /// Its ID.
    pub id: CaseId,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Whether it was deleted since.
    pub deleted: bool,
}

/// A reviewer of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reviewer {
    /// The user's ID.
    pub id: UserId,
    /// The user's name.
    pub name: String,
    /// The decision.
    pub decision: ReviewerDecision,
    /// When the reviewer decided; null while the decision is pending.
    #[serde(serialize_with = "millis")]
    pub decided_at: Option<DateTime<Utc>>,
}

/// A review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// Its ID.
    pub id: ReviewId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-V4`.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The description as Markdown.
    pub description: String,
    /// Its status.
    pub status: ReviewStatus,
    /// The test case.
    pub case: ReviewedCase,
    /// Its reviewers with their decisions.
    pub reviewers: Vec<Reviewer>,
    /// The content of the case when the proposal was made. Only one review is shown with it.
    #[serde(skip)]
    pub base: CaseContent,
    /// The proposed content of the case.
    #[serde(skip)]
    pub proposal: CaseContent,
    /// The ID of the user who created it.
    pub author_id: UserId,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// A review with its proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReviewDetail {
    /// The review.
    #[serde(flatten)]
    pub review: Review,
    /// The description as sanitized HTML.
    pub description_html: String,
    /// The content of the case when the proposal was made.
    pub base: CaseContent,
    /// The proposed content of the case.
    pub proposal: CaseContent,
    /// What the proposal changes in the base.
    pub changes: Vec<FieldDiff>,
}

/// A review with what its page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewOverview {
    /// The review.
    pub review: Review,
    /// The description as sanitized HTML.
    pub description_html: String,
    /// The proposed content of the case.
    pub proposal: CaseContent,
    /// What the proposal changes.
    pub changes: Vec<FieldDiff>,
    /// The members who can be added as reviewers, with their IDs.
    pub candidates: Vec<(UserId, String)>,
    /// The user who reads the page.
    pub viewer: UserId,
}

/// Proposes a change to a test case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateReview {
    /// 1 to 200 characters.
    pub title: String,
    /// Markdown, at most 64 KiB.
    #[serde(default)]
    pub description: String,
    /// A test case of the project.
    pub case_id: CaseId,
    /// The complete proposed content of the case. At least one field must differ from the case.
    pub proposal: CaseContent,
    /// At most 20 members of the project, without the author.
    #[serde(default)]
    pub reviewer_ids: Vec<UserId>,
}

/// Changes a review that is not merged. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateReview {
    /// See [`CreateReview::title`].
    pub title: Option<String>,
    /// See [`CreateReview::description`].
    pub description: Option<String>,
    /// The complete proposed content of the case. The present content of the case becomes the base. If either changed,
    /// all decisions are pending again.
    pub proposal: Option<CaseContent>,
    /// The test case of a new review.
    #[serde(skip)]
    pub case_id: Option<CaseId>,
    /// The reviewers of a new review.
    #[serde(skip)]
    pub reviewer_ids: Option<Vec<UserId>>,
}

/// Adds a reviewer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AddReviewer {
    /// A member of the project who is not the author of the review.
    pub user_id: UserId,
}

/// The decision of the caller.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DecideReview {
    /// The decision.
    pub decision: Decision,
    /// Markdown, at most 64 KiB. It is added to the comments of the review.
    #[serde(default)]
    pub comment: String,
}

/// The filters of a list of reviews. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct ReviewQuery {
    /// Words in title or key, case-insensitive.
    pub search: Option<String>,
    /// Only with this status.
    pub status: Option<ReviewStatus>,
    /// Only of this test case.
    pub case: Option<CaseId>,
    /// Only with this reviewer.
    pub reviewer: Option<UserId>,
    /// With true, only those whose author or reviewer the caller is.
    pub mine: Option<bool>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
    /// Who reads the list.
    #[serde(skip)]
    #[cfg_attr(feature = "ssr", param(ignore))]
    pub caller: Option<UserId>,
}

#[cfg(feature = "ssr")]
mod subject {
    use super::{CreateReview, Review, ReviewDetail, ReviewQuery, UpdateReview};
    use crate::model::id::UserId;
    use crate::model::page::PageQuery;
    use crate::testware::execution::Counts;
    use crate::testware::item::{ItemQuery, TestwareItem};
    use crate::testware::subject::{ListQuery, TestwareSubject};

    impl TestwareSubject for Review {
        type Create = CreateReview;
        type Update = UpdateReview;
        type Query = ReviewQuery;
        type Detail = ReviewDetail;
    }

    impl From<CreateReview> for UpdateReview {
        fn from(CreateReview { title, description, case_id, proposal, reviewer_ids }: CreateReview) -> Self {
            Self {
                title: Some(title),
                description: Some(description),
                proposal: Some(proposal),
                case_id: Some(case_id),
                reviewer_ids: Some(reviewer_ids),
            }
        }
    }

    impl From<ItemQuery> for ReviewQuery {
        fn from(query: ItemQuery) -> Self {
            let ItemQuery { search, review_status, case, reviewer, mine, limit, cursor, .. } = query;
            Self { search, status: review_status, case, reviewer, mine, limit, cursor, caller: None }
        }
    }

    impl ListQuery for ReviewQuery {
        fn page(&self) -> PageQuery {
            PageQuery { limit: self.limit, cursor: self.cursor.clone() }
        }

        fn search(&self) -> Option<&str> {
            self.search.as_deref()
        }

        fn set_caller(&mut self, caller: UserId) {
            self.caller = Some(caller);
        }
    }

    impl From<Review> for TestwareItem {
        fn from(review: Review) -> Self {
            Self {
                id: review.id.into(),
                project_id: review.project_id,
                key: review.key,
                title: review.title,
                parent: None,
                columns: vec![review.case.key, review.status.label().to_owned()],
                labels: Vec::new(),
                state: None,
                completed_at: None,
                aborted: false,
                counts: Counts::default(),
                updated_at: review.updated_at,
            }
        }
    }
}
