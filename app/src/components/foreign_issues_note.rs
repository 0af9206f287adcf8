//! The number of imported issues from other repositories or projects. A webhook of an organization or
//! site sends the issues of all of them; a setting of the integration excludes them.

use leptos::prelude::*;

use super::icon::{Icon, icon};
use crate::model::id::ProjectId;
use crate::model::integration::Integration;

/// The ID of the setting in the integration's form.
pub const SWITCH_ID: &str = "field-only_from_repository";

/// The count, with a link to the setting if it is off.
pub fn foreign_issues_note(integration: &Integration, project: ProjectId) -> Option<AnyView> {
    let (count, repository) = (integration.issues_from_elsewhere, &integration.repository);
    let text = match (count, integration.only_from_repository) {
        (0, _) => return None,
        (1, true) => {
            format!("1 issue is not from {repository}. It was imported earlier, or has moved, and keeps updating.")
        }
        (_, true) => {
            format!(
                "{count} issues are not from {repository}. They were imported earlier, or have moved, and keep updating."
            )
        }
        (1, false) => format!("1 issue is not from {repository}. "),
        (_, false) => format!("{count} issues are not from {repository}. "),
    };
    let link = (!integration.only_from_repository).then(|| {
        let href = format!("/projects/{project}/settings/integration#{SWITCH_ID}");
        view! { <a class="link" href=href>{format!("Only import issues from {repository}")}</a> }
    });
    Some(view! { <p class="note idle">{icon(Icon::Info)}<span>{text}{link}</span></p> }.into_any())
}
