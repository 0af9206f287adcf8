//! How many issues belong to another repository or project than the integration's. A webhook of a
//! whole organisation or site sends them all, unless the integration's switch keeps them out.

use leptos::prelude::*;

use super::icon::{Icon, icon};
use crate::model::id::ProjectId;
use crate::model::integration::Integration;

/// The id of the switch in the integration's form.
pub const SWITCH_ID: &str = "field-only_from_repository";

/// The count, with the way to the switch as long as it is off.
pub fn elsewhere_note(integration: &Integration, project: ProjectId) -> Option<AnyView> {
    let (count, repository) = (integration.issues_from_elsewhere, &integration.repository);
    let text = match (count, integration.only_from_repository) {
        (0, _) => return None,
        (1, true) => {
            "1 issue belongs elsewhere. It was imported before, or has moved, and is still updated.".to_owned()
        }
        (_, true) => {
            format!("{count} issues belong elsewhere. They were imported before, or have moved, and are still updated.")
        }
        (1, false) => format!("1 issue came from elsewhere than {repository}. "),
        (_, false) => format!("{count} issues came from elsewhere than {repository}. "),
    };
    let link = (!integration.only_from_repository).then(|| {
        let href = format!("/projects/{project}/settings/integration#{SWITCH_ID}");
        view! { <a class="link" href=href>{format!("Only import issues from {repository}")}</a> }
    });
    Some(view! { <p class="note idle">{icon(Icon::Info)}<span>{text}{link}</span></p> }.into_any())
}
