//! The frame around the pages, the navigation, and the current project.

mod account_menu;
mod current_actor;
mod frame;
mod nav;
mod nav_counts;
mod pause_banner;
mod pending_secrets;
mod project;
mod search;
mod switcher;

pub use current_actor::use_current_actor;
pub use frame::Frame;
pub use pending_secrets::PendingSecrets;
pub use project::{ProjectOutlet, ProjectScope, as_admin, use_project};
pub use search::SearchDialog;
