//! Block Kit, as much of it as the messages use, with Slack's limits
//! (<https://docs.slack.dev/reference/block-kit/blocks>). Sizes are in characters.

use serde::Serialize;

/// Of a message.
pub const BLOCKS_MAX: usize = 50;
/// Text of a section.
pub const SECTION_MAX: usize = 3000;
/// Fields of a section.
pub const FIELDS_MAX: usize = 10;
/// Text of a field.
pub const FIELD_MAX: usize = 2000;
/// Text of a header.
pub const HEADER_MAX: usize = 150;
/// Elements of a context.
pub const CONTEXT_MAX: usize = 10;
/// Elements of a row of buttons.
pub const ACTIONS_MAX: usize = 25;
/// Text of a button.
pub const BUTTON_MAX: usize = 75;
/// Address behind a button.
pub const URL_MAX: usize = 3000;

/// The body of a request.
#[derive(Serialize)]
pub struct Message {
    /// What notifications and screen readers get.
    pub text: String,
    /// What is shown.
    pub blocks: Vec<Block>,
    /// What is shown beside a bar of colour.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The pages behind the links ask for a sign-in: there is nothing to preview.
    pub unfurl_links: bool,
    /// See `unfurl_links`.
    pub unfurl_media: bool,
}

/// Blocks with a colour.
#[derive(Serialize)]
pub struct Attachment {
    /// `#rrggbb`.
    pub color: &'static str,
    /// What is shown where blocks can't be.
    pub fallback: String,
    /// What is shown.
    pub blocks: Vec<Block>,
}

/// A block.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// A headline.
    Header {
        /// Plain.
        text: Text,
    },
    /// A paragraph, or fields in two columns.
    Section {
        /// The paragraph.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Text>,
        /// The fields.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        fields: Vec<Text>,
    },
    /// Small print.
    Context {
        /// One after the other.
        elements: Vec<Text>,
    },
    /// Buttons.
    Actions {
        /// From left to right.
        elements: Vec<Button>,
    },
}

impl Block {
    /// A paragraph of `mrkdwn`.
    #[must_use]
    pub fn paragraph(text: String) -> Self {
        Self::Section { text: Some(Text::mrkdwn(text)), fields: Vec::new() }
    }
}

/// A text object.
#[derive(Serialize)]
#[serde(tag = "type")]
pub enum Text {
    /// Shown as it is.
    #[serde(rename = "plain_text")]
    Plain {
        /// Not escaped.
        text: String,
    },
    /// With Slack's markup.
    #[serde(rename = "mrkdwn")]
    Mrkdwn {
        /// Escaped.
        text: String,
        /// Addresses, names and channels in it are not looked for.
        verbatim: bool,
    },
}

impl Text {
    /// Markup in which only explicit links are links.
    #[must_use]
    pub fn mrkdwn(text: String) -> Self {
        Self::Mrkdwn { text, verbatim: true }
    }
}

/// A button that opens a page.
#[derive(Serialize)]
pub struct Button {
    /// `button`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Plain.
    pub text: Text,
    /// The page.
    pub url: String,
    /// Tells the buttons of a message apart.
    pub action_id: &'static str,
}

impl Button {
    /// A button.
    #[must_use]
    pub fn new(action_id: &'static str, label: &str, url: String) -> Self {
        Self { kind: "button", text: Text::Plain { text: label.to_owned() }, url, action_id }
    }
}
