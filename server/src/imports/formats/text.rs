//! Decodes files to text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

use super::FileError;

/// The text of a file without byte order mark. Spreadsheets write UTF-16 with such a mark; everything else is UTF-8.
///
/// # Errors
/// [`FileError::NotText`]: other encodings would be guesses, and wrong letters in thousands of cases.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, FileError> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let (text, malformed) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
    if malformed || text.contains('\0') {
        return Err(FileError::NotText);
    }
    Ok(text)
}
