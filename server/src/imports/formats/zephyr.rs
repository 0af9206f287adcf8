//! The tables of Zephyr Scale and Zephyr Squad: one row per step, and the fields of a case in its first row only.

use app::imports::ColumnTarget;

use super::csv_cases::CsvFormat;
use super::suite_path::SuitePath;
use super::{has_all, has_any};

pub static FORMAT: CsvFormat = CsvFormat {
    is: |names| {
        let scale = ["testscriptstepbystepstep", "testscriptplaintext", "testscriptbdd"];
        let squad = has_all(names, &["testdata"]) && has_any(names, &["teststep", "teststeps", "step", "steps"]);
        has_any(names, &scale) || (squad && has_any(names, &["externalid", "testcasename", "name", "summary"]))
    },
    own_columns: &[("component", ColumnTarget::Labels), ("components", ColumnTarget::Labels)],
    suite_path: SuitePath::Slash,
    is_exact: false,
    prepare: |table| table,
};
