//! The template of the body that a generic endpoint gets instead of the envelope. The server renders it
//! (`destinations::template`).

use serde::{Deserialize, Serialize};

use super::catalog::EventType;
use super::string_enum;

/// The maximum size of a template: 16 KiB.
pub const MAX_TEMPLATE_BYTES: usize = 16 * 1024;
/// The maximum size of a rendered body: 64 KiB.
pub const MAX_RENDERED_BYTES: usize = 64 * 1024;
/// The work that one rendering may take. A step of a template, or 64 bytes that it makes or reads, take one.
pub const MAX_TEMPLATE_FUEL: u64 = 20_000;

string_enum! {
    /// The content type of a body from a template. It also decides how values are escaped.
    TemplateContentType {
        /// Values are written as JSON, texts with their quotes. The body must be valid JSON.
        Json = "application/json", "application/json";
        /// Values are percent-encoded.
        Form = "application/x-www-form-urlencoded", "application/x-www-form-urlencoded";
        /// Values are escaped for XML.
        Xml = "application/xml", "application/xml";
        /// Values are not escaped.
        Text = "text/plain", "text/plain";
    }
}

impl TemplateContentType {
    /// The value of the header.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::Json | Self::Form => self.as_str(),
            Self::Xml => "application/xml; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    /// How values are escaped, for users.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Json => {
                "Values are written as JSON, with quotes: {\"text\": {{ \"Run \" ~ data.name }}}. The result must be valid JSON."
            }
            Self::Form => "Values are percent-encoded: name={{ data.name }}.",
            Self::Xml => "Values are escaped for XML.",
            Self::Text => "Values are not escaped.",
        }
    }
}

/// A template in the syntax of Jinja. It can read all fields of the envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema, sea_orm::FromJsonQueryResult))]
#[serde(rename_all = "camelCase")]
pub struct BodyTemplate {
    /// The template, at most 16 KiB. An empty one stands for none: the envelope is sent.
    pub text: String,
    /// The content type.
    #[serde(default = "json")]
    pub content_type: TemplateContentType,
}

const fn json() -> TemplateContentType {
    TemplateContentType::Json
}

/// Renders a template without saving it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PreviewTemplate {
    /// The template.
    pub template: BodyTemplate,
    /// The event whose sample is rendered. By default the test event, `webhook.test`.
    #[serde(default)]
    pub event: Option<EventType>,
}

/// A rendered template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TemplatePreview {
    /// The body that would be sent.
    pub body: String,
}

/// A template as the fields of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateForm {
    /// Whether the form has the fields. Without them, the template doesn't change.
    pub has_template: bool,
    /// See [`BodyTemplate::text`].
    pub text: String,
    /// See [`BodyTemplate::content_type`].
    pub content_type: String,
}

#[cfg(feature = "ssr")]
impl TemplateForm {
    /// The template; `None` if it doesn't change.
    #[must_use]
    pub fn into_template(self) -> Option<BodyTemplate> {
        self.has_template.then(|| BodyTemplate {
            text: self.text.replace("\r\n", "\n"),
            content_type: self.content_type.parse().unwrap_or(TemplateContentType::Json),
        })
    }
}
