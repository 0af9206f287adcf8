//! Words that show while what they explain is hovered or has the focus; Esc takes them away. The
//! explained element names them in its `aria-describedby`.

use leptos::prelude::*;

/// See the [module](self). `id` is the one of the words.
pub fn tip(id: String, explained: AnyView, words: AnyView) -> AnyView {
    let away = RwSignal::new(false);
    view! {
        <span
            class="tip-host"
            class:away=away
            on:keydown=move |event| away.set(event.key() == "Escape")
            on:focusout=move |_| away.set(false)
            on:mouseleave=move |_| away.set(false)
        >
            {explained}
            <span class="tip" role="tooltip" id=id>{words}</span>
        </span>
    }
    .into_any()
}
