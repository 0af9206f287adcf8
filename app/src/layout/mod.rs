//! What stands around the pages: the frame with its navigation, and the project that is shown.

mod frame;
mod nav;
mod project;
mod uncopied;

pub use frame::Frame;
pub use project::{ProjectScope, Scope, as_admin, use_project};
pub use uncopied::Uncopied;
