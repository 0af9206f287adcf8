//! Messages for Slack's incoming webhooks
//! (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>): Block Kit, one
//! message an event.
//!
//! Every message has the same build: a header that says what happened, the thing it happened to
//! with a link to its page, its fields, who did it and when, and buttons that lead to Testbell
//! and to the tracker. Runs and sessions carry the colour of their outcome; the words say it too.
//! What people wrote is [escaped and cut](text), so that it mentions nobody and stays within
//! [Slack's limits](blocks). The `text` beside the blocks is what notifications show.
//!
//! The envelope is read leniently, as one stored by another version may lack fields: what is
//! absent is left out, and an event that is not in the catalogue is told as a test.

mod answer;
pub mod blocks;
mod case;
mod data;
mod issue;
mod telling;
mod test;
mod text;
mod work;

use app::model::catalog::{EventType, Subject};
use serde::Deserialize;
use serde_json::Value;

use data::Data;
use telling::Telling;

pub use answer::complaint;

/// The envelope, as far as a message tells of it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Envelope {
    #[serde(rename = "type")]
    event: String,
    timestamp: String,
    project: Value,
    actor: Value,
    data: Value,
}

/// The body of the request that tells an event to a channel: JSON. The same envelope gives the
/// same bytes.
#[must_use]
pub fn message(envelope: &[u8]) -> String {
    let envelope: Envelope = serde_json::from_slice(envelope).unwrap_or_default();
    let message = telling(&envelope).into_message(&envelope);
    // Strings, numbers and lists: nothing that could fail.
    serde_json::to_string(&message).unwrap_or_default()
}

fn telling(envelope: &Envelope) -> Telling {
    let data = Data(&envelope.data);
    let Ok(event) = envelope.event.parse::<EventType>() else { return test::tell(data) };
    let telling = match event.subject() {
        Subject::Case => case::tell(data),
        Subject::Issue => issue::tell(data),
        Subject::TestRun | Subject::Session => work::tell(data),
    };
    let telling = Telling { headline: headline(event), ..telling };
    if event.as_str().ends_with(".deleted") { telling.without_page() } else { telling }
}

/// "Test run state changed".
fn headline(event: EventType) -> String {
    let subject = match event.subject() {
        Subject::Case => "Test case",
        Subject::Issue => "Issue",
        Subject::TestRun => "Test run",
        Subject::Session => "Session",
    };
    let verb = event.as_str().split_once('.').map_or("", |(_, verb)| verb).replace('_', " ");
    format!("{subject} {verb}")
}

#[cfg(test)]
mod tests;
