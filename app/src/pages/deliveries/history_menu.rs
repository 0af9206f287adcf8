//! The menu of the history: download what matches the filters, and, for project admins, delete it.

use leptos::prelude::*;

use crate::api::history::ClearHistory;
use crate::components::dynamic::dynamic_value;
use crate::components::icon::{Icon, icon};
use crate::components::menu::Menu;
use crate::components::page_action::PageAction;
use crate::components::toast::use_toasts;
use crate::components::typed_confirm::{TypedConfirm, TypedConfirmText};
use crate::model::delivery::DeliveryQuery;
use crate::model::history::ExportFormat;
use crate::model::id::ProjectId;
use crate::model::project::Project;

#[component]
pub fn HistoryMenu(project: ProjectId, query: Memo<DeliveryQuery>, loaded: Option<Project>) -> impl IntoView {
    let toasts = use_toasts();
    let admin = loaded.filter(Project::is_admin);
    let open = RwSignal::new(false);
    let clear = PageAction::<ClearHistory>::new();
    clear.on_success(move |_| {
        open.set(false);
        toasts.done("Deleting the history");
    });
    let download = move |format: ExportFormat| {
        let href = move || export_url(project, format, query.get());
        // The browser saves it. It is no page of the app.
        view! {
            <a href=dynamic_value(href) rel="external" download="">{icon(Icon::Down)}{format!("Download as {}", format.label())}</a>
        }
    };
    let clear_item = admin.is_some().then(|| {
        view! {
            <hr/>
            <button type="button" class="danger" on:click=move |_| open.set(true)>{icon(Icon::Trash)}"Clear history"</button>
        }
    });
    let dialog = admin.map(|project| {
        let text = Signal::derive(move || confirm_text(&project, &query.get()));
        view! { <TypedConfirm open title="Clear history?" text button="Clear history" action=clear/> }
    });
    view! {
        <div class="history-menu">
            <Menu id="history-menu" label=Signal::stored("History".to_owned()) class="button square">
                {ExportFormat::ALL.iter().map(|&format| download(format)).collect_view()}
                {clear_item}
            </Menu>
        </div>
        {dialog}
    }
}

/// All pages, with the filters.
fn export_url(project: ProjectId, format: ExportFormat, query: DeliveryQuery) -> String {
    let filters = DeliveryQuery { limit: None, cursor: None, ..query };
    let filters = serde_urlencoded::to_string(filters).unwrap_or_default();
    format!("/api/v1/projects/{project}/deliveries/export?format={format}&{filters}")
}

/// With a filter by webhook, only its history is deleted.
fn confirm_text(project: &Project, query: &DeliveryQuery) -> TypedConfirmText {
    let kept = "Deliveries that are still to be sent are kept. This can't be undone.";
    let id = ("project", project.id.to_string());
    match query.webhook_id {
        None => TypedConfirmText {
            consequences: vec![
                "All finished deliveries of this project are deleted, with their payloads and responses.",
                kept,
            ],
            label: format!("Type {} to confirm", project.key),
            fields: vec![id],
        },
        Some(webhook) => TypedConfirmText {
            consequences: vec![
                "All finished deliveries of the selected webhook are deleted, with their payloads and responses.",
                kept,
            ],
            label: "Type the name of the webhook to confirm".to_owned(),
            fields: vec![id, ("webhook", webhook.to_string())],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::delivery::DeliveryStatus;

    #[test]
    fn a_download_has_the_filters_and_all_pages() {
        let project = ProjectId(uuid::Uuid::from_u128(7));
        let query = DeliveryQuery {
            status: Some(DeliveryStatus::Exhausted),
            event: Some("issue.created".to_owned()),
            cursor: Some("dlv_1".to_owned()),
            limit: Some(50),
            ..DeliveryQuery::default()
        };
        let url = export_url(project, ExportFormat::Ndjson, query);
        let expected = "status=exhausted&event=issue.created";
        assert_eq!(url, format!("/api/v1/projects/{project}/deliveries/export?format=ndjson&{expected}"));
    }
}
