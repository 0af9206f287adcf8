//! Test cases: `case.*`.

use super::data::Data;
use super::telling::Telling;

/// What an event of a test case tells.
pub fn tell(data: Data<'_>) -> Telling {
    let mut telling = Telling { title: data.called(), page: data.address("link"), ..Telling::default() };
    telling.field("Changed", data.list("changed"));
    telling.field("Copied from", data.object("duplicatedFrom").map(Data::called));
    telling.field("Priority", data.text("priority"));
    telling.field("Labels", data.list("labels"));
    telling
}
