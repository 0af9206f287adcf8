//! A dialog for secrets that are shown only once.

use leptos::prelude::*;

use super::copy::CopyButton;
use super::dialog::Dialog;
use super::dynamic::dynamic;
use super::icon::{Icon, icon};

/// A secret with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeSecret {
    /// E.g. `Secret`.
    pub label: &'static str,
    /// The text.
    pub text: String,
}

/// Only its button closes it. Its secrets leave the memory with it.
#[component]
pub fn Reveal(
    /// E.g. "Secret of CI".
    #[prop(into)]
    title: String,
    #[prop(into)] lead: String,
    texts: Vec<OneTimeSecret>,
    #[prop(into)] on_done: Callback<()>,
    /// The instructions.
    #[prop(optional, into)]
    steps: Signal<Vec<String>>,
) -> impl IntoView {
    let copy = match &*texts {
        [only] => (format!("Copy the {} now.", lower_first(only.label)), " You won't see it again."),
        _ => ("Copy these now.".to_owned(), " You won't see them again."),
    };
    let steps = move || {
        let steps = steps.get();
        (!steps.is_empty())
            .then(|| view! { <ol>{steps.into_iter().map(|step| view! { <li>{step}</li> }).collect_view()}</ol> })
    };
    view! {
        <Dialog open=true title on_close=|()| () wide=true locked=true>
            <div class="reveal">
                <p class="note warn">{icon(Icon::Key)}<span><b>{copy.0.clone()}</b>{copy.1}</span></p>
                {texts.iter().cloned().map(copy_box).collect_view()}
                <p class="hint">{lead.clone()}</p>
                {dynamic(steps)}
            </div>
            <div class="actions">
                <button type="button" class="button primary" on:click=move |_| on_done.run(())>"Done"</button>
            </div>
        </Dialog>
    }
}

fn copy_box(OneTimeSecret { label, text }: OneTimeSecret) -> impl IntoView {
    view! {
        <div class="copy-box">
            <span>{label}</span>
            <code tabindex="0">{text.clone()}</code>
            <CopyButton text=Signal::stored(text) what=label/>
        </div>
    }
}

/// `payload URL` for "Payload URL".
fn lower_first(label: &str) -> String {
    let mut chars = label.chars();
    chars.next().map(|first| std::iter::once(first.to_ascii_lowercase()).chain(chars).collect()).unwrap_or_default()
}
