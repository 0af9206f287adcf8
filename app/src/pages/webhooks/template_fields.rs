//! The template of a webhook's body, with a preview that follows what is typed.

use leptos::prelude::*;

use crate::api::webhook_content::read_template_preview;
use crate::components::dynamic::dynamic;
use crate::components::field::{FieldError, SelectField};
use crate::components::icon::{Icon, icon};
use crate::components::raw_text::textarea_html;
use crate::error::Error;
use crate::model::body_template::{BodyTemplate, PreviewTemplate, TemplateContentType};
use crate::model::catalog::{EventType, Subscription};
use crate::model::delivery::TEST_EVENT;
use crate::model::id::ProjectId;

/// How long typing has to pause before the preview is rendered.
const PREVIEW_DELAY_MS: u32 = 300;

/// What is shown under the template.
#[derive(Clone, Default, PartialEq)]
enum Preview {
    /// Nothing yet.
    #[default]
    None,
    Body(String),
    Error(String),
}

/// What a preview depends on.
#[derive(Clone, Copy)]
struct Edited {
    project: Signal<Option<ProjectId>>,
    text: RwSignal<String>,
    content_type: RwSignal<TemplateContentType>,
    event: RwSignal<Option<EventType>>,
    /// The number of changes, to drop previews that are outdated.
    changes: StoredValue<u32>,
    shown: RwSignal<Preview>,
}

impl Edited {
    /// Renders the preview once typing pauses.
    fn refresh(self) {
        self.changes.update_value(|changes| *changes = changes.wrapping_add(1));
        let change = self.changes.get_value();
        leptos::task::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(PREVIEW_DELAY_MS).await;
            let is_latest = move || self.changes.try_get_value() == Some(change);
            let Some(text) = self.text.try_get_untracked().filter(|_| is_latest()) else { return };
            let preview = if text.trim().is_empty() { Preview::None } else { self.render(text).await };
            if is_latest() {
                let _ = self.shown.try_set(preview);
            }
        });
    }

    async fn render(self, text: String) -> Preview {
        let Some(project) = self.project.get_untracked() else { return Preview::None };
        let template = BodyTemplate { text, content_type: self.content_type.get_untracked() };
        let preview = PreviewTemplate { template, event: self.event.get_untracked() };
        match read_template_preview(project, preview).await {
            Ok(preview) => Preview::Body(preview.body),
            Err(error) => {
                Preview::Error(error.of_field("bodyTemplate").map_or_else(|| error.to_string(), str::to_owned))
            }
        }
    }
}

/// The fields. They are closed at first unless there is a template.
///
/// They are previewed by an admin of `project`, and can't be without one.
pub fn template_fields(
    project: Signal<Option<ProjectId>>,
    stored: Option<BodyTemplate>,
    events: Signal<Vec<Subscription>>,
    error: Signal<Option<Error>>,
) -> AnyView {
    let is_open = stored.is_some();
    let stored = stored.unwrap_or(BodyTemplate { text: String::new(), content_type: TemplateContentType::Json });
    let initial = textarea_html(&stored.text);
    let edited = Edited {
        project,
        text: RwSignal::new(stored.text),
        content_type: RwSignal::new(stored.content_type),
        event: RwSignal::new(None),
        changes: StoredValue::new(0),
        shown: RwSignal::new(Preview::default()),
    };
    let types = TemplateContentType::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.label().to_owned()));
    let select_type = move |event| {
        edited.content_type.set(event_target_value(&event).parse().unwrap_or(TemplateContentType::Json));
        edited.refresh();
    };
    let select_event = move |event| {
        edited.event.set(event_target_value(&event).parse().ok());
        edited.refresh();
    };
    let subscribed = move || {
        let events = events.get();
        let includes = |event: &&EventType| events.iter().any(|entry| entry.matches(**event));
        let names: Vec<_> = EventType::ALL.iter().filter(includes).map(|event| event.as_str()).collect();
        // The first one is selected, as the browser does.
        edited.event.set(names.first().and_then(|name| name.parse().ok()));
        names.into_iter().chain([TEST_EVENT]).map(|name| view! { <option value=name>{name}</option> }).collect_view()
    };
    let invalid = move || matches!(&*edited.shown.read(), Preview::Error(_)).then_some("true");
    view! {
        <details class="disclosure" open=is_open on:toggle=move |_| edited.refresh()>
            <summary>{icon(Icon::ChevronDown)}"Custom body"</summary>
            <input type="hidden" name="template[has_template]" value="true"/>
            <div on:change=select_type>
                <SelectField name="template[content_type]" label="Content type" options=types.collect() value=stored.content_type.as_str()/>
            </div>
            <p class="hint">{dynamic(move || edited.content_type.get().hint())}</p>
            <div class="field">
                <label for="body-template">"Template"</label>
                <textarea
                    id="body-template"
                    name="template[text]"
                    class="mono"
                    rows="8"
                    spellcheck="false"
                    aria-describedby="body-template-hint body-template-result"
                    aria-invalid=invalid
                    on:input=move |event| { edited.text.set(event_target_value(&event)); edited.refresh(); }
                    inner_html=initial
                ></textarea>
                <p class="hint" id="body-template-hint">"Jinja syntax, with all fields of the event. Leave it blank to send the event as it is."</p>
            </div>
            <FieldError name="bodyTemplate" error/>
            <div class="field">
                <label for="preview-event">"Preview with"</label>
                <select id="preview-event" on:change=select_event>{dynamic(subscribed)}</select>
            </div>
            <div id="body-template-result" role="status">{dynamic(move || shown(edited.shown.get()))}</div>
        </details>
    }
    .into_any()
}

fn shown(preview: Preview) -> AnyView {
    match preview {
        Preview::None => ().into_any(),
        Preview::Body(body) => {
            view! { <pre class="wrap" tabindex="0" role="region" aria-label="Preview">{body}</pre> }.into_any()
        }
        Preview::Error(why) => view! { <p class="bad-text">{icon(Icon::Warning)}<span>{why}</span></p> }.into_any(),
    }
}
