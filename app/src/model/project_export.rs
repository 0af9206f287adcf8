//! The export of a whole project.

use super::string_enum;

string_enum! {
    /// The format of an export of a project.
    ProjectExportFormat {
        /// All testware, issues and comments, as one object.
        Json = "json", "JSON";
        /// The test cases, one row per step.
        Csv = "csv", "CSV";
    }
}
