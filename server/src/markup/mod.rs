//! Text markup: HTML, Jira wiki markup and ADF become Markdown, and Markdown becomes safe HTML.
//! Trackers' descriptions are stored as Markdown; pages show the safe HTML.

pub mod adf;
pub mod html;
mod markdown_writer;
mod safe_html;
mod web_url;
pub mod wiki;

pub use safe_html::to_safe_html;
pub use web_url::web_url;
