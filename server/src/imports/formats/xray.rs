//! The table of Xray's Test Case Importer: one row per step, with the same ID, or without one after the first row. The
//! importer lets teams name the columns as they like; these are the names of its documentation.

use app::imports::ColumnTarget;

use super::csv_cases::CsvFormat;
use super::suite_path::SuitePath;
use super::{has_all, has_any};

pub static FORMAT: CsvFormat = CsvFormat {
    is: |names| {
        has_any(names, &["tcid", "testid", "issueid", "issuekey"])
            && has_any(names, &["testsummary", "summary"])
            && (has_any(names, &["action", "stepaction", "testtype", "unstructureddefinition"])
                || has_all(names, &["step", "data"]))
    },
    own_columns: &[("issuetype", ColumnTarget::Ignore), ("component", ColumnTarget::Labels)],
    suite_path: SuitePath::Slash,
    is_exact: false,
    prepare: |table| table,
};
