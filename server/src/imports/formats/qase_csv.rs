//! The CSV export of Qase: one row per case with its steps as numbered lists, and rows of suites. A suite names the one
//! above by its ID.

use std::collections::HashMap;

use super::columns::normalized;
use super::csv_cases::CsvFormat;
use super::csv_table::Table;
use super::has_all;
use super::suite_path::{PATH_UNIT, SuitePath};

/// Further suites above one are not read: its IDs may go round in a circle.
const MAX_DEPTH: usize = 20;

pub static FORMAT: CsvFormat = CsvFormat {
    is: |names| has_all(names, &["title", "suiteid", "stepsactions"]),
    own_columns: &[],
    suite_path: SuitePath::Unit,
    is_exact: false,
    prepare: with_paths,
};

/// Puts the path of the suite into each case's row, and removes the rows of suites.
fn with_paths(mut table: Table) -> Table {
    let find = |name: &str| table.headers.iter().position(|header| normalized(header) == name);
    let Some((suite, id)) = find("suite").zip(find("suiteid")) else { return table };
    let (parent, without_cases) = (find("suiteparentid"), find("suitewithoutcases"));
    let mut suites: HashMap<String, (String, String)> = HashMap::new();
    for row in &table.rows {
        let above = parent.map_or("", |parent| row.cell(parent)).trim();
        let name = row.cell(suite).trim();
        if !row.cell(id).trim().is_empty() && !name.is_empty() {
            let entry = suites.entry(row.cell(id).trim().to_owned()).or_default();
            entry.0 = name.to_owned();
            // The rows of cases may leave it out.
            if !above.is_empty() {
                entry.1 = above.to_owned();
            }
        }
    }
    if let Some(without_cases) = without_cases {
        table.rows.retain(|row| row.cell(without_cases).trim() != "1");
    }
    for row in &mut table.rows {
        let mut next = row.cell(id).trim().to_owned();
        let mut path = Vec::new();
        while let Some((name, above)) = suites.get(&next).filter(|_| path.len() < MAX_DEPTH) {
            path.push(name.as_str());
            next.clone_from(above);
        }
        path.reverse();
        let path = path.join(&PATH_UNIT.to_string());
        if let Some(cell) = row.cells.get_mut(suite).filter(|_| !path.is_empty()) {
            *cell = path;
        }
    }
    table
}
