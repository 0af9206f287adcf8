//! How a cell names a suite within others.

use super::testbell_csv::split_path;

/// Between the names of a path that a format has put together. It can't be in a cell that people see.
pub const PATH_UNIT: char = '\u{1f}';

/// What is between the names of a path.
#[derive(Clone, Copy)]
pub enum SuitePath {
    /// `>`, or `/` if there is no `>`.
    Either,
    /// `/`.
    Slash,
    /// `>`, with `\` before a character that means itself.
    Escaped,
    /// [`PATH_UNIT`].
    Unit,
}

impl SuitePath {
    /// The names of a path, the outermost first.
    pub fn split(self, cell: &str) -> Vec<String> {
        let by = |separator: char| {
            let names = cell.split(separator).map(str::trim).filter(|name| !name.is_empty());
            names.map(str::to_owned).collect()
        };
        match self {
            Self::Either if cell.contains('>') => by('>'),
            Self::Either | Self::Slash => by('/'),
            Self::Escaped => split_path(cell),
            Self::Unit => by(PATH_UNIT),
        }
    }
}
