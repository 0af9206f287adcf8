//! The CSV export of Testmo. Steps are in rows of their own or in one cell, by the options of the export.

use super::csv_cases::CsvFormat;
use super::suite_path::SuitePath;
use super::{has_all, has_any};

pub static FORMAT: CsvFormat = CsvFormat {
    is: |names| has_all(names, &["caseid", "case"]) && has_any(names, &["folder", "template", "folderid"]),
    own_columns: &[],
    suite_path: SuitePath::Either,
    is_exact: false,
    prepare: |table| table,
};
