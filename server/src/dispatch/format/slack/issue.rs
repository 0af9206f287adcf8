//! Issues: `issue.*`.

use super::data::Data;
use super::telling::Telling;

/// What an event of an issue tells.
pub fn tell(data: Data<'_>) -> Telling {
    let mut telling = Telling {
        title: data.called(),
        page: data.address("link"),
        tracker: data.address("url"),
        summary: data.text("status").unwrap_or_default().to_owned(),
        ..Telling::default()
    };
    telling.field("Changed", data.list("changed"));
    telling.field("Status", data.text("status"));
    telling.field("Priority", data.text("priority"));
    telling.field("Type", data.text("type"));
    telling.field("Assignee", data.text("assignee"));
    telling.field("Labels", data.list("labels"));
    telling
}
