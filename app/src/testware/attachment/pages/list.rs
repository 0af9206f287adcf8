//! The attachments of a result: links, and the choice of those to delete.

use leptos::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::testware::attachment::{Attachment, size_text};

/// Links to the attachments. Images open in a new tab, other files are downloaded.
pub fn attachment_links(attachments: Vec<Attachment>) -> Option<AnyView> {
    if attachments.is_empty() {
        return None;
    }
    let links = attachments.into_iter().map(|attachment| view! { <li>{link(attachment)}</li> }).collect_view();
    Some(view! { <ul class="attachments plain-list" aria-label="Attachments">{links}</ul> }.into_any())
}

fn link(attachment: Attachment) -> AnyView {
    let (path, size) = (attachment.content_path(), size_text(attachment.size));
    let is_image = attachment.is_image();
    let shape = if is_image { Icon::External } else { Icon::Down };
    view! {
        <a class="link" href=path rel="external noopener" target=is_image.then_some("_blank") download=(!is_image).then_some("")>
            {icon(shape)}<bdi>{attachment.name}</bdi>
        </a>
        <span class="hint">{size}</span>
    }
    .into_any()
}

/// The fields that choose attachments to delete.
pub fn deletion_fields(attachments: Vec<Attachment>) -> Option<AnyView> {
    if attachments.is_empty() {
        return None;
    }
    let fields = attachments
        .into_iter()
        .map(|attachment| {
            view! {
                <label class="choice">
                    <input type="checkbox" name="delete_attachments[]" value=attachment.id.to_string()/>
                    <span><bdi>{attachment.name}</bdi></span>
                </label>
            }
        })
        .collect_view();
    Some(view! { <fieldset class="choices"><legend>"Delete attachments"</legend>{fields}</fieldset> }.into_any())
}
