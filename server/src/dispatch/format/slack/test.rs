//! What is no event of the catalogue: the test that somebody sends from the webhook's card.

use super::data::Data;
use super::telling::Telling;

/// What a test tells.
pub fn tell(data: Data<'_>) -> Telling {
    Telling {
        headline: "Test from Testbell".to_owned(),
        page: data.address("link"),
        paragraphs: vec!["This is a test. The webhook works: events that it is subscribed to appear here.".to_owned()],
        ..Telling::default()
    }
}
