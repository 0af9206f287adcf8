//! The filter by the digest that covers the deliveries. It comes from a link, and can only be removed.

use leptos::prelude::*;

use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::icon::{Icon, icon};
use crate::url_state::use_url_state;

/// The chip, if the URL has the filter. A click removes it.
pub fn digest_chip() -> AnyView {
    let url_state = use_url_state();
    let digest = Memo::new(move |_| url_state.param("digest"));
    let without = move || url_state.with(&[("digest", None), ("cursor", None), ("delivery", None)]);
    let chip = move || {
        digest.get().map(|digest| {
            view! {
                // Without JavaScript, the form sends it again.
                <input type="hidden" name="digest" value=digest/>
                <a class="chip on" href=dynamic_value(without) data-noscroll="" aria-label="Remove filter: Events of a digest">
                    "Events of a digest"{icon(Icon::Cross)}
                </a>
            }
        })
    };
    dynamic(chip).into_any()
}
