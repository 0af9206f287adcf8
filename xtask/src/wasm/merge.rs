//! Merges WASM files of the splitter with binaryen's `wasm-merge`.
//!
//! All files import the memory, the table and globals of the main module. `wasm-merge` would keep these
//! imports apart, as several memories. So a module in between imports each once, and exports it to
//! the files.

use crate::{node, process};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The module that the files of the splitter import from.
const MAIN_MODULE: &str = "__wasm_split";
/// Its name while files are merged. It has the same length, because it is replaced in the result.
const PLACEHOLDER: &str = "__wasm_splix";

/// The custom section with the features of WASM that a module uses.
const FEATURES: &str = "target_features";

const CUSTOM_SECTION: u8 = 0;
const IMPORT_SECTION: u8 = 2;
const EXPORT_SECTION: u8 = 7;
const TABLE: u8 = 1;
const MEMORY: u8 = 2;
const GLOBAL: u8 = 3;

/// Writes `target` from the files, and deletes them.
pub fn files(sources: &[PathBuf], target: &Path) -> Result<()> {
    if let [source] = sources {
        if source != target {
            fs::rename(source, target)?;
        }
        return Ok(());
    }
    let (mut imports, mut features) = (Imports::new(), Vec::new());
    for source in sources {
        let wasm = fs::read(source)?;
        let of_source = read(&wasm).with_context(|| source.display().to_string())?;
        imports.extend(of_source.0);
        features = of_source.1;
    }
    let hub = target.with_extension("hub");
    fs::write(&hub, hub_module(&imports, &features))?;
    let merged = target.with_extension("merged");
    let mut command = Command::new("node");
    command.arg(node::binaryen()?.join("wasm-merge")).arg(&hub).arg(MAIN_MODULE);
    for (number, source) in sources.iter().enumerate() {
        command.arg(source).arg(number.to_string());
    }
    process::run(command.arg("-o").arg(&merged), "binaryen must be the version in xtask/node/binaryen/package.json")?;
    let wasm = replace(fs::read(&merged)?, PLACEHOLDER.as_bytes(), MAIN_MODULE.as_bytes());
    for file in sources.iter().chain([&hub, &merged]) {
        fs::remove_file(file)?;
    }
    Ok(fs::write(target, wasm)?)
}

/// What a file imports, by name: its kind and the bytes of its type.
type Imports = BTreeMap<Vec<u8>, (u8, Vec<u8>)>;

/// The imports of a file, and the section with the features of WASM that it uses.
fn read(wasm: &[u8]) -> Result<(Imports, Vec<u8>)> {
    let mut reader = Reader(wasm.get(8..).context("no WASM")?);
    let (mut imports, mut features) = (Imports::new(), Vec::new());
    while !reader.0.is_empty() {
        let (section, size) = (reader.byte()?, reader.number()?);
        let content = reader.bytes(size)?;
        match section {
            IMPORT_SECTION => imports = read_imports(Reader(content))?,
            CUSTOM_SECTION if Reader(content).name()? == FEATURES.as_bytes() => features = content.to_vec(),
            _ => {}
        }
    }
    Ok((imports, features))
}

fn read_imports(mut content: Reader) -> Result<Imports> {
    let mut imports = Imports::new();
    for _ in 0..content.number()? {
        let module = content.name()?;
        ensure!(module == MAIN_MODULE.as_bytes(), "an import of another module");
        let (name, kind) = (content.name()?.to_vec(), content.byte()?);
        imports.insert(name, (kind, content.import_type(kind)?.to_vec()));
    }
    Ok(imports)
}

/// A module that imports everything and exports it again, with the features that the files use.
fn hub_module(imports: &Imports, features: &[u8]) -> Vec<u8> {
    let (mut imported, mut exported) = (number(imports.len()), number(imports.len()));
    let mut indexes = [0; 4];
    for (field, (kind, of)) in imports {
        imported.extend(name(PLACEHOLDER.as_bytes()).chain(name(field)).chain([*kind]).chain(of.iter().copied()));
        let index = &mut indexes[usize::from(*kind)];
        exported.extend(name(field).chain([*kind]).chain(number(*index)));
        *index += 1;
    }
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    for (section, content) in
        [(IMPORT_SECTION, imported), (EXPORT_SECTION, exported), (CUSTOM_SECTION, features.to_vec())]
    {
        wasm.push(section);
        wasm.extend(number(content.len()));
        wasm.extend(content);
    }
    wasm
}

fn name(text: &[u8]) -> impl Iterator<Item = u8> {
    number(text.len()).into_iter().chain(text.iter().copied())
}

/// A number as LEB128.
fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn replace(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    debug_assert_eq!(from.len(), to.len());
    while let Some(at) = bytes.windows(from.len()).position(|part| part == from) {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count).context("the file ends early")?;
        self.0 = rest;
        Ok(bytes)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.bytes(1)?[0])
    }

    fn number(&mut self) -> Result<usize> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f).checked_shl(shift).context("too large a number")?;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    fn name(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        self.bytes(length)
    }

    /// The bytes of the type of an import.
    fn import_type(&mut self, kind: u8) -> Result<&'a [u8]> {
        let start = self.0;
        match kind {
            TABLE => {
                self.byte()?;
                self.limits()?;
            }
            MEMORY => self.limits()?,
            GLOBAL => {
                self.bytes(2)?;
            }
            _ => bail!("an import that is no table, memory or global"),
        }
        Ok(&start[..start.len() - self.0.len()])
    }

    fn limits(&mut self) -> Result<()> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_in_between_has_the_imports_of_the_files() {
        let imports = Imports::from([
            (b"memory".to_vec(), (MEMORY, vec![0, 0x9a, 1])),
            (b"stack".to_vec(), (GLOBAL, vec![0x7f, 1])),
            (b"table".to_vec(), (TABLE, vec![0x70, 1, 7, 9])),
        ]);
        let features = name(FEATURES.as_bytes()).chain([0]).collect::<Vec<_>>();
        let hub = replace(hub_module(&imports, &features), PLACEHOLDER.as_bytes(), MAIN_MODULE.as_bytes());
        assert_eq!(read(&hub).unwrap(), (imports, features));
    }
}
