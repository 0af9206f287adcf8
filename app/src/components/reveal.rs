//! What is shown only once, with what to do with it.

use leptos::html;
use leptos::prelude::*;

use super::copy::CopyButton;

/// A text to copy and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// Such as `Secret`.
    pub label: &'static str,
    /// The text.
    pub text: String,
}

/// See the [module](self). It takes the focus when it appears; the texts leave the memory of the
/// page with it.
#[component]
pub fn Reveal(
    #[prop(into)] lead: String,
    texts: Vec<Once>,
    /// What the button says that takes it away.
    #[prop(into)]
    done: String,
    #[prop(into)] on_done: Callback<()>,
    /// What to do with it.
    #[prop(optional, into)]
    steps: Signal<Vec<String>>,
) -> impl IntoView {
    let title = match texts.len() {
        1 => "Copy this now: it is shown only once",
        _ => "Copy these now: they are shown only once",
    };
    let panel = NodeRef::<html::Section>::new();
    Effect::new(move |_| {
        if let Some(panel) = panel.get() {
            let _ = panel.focus();
        }
    });
    let texts = texts
        .into_iter()
        .map(|Once { label, text }| {
            view! {
                <div class="once">
                    <span>{label}</span>
                    <code tabindex="0">{text.clone()}</code>
                    <CopyButton text=Signal::stored(text) what=label/>
                </div>
            }
        })
        .collect_view();
    let steps = move || {
        let steps = steps.get();
        (!steps.is_empty())
            .then(|| view! { <ol>{steps.into_iter().map(|step| view! { <li>{step}</li> }).collect_view()}</ol> })
    };
    view! {
        <section class="reveal" node_ref=panel tabindex="-1" aria-label=title>
            <header>
                <h2>{title}</h2>
                <button type="button" class="button primary" on:click=move |_| on_done.run(())>{done}</button>
            </header>
            <p>{lead}</p>
            {texts}
            {steps}
        </section>
    }
}
