//! The components of the pages. They take values and signals and fetch nothing, except the issue
//! badge, which reads its issue, and forms, which call their server function.
#![allow(missing_docs, reason = "the macro makes a struct of each component's properties")]

pub mod async_action;
pub mod badge;
pub mod confirm;
pub mod copy;
pub mod details_menu;
pub mod dialog;
pub mod drawer;
pub mod dynamic;
pub mod empty;
pub mod failure;
pub mod field;
pub mod filters;
pub mod focus;
pub mod foreign_issues_note;
pub mod hovered_row;
pub mod hydration;
pub mod icon;
pub mod issue_badge;
pub mod issue_key;
pub mod item_head;
pub mod label_links;
pub mod lazy_part;
pub mod live_dot;
pub mod live_table;
pub mod menu;
pub mod menu_keys;
pub mod number;
pub mod page_action;
pub mod page_form;
pub mod pager;
pub mod progress;
pub mod prose;
pub mod raw_text;
pub mod refused_note;
pub mod relative_time;
pub mod reveal;
pub mod skeleton;
pub mod spark;
pub mod tab_list;
pub mod table;
pub mod tabs;
pub mod theme;
pub mod tip;
pub mod toast;
