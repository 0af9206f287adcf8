//! A tooltip, shown while its element is hovered or focused. Esc hides it. The element refers to it
//! by `aria-describedby`.

use leptos::prelude::*;

/// `id` is the ID of the tooltip.
pub fn tip(id: String, explained: AnyView, words: AnyView) -> AnyView {
    let dismissed = RwSignal::new(false);
    view! {
        <span
            class="tip-host"
            class:dismissed=dismissed
            on:keydown=move |event| dismissed.set(event.key() == "Escape")
            on:focusout=move |_| dismissed.set(false)
            on:mouseleave=move |_| dismissed.set(false)
        >
            {explained}
            <span class="tip" role="tooltip" id=id>{words}</span>
        </span>
    }
    .into_any()
}
