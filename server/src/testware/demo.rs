//! The demo's testware: cases, a run with results, one of them linked to an issue, and a session.

use app::error::Result;
use app::model::id::{CaseId, IssueId, ProjectId};
use app::model::people::Actor;
use app::service::{Executions, Testware};
use app::testware::case::{CreateCase, Priority, Step, TestCase};
use app::testware::execution::{AddResult, ResultStatus, State};
use app::testware::run::{CreateRun, TestRun, UpdateRun};
use app::testware::session::{CreateSession, TestSession, UpdateSession};

use crate::app_state::AppState;

/// Creates the testware. The failed results are linked to `issue`.
pub async fn seed(state: &AppState, actor: &Actor, project: ProjectId, issue: IssueId) -> Result<()> {
    let mut cases = Vec::new();
    for case in demo_cases() {
        cases.push(Testware::<TestCase>::create(state, actor, project, case).await?.id);
    }
    let run = CreateRun {
        name: "Release 4.2".into(),
        description: "All payment methods, on the release candidate.".into(),
        case_ids: cases.clone(),
    };
    let run = Testware::<TestRun>::create(state, actor, project, run).await?.id;
    let outcomes = [
        (ResultStatus::Passed, "", None),
        (ResultStatus::Failed, "An expired code still gives 10% off.", Some(issue)),
        (ResultStatus::Blocked, "The test shop accepts no refunds today.", None),
    ];
    for (case, (status, comment, issue)) in cases.into_iter().zip(outcomes) {
        let result = result(Some(case), status, comment, issue);
        Executions::<TestRun>::add_result(state, actor, run, result).await?;
    }
    let begun = UpdateRun { state: Some(State::InProgress), ..UpdateRun::default() };
    Testware::<TestRun>::update(state, actor, run, begun).await?;
    seed_session(state, actor, project, issue).await
}

async fn seed_session(state: &AppState, actor: &Actor, project: ProjectId, issue: IssueId) -> Result<()> {
    let session = CreateSession {
        name: "Vouchers with unusual names".into(),
        charter: "Explore vouchers with unusual characters, to see how the cart handles them.".into(),
        time_box_minutes: Some(90),
    };
    let session = Testware::<TestSession>::create(state, actor, project, session).await?.id;
    let found = [
        result(None, ResultStatus::Passed, "Umlauts and emoji are refused with a message.", None),
        result(None, ResultStatus::Failed, "A lower-case code is accepted twice.", Some(issue)),
    ];
    for found in found {
        Executions::<TestSession>::add_result(state, actor, session, found).await?;
    }
    let looked_at = UpdateSession { state: Some(State::InReview), ..UpdateSession::default() };
    Testware::<TestSession>::update(state, actor, session, looked_at).await.map(drop)
}

fn result(case: Option<CaseId>, status: ResultStatus, comment: &str, issue: Option<IssueId>) -> AddResult {
    AddResult {
        case_id: case,
        status,
        comment: comment.into(),
        elapsed_seconds: Some(180),
        issue_ids: issue.into_iter().collect(),
    }
}

fn demo_cases() -> [CreateCase; 4] {
    let case = |title: &str, priority: Priority, labels: &[&str], steps: &[(&str, &str)]| CreateCase {
        title: title.into(),
        preconditions: "A cart with at least one item.".into(),
        steps: steps.iter().map(|(action, expected)| step(action, expected)).collect(),
        priority: Some(priority),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
    };
    [
        case(
            "Pay by card on a phone",
            Priority::Critical,
            &["checkout", "mobile"],
            &[
                ("Go to the checkout and choose card.", "The form asks for number, date and code."),
                ("Enter the test card and pay.", "The order is confirmed within ten seconds."),
            ],
        ),
        case(
            "Refuse an expired voucher",
            Priority::High,
            &["checkout", "voucher"],
            &[("Enter `SUMMER25`.", "A message says when it expired. The total stays the same.")],
        ),
        case(
            "Refund a whole order",
            Priority::Medium,
            &["refund"],
            &[("Open a paid order and refund it.", "The refund is issued, and the customer gets an email.")],
        ),
        case("Print the receipt", Priority::Low, &["mail"], &[("Print the email.", "The tax number is on the page.")]),
    ]
}

fn step(action: &str, expected: &str) -> Step {
    Step { action: action.into(), expected: expected.into() }
}
