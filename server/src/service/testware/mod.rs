//! Testware: cases, runs and sessions, with their results. The members of a project work on it;
//! each of its subjects has its own files for the fields, the search, the events and the rules.

mod case_events;
mod case_fields;
mod case_search;
mod cases;
mod key;
mod result_fields;
mod result_view;
mod results;
mod run_cases;
mod run_events;
mod runs;
mod session_events;
mod sessions;
mod work_event;
mod work_fields;
mod work_search;
