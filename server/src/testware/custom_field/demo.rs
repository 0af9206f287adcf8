//! The demo's custom field.

use app::error::Result;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::service::Testware;
use app::testware::case::{CaseQuery, TestCase, UpdateCase};
use app::testware::custom_field::{CreateCustomField, CustomField, CustomValue, FieldKind};
use async_trait::async_trait;

use crate::app_state::AppState;
use crate::testware::demo::DemoItems;

#[async_trait]
impl DemoItems for CustomField {
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, _: IssueId) -> Result<()> {
        let browser = CreateCustomField {
            name: "Browser".into(),
            kind: FieldKind::Choice,
            options: ["Chrome", "Firefox", "Safari"].map(str::to_owned).to_vec(),
        };
        let browser = Testware::<Self>::create(state, actor, project, browser).await?.id;
        let query = CaseQuery { label: Some("mobile".into()), ..CaseQuery::default() };
        for case in Testware::<TestCase>::list(state, actor, project, query).await?.items {
            let value = CustomValue::Text("Safari".into());
            let change = UpdateCase { custom_fields: [(browser, Some(value))].into(), ..UpdateCase::default() };
            Testware::<TestCase>::update(state, actor, case.id, change).await?;
        }
        Ok(())
    }
}
