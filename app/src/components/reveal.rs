//! A panel for secrets that are shown only once.

use leptos::html;
use leptos::prelude::*;

use super::copy::CopyButton;
use super::dynamic::dynamic;

/// A secret with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeSecret {
    /// E.g. `Secret`.
    pub label: &'static str,
    /// The text.
    pub text: String,
}

/// Takes the focus when it appears. Its secrets leave the memory with the page.
#[component]
pub fn Reveal(
    #[prop(into)] lead: String,
    texts: Vec<OneTimeSecret>,
    /// The label of the button that closes the panel.
    #[prop(into)]
    done: String,
    #[prop(into)] on_done: Callback<()>,
    /// The instructions.
    #[prop(optional, into)]
    steps: Signal<Vec<String>>,
) -> impl IntoView {
    let title = match &*texts {
        [only] => format!("Copy the {} now. You won't see it again.", lower_first(only.label)),
        _ => "Copy these now. You won't see them again.".to_owned(),
    };
    let panel = NodeRef::<html::Section>::new();
    Effect::new(move |_| {
        if let Some(panel) = panel.get() {
            let _ = panel.focus();
        }
    });
    let texts = texts
        .into_iter()
        .map(|OneTimeSecret { label, text }| {
            view! {
                <div class="copy-box">
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
                <h2>{title.clone()}</h2>
                <button type="button" class="button primary" on:click=move |_| on_done.run(())>{done}</button>
            </header>
            <p>{lead}</p>
            {texts}
            {dynamic(steps)}
        </section>
    }
}

/// `payload URL` for "Payload URL".
fn lower_first(label: &str) -> String {
    let mut chars = label.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
