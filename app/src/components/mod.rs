//! What pages are put together from. Components take values and signals and fetch nothing; only
//! the issue's badge reads its issue, wherever it stands.
#![allow(missing_docs, reason = "the macro makes a struct of each component's properties")]

pub mod badge;
pub mod confirm;
pub mod copy;
pub mod dialog;
pub mod drawer;
pub mod empty;
pub mod failure;
pub mod field;
pub mod filters;
pub mod icon;
pub mod issue_badge;
pub mod live_dot;
pub mod pager;
pub mod progress;
pub mod ready;
pub mod reveal;
pub mod skeleton;
pub mod tabs;
pub mod task;
pub mod theme;
pub mod tip;
pub mod toast;
pub mod when;
