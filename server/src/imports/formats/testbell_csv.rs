//! The table that Testbell exports. Reading it gives the same texts again, also if they look like formulas, have line
//! breaks or contain what separates the parts of a cell.

use super::csv_cases::CsvFormat;
use super::has_all;
use super::suite_path::SuitePath;

/// The name of the column by which the format is recognised.
pub const SUITE_COLUMN: &str = "Suite path";
/// The names of custom fields follow this in the names of columns.
pub const FIELD_PREFIX: &str = "Field: ";
/// Spreadsheets run cells that begin with one of these.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
/// Before a cell that would be run. Spreadsheets show the cell without it.
const TEXT_MARK: char = '\'';

pub static FORMAT: CsvFormat = CsvFormat {
    is: |names| has_all(names, &["key", "title", "suitepath", "step", "expectedresult"]),
    own_columns: &[],
    suite_path: SuitePath::Escaped,
    is_exact: true,
    prepare: |table| table,
};

/// A cell that no spreadsheet runs.
pub fn escaped_cell(text: &str) -> String {
    let is_marked = text.starts_with(TEXT_MARK) || text.starts_with(FORMULA_STARTS);
    if is_marked { format!("{TEXT_MARK}{text}") } else { text.to_owned() }
}

/// The text of such a cell.
pub fn unescaped_cell(cell: &str) -> String {
    cell.strip_prefix(TEXT_MARK).unwrap_or(cell).to_owned()
}

/// A path of suites, e.g. `Shop > Checkout`.
pub fn join_path(names: &[String]) -> String {
    let escaped: Vec<String> = names.iter().map(|name| name.replace('\\', "\\\\").replace('>', "\\>")).collect();
    escaped.join(" > ")
}

/// The names of such a path.
pub fn split_path(path: &str) -> Vec<String> {
    let (mut names, mut name, mut chars) = (Vec::new(), String::new(), path.chars());
    while let Some(char) = chars.next() {
        match char {
            '\\' => name.extend(chars.next()),
            '>' => names.push(std::mem::take(&mut name)),
            char => name.push(char),
        }
    }
    names.push(name);
    names.into_iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// A list in one cell, one item per line. One item with a comma gets a line break, so that it stays one.
pub fn join_list(items: &[String]) -> String {
    let joined = items.join("\n");
    if items.len() == 1 && joined.contains([',', ';']) { format!("{joined}\n") } else { joined }
}

/// The items of a cell: its lines, or what commas and semicolons separate on one line.
pub fn split_list(cell: &str, is_by_line: bool) -> Vec<String> {
    let lines = is_by_line || cell.contains('\n');
    let separators: &[char] = if lines { &['\n'] } else { &[',', ';'] };
    let items = cell.split(separators).map(str::trim).filter(|item| !item.is_empty());
    items.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_read_as_it_was_written() {
        for text in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝x", "'quoted'", "''", "plain", ""] {
            let cell = escaped_cell(text);
            assert!(!cell.starts_with(FORMULA_STARTS), "{cell}");
            assert_eq!(unescaped_cell(&cell), text);
        }
    }

    #[test]
    fn paths_and_lists_are_read_as_they_were_written() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for path in [&["Shop", "a > b", "iOS / Android", "back\\slash\\"][..], &["One"], &[]] {
            assert_eq!(split_path(&join_path(&names(path))), names(path));
        }
        for list in [&["smoke", "a, b"][..], &["a, b"], &["a;b"], &["one"], &[]] {
            assert_eq!(split_list(&join_list(&names(list)), false), names(list));
        }
        assert_eq!(split_list("smoke, slow;web", false), ["smoke", "slow", "web"]);
        assert_eq!(split_list("pays[a, b]", true), ["pays[a, b]"]);
    }
}
