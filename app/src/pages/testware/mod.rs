//! `/projects/{id}/cases`, `.../runs`, `.../sessions`: the testware. One list serves all three
//! kinds, one page runs and sessions; what differs is data, so that the browser loads it once.

mod case;
mod case_form;
mod choose;
mod deeds;
mod lines;
mod list;
mod result_form;
mod results;
mod steps;
mod words;
mod work;
mod work_form;

pub use case::Case;
pub use list::List;
pub use results::{IssueResults, of_issue};
pub use work::Work;
