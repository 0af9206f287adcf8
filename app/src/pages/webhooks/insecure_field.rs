//! Allows insecure connections, with a warning before it is saved.

use leptos::prelude::*;

use crate::components::dynamic::{ShowWhen, dynamic};
use crate::components::field::FieldError;
use crate::components::icon::{Icon, icon};
use crate::error::Error;
use crate::model::destination::DestinationKind;

/// The checkbox, for the kinds that support it. A kind that is not known yet may be one of them.
pub fn insecure_field(
    url: Signal<String>,
    kind: Signal<Option<DestinationKind>>,
    initial: bool,
    error: Signal<Option<Error>>,
) -> AnyView {
    let allowed = RwSignal::new(initial);
    let is_supported = move || kind.get().is_none_or(|kind| kind.spec().allows_insecure);
    let is_http = Memo::new(move |_| url.with(|url| is_http(url)));
    let warning = move || {
        let problem = match (is_http.get(), allowed.get()) {
            (true, _) => "This URL isn't encrypted.",
            (false, true) => "The endpoint's certificate isn't verified.",
            (false, false) => return None,
        };
        Some(view! {
            <p class="note warn">
                {icon(Icon::Warning)}
                <span><b>{problem}</b>" Others on the network can read and change what is sent."</span>
            </p>
        })
    };
    view! {
        <ShowWhen when=is_supported>
            <div role="status">{dynamic(warning)}</div>
            <label class="choice">
                <input
                    type="checkbox"
                    name="connection[allow_insecure]"
                    value="true"
                    checked=allowed.get_untracked()
                    on:change=move |event| allowed.set(event_target_checked(&event))
                />
                <span>"Allow insecure connections"<span class="hint">"http, and certificates that are self-signed or expired"</span></span>
            </label>
        </ShowWhen>
        <FieldError name="allowInsecure" error/>
    }
    .into_any()
}

fn is_http(url: &str) -> bool {
    url.trim_start().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_urls_are_recognized() {
        assert!(is_http("http://example.com") && is_http(" HTTP://x"));
        assert!(!is_http("https://example.com") && !is_http("") && !is_http("ä http://"));
    }
}
