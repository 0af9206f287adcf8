//! Reads a CSV file as a table: the names of the columns, and the rows with their lines.

use csv::{ReaderBuilder, StringRecord};

use super::FileError;

const MAX_COLUMNS: usize = 200;
const MAX_NAME_CHARS: usize = 200;
/// The maximum number of cells of all rows. An empty cell takes one byte in the file and more in memory.
const MAX_CELLS: usize = 2_000_000;
/// The last ones are the least likely within the name of a column.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// A table.
pub struct Table {
    pub headers: Vec<String>,
    /// Without blank rows.
    pub rows: Vec<Row>,
}

/// A row.
pub struct Row {
    /// The line where it begins, from 1.
    pub line: u32,
    /// As many as the table has columns, or fewer.
    pub cells: Vec<String>,
    /// Whether it had more cells than the table has columns.
    pub is_cut: bool,
}

impl Row {
    /// A cell; empty if the row is shorter.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

impl Table {
    /// Reads a table whose cells are separated by commas, semicolons or tabs.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn read(text: &str) -> Result<Self, FileError> {
        // The line with which spreadsheets say the separator.
        let declared = text.get(..4).filter(|line| line.eq_ignore_ascii_case("sep=")).is_some();
        let (table, skipped) = match text.split_once('\n').filter(|_| declared) {
            Some((_, rest)) => (rest, 1),
            None => (text, 0),
        };
        let separator = separator(table);
        if let Some(line) = open_quote(table, separator) {
            return Err(FileError::OpenQuote { line: line.saturating_add(skipped) });
        }
        let mut reader =
            ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(table.as_bytes());
        let (mut record, mut headers, mut rows) = (StringRecord::new(), None::<Vec<String>>, Vec::new());
        let (mut cells, mut lines) = (0_usize, LineCounter { text: table.as_bytes(), position: 0, line: 1 });
        // The reader fails only for text that is not UTF-8.
        while reader.read_record(&mut record).map_err(|_| FileError::NotText)? {
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let Some(headers) = &headers else {
                headers = Some(header_names(&record)?);
                continue;
            };
            let start = record.position().map_or(0, csv::Position::byte);
            let line = lines.at(usize::try_from(start).unwrap_or(usize::MAX)).saturating_add(skipped);
            let kept: Vec<String> = record.iter().take(headers.len()).map(str::to_owned).collect();
            cells = cells.saturating_add(kept.len());
            if cells > MAX_CELLS {
                return Err(FileError::TooManyCells);
            }
            let is_cut = record.iter().skip(headers.len()).any(|cell| !cell.trim().is_empty());
            rows.push(Row { line: u32::try_from(line).unwrap_or(u32::MAX), cells: kept, is_cut });
        }
        let headers = headers.ok_or(FileError::Empty)?;
        if rows.is_empty() { Err(FileError::NoCases) } else { Ok(Self { headers, rows }) }
    }
}

/// Counts lines up to the start of a row. The line of the reader is one too low after `\r\n`.
struct LineCounter<'t> {
    text: &'t [u8],
    position: usize,
    line: usize,
}

impl LineCounter<'_> {
    /// The line of the row that begins here, or after the line breaks that follow.
    fn at(&mut self, start: usize) -> usize {
        while let Some(byte) = self.text.get(self.position) {
            if self.position >= start && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.line += usize::from(*byte == b'\n');
            self.position += 1;
        }
        self.line
    }
}

fn header_names(record: &StringRecord) -> Result<Vec<String>, FileError> {
    let names: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
    let is_long = |name: &String| name.chars().nth(MAX_NAME_CHARS).is_some();
    if names.len() > MAX_COLUMNS || names.iter().any(is_long) { Err(FileError::InvalidHeader) } else { Ok(names) }
}

/// The separator that occurs most often in the first line.
fn separator(text: &str) -> u8 {
    let (mut counts, mut is_quoted) = ([0_usize; SEPARATORS.len()], false);
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => {
                for (count, separator) in counts.iter_mut().zip(SEPARATORS) {
                    *count += usize::from(byte == separator);
                }
            }
        }
    }
    let found = SEPARATORS.into_iter().zip(counts).filter(|(_, count)| *count > 0);
    // Of two that occur as often, the last.
    found.max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| separator)
}

/// The line of a quote that the file doesn't close. Everything after it would be one cell.
fn open_quote(text: &str, separator: u8) -> Option<usize> {
    #[derive(PartialEq)]
    enum At {
        CellStart,
        Plain,
        Quoted,
        /// After a quote in a quoted cell: its end, or the first of two.
        Quote,
    }
    let (mut at, mut line, mut opened) = (At::CellStart, 1_usize, 1_usize);
    for byte in text.bytes() {
        let ends_cell = byte == separator || byte == b'\n' || byte == b'\r';
        at = match at {
            At::Quoted if byte == b'"' => At::Quote,
            At::Quoted => At::Quoted,
            At::Quote if byte == b'"' => At::Quoted,
            At::CellStart if byte == b'"' => {
                opened = line;
                At::Quoted
            }
            _ if ends_cell => At::CellStart,
            _ => At::Plain,
        };
        line += usize::from(byte == b'\n');
    }
    (at == At::Quoted).then_some(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(u32, Vec<String>)> {
        Table::read(text).unwrap().rows.into_iter().map(|row| (row.line, row.cells)).collect()
    }

    #[test]
    fn the_separator_is_found_outside_of_quotes() {
        for text in ["a,\"b;;;\"\n1,2\n", "a;\"b,,,\"\n1;2\n", "a\tb,c;\n1\t2\n", "sep=;\na;b\n1;2\n"] {
            let table = Table::read(text).unwrap();
            assert_eq!(table.headers.len(), 2, "{text}");
            assert_eq!(table.rows[0].cells, ["1", "2"], "{text}");
        }
    }

    #[test]
    fn a_quoted_cell_can_have_several_lines() {
        let text = "a,b\r\n\r\n\"one\r\ntwo \"\"three\"\"\",x\r\n,,\r\nlast,y,too much\r\n";
        assert_eq!(
            cells(text),
            [(3, vec!["one\r\ntwo \"three\"".into(), "x".into()]), (6, vec!["last".into(), "y".into()])]
        );
        assert!(Table::read(text).unwrap().rows[1].is_cut);
    }

    #[test]
    fn a_broken_table_is_refused() {
        assert_eq!(Table::read("a,b\n1,\"open\n2,3\n").err(), Some(FileError::OpenQuote { line: 2 }));
        assert_eq!(Table::read("a,b\n").err(), Some(FileError::NoCases));
        let wide = "a,".repeat(MAX_COLUMNS + 1);
        assert_eq!(Table::read(&format!("{wide}\n1\n")).err(), Some(FileError::InvalidHeader));
        let many = format!("{}\n{}", ",a".repeat(99), format!("x{}\n", ",".repeat(98)).repeat(MAX_CELLS / 99 + 1));
        assert_eq!(Table::read(&many).err(), Some(FileError::TooManyCells));
    }
}
