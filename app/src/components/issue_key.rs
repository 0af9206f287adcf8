//! The key of an issue: `#12`, with the repository in a tooltip.

use leptos::prelude::*;

use crate::model::issue::short_key;

pub fn issue_key(key: String) -> impl IntoView {
    let short = short_key(&key).to_owned();
    view! { <span class="key" title=key>{short}</span> }
}
