//! Results that a script adds at once, as a submission.

#[cfg(feature = "ssr")]
pub(crate) mod payload;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{ResultId, id};
use crate::testware::execution::Counts;
use crate::testware::result::AddResult;

id!(/** Results that were added at once. */ SubmissionId, "sub");

impl CatalogSubject for Submission {
    const SUBJECT: Subject = Subject::Execution;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "submission of results",
        headline: "Bulk results",
        path: "submissions",
        id_prefix: SubmissionId::PREFIX,
        key_letter: 'B',
        icon: Icon::Up,
        param: "submission",
        lead: "Results that a script adds at once.",
        first_step: "Send results to the API of a test run or session.",
        completion: Some("It is complete when its results are stored."),
        abort: None,
        deletion: "Its results stay.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = SubmissionId;
}

/// Adds several results at once: all of them, or none.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AddResults {
    /// 1 to 1,000, in order. The last one of a case decides its status.
    pub results: Vec<AddResult>,
}

/// Results that were added at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Submission {
    /// The ID in its event, `execution.completed`.
    pub id: SubmissionId,
    /// The IDs of the results, in their order.
    pub result_ids: Vec<ResultId>,
    /// The results by status.
    pub counts: Counts,
}
