//! The parts of Block Kit that the messages use, with Slack's limits
//! (<https://docs.slack.dev/reference/block-kit/blocks>). Sizes are in characters.

use serde::Serialize;

use crate::destinations::chat;

/// Per message.
pub const MAX_BLOCKS: usize = 50;
/// Text of a section.
pub const MAX_SECTION_CHARS: usize = 3000;
/// Per section.
pub const MAX_FIELDS: usize = 10;
/// Text of a field.
pub const MAX_FIELD_CHARS: usize = 2000;
/// Text of a header.
pub const MAX_HEADER_CHARS: usize = 150;
/// Elements of a context block.
pub const MAX_CONTEXT: usize = 10;
/// Elements of an actions block.
pub const MAX_ACTIONS: usize = 25;
/// Text of a button.
pub const MAX_BUTTON_CHARS: usize = 75;
/// URL of a button.
pub const MAX_URL_CHARS: usize = 3000;

/// The body of a request.
#[derive(Serialize)]
pub struct SlackMessage {
    /// The text for notifications and screen readers.
    pub text: String,
    /// The blocks.
    pub blocks: Vec<Block>,
    /// Blocks with a colored bar.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The linked pages require a sign-in, so there is nothing to preview.
    pub unfurl_links: bool,
    /// See `unfurl_links`.
    pub unfurl_media: bool,
}

/// Blocks with a color.
#[derive(Serialize)]
pub struct Attachment {
    /// `#rrggbb`.
    pub color: &'static str,
    /// The text where blocks can't be shown.
    pub fallback: String,
    /// The blocks.
    pub blocks: Vec<Block>,
}

/// A block.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// A headline.
    Header {
        /// Plain text.
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
    /// Small text.
    Context {
        /// The elements.
        elements: Vec<Text>,
    },
    /// Buttons.
    Actions {
        /// The buttons, from left to right.
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
    /// Plain text.
    #[serde(rename = "plain_text")]
    Plain {
        /// Not escaped.
        text: String,
    },
    /// With Slack's markup.
    #[serde(rename = "mrkdwn")]
    Mrkdwn {
        /// The escaped text.
        text: String,
        /// Whether URLs, names and channels in it stay plain text.
        verbatim: bool,
    },
}

impl Text {
    /// Slack's markup in which only explicit links are links.
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
    /// The plain label.
    pub text: Text,
    /// The URL.
    pub url: String,
    /// Unique within the message.
    pub action_id: &'static str,
}

impl From<chat::Button> for Button {
    fn from(button: chat::Button) -> Self {
        let text = Text::Plain { text: button.label.to_owned() };
        Self { kind: "button", text, url: button.url, action_id: button.id }
    }
}
