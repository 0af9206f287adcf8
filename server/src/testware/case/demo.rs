//! The demo's cases.

use app::error::Result;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::service::Testware;
use app::testware::case::{CreateCase, Priority, Step, TestCase};
use async_trait::async_trait;

use crate::app_state::AppState;
use crate::testware::demo::DemoItems;

#[async_trait]
impl DemoItems for TestCase {
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, _: IssueId) -> Result<()> {
        for case in demo_cases() {
            Testware::<Self>::create(state, actor, project, case).await?;
        }
        Ok(())
    }
}

fn demo_cases() -> [CreateCase; 4] {
    let case = |title: &str, priority: Priority, labels: &[&str], steps: &[(&str, &str)]| CreateCase {
        title: title.into(),
        preconditions: "A cart with at least one item.".into(),
        steps: steps.iter().map(|(action, expected)| step(action, expected)).collect(),
        priority: Some(priority),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        ..CreateCase::default()
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
    Step { action: action.into(), expected: expected.into(), ..Step::default() }
}
