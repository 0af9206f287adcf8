//! Cases of Testmo as JSON: a list, or an object with `cases` (or `result`, as its API has it) and `folders`. Texts may be
//! HTML.

use std::collections::HashMap;

use serde::Deserialize;

use super::json::{self, Text, Texts};
use super::suite_path::SuitePath;
use super::{CaseList, FileError, ParsedCase, paragraphs, step};
use crate::markup;

/// Further folders above one are not read: their IDs may go round in a circle.
const MAX_DEPTH: usize = 20;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Export {
    #[serde(alias = "result", alias = "repository_cases", deserialize_with = "json::list")]
    cases: Vec<Case>,
    #[serde(deserialize_with = "json::list")]
    folders: Vec<Folder>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Folder {
    id: Text,
    name: Text,
    parent_id: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Case {
    #[serde(alias = "title")]
    name: Text,
    /// A path, or the name.
    #[serde(alias = "folder_path")]
    folder: Text,
    folder_id: Text,
    #[serde(alias = "custom_description")]
    description: Text,
    #[serde(alias = "custom_preconditions", alias = "custom_preconds")]
    preconditions: Text,
    #[serde(alias = "custom_expected")]
    expected: Text,
    #[serde(alias = "custom_priority")]
    priority: Text,
    tags: Texts,
    #[serde(alias = "custom_steps", deserialize_with = "json::list")]
    steps: Vec<Step>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Step {
    #[serde(alias = "text1", alias = "step", alias = "content")]
    action: Text,
    #[serde(alias = "text2")]
    data: Text,
    #[serde(alias = "text3", alias = "expected_result", alias = "result")]
    expected: Text,
}

pub fn read(text: &str, list: &mut CaseList) -> Result<(), FileError> {
    let Export { cases, folders } = match text.starts_with('[') {
        true => Export { cases: json::read(text)?, folders: Vec::new() },
        false => json::read(text)?,
    };
    let folders: HashMap<String, Folder> = folders.into_iter().map(|folder| (folder.id.0.clone(), folder)).collect();
    for case in cases {
        let suite = match path(&folders, &case.folder_id.0) {
            path if path.is_empty() => SuitePath::Either.split(&case.folder.0),
            path => path,
        };
        let steps = case.steps.iter().map(|of| step(&plain(&of.action), &plain(&of.data), &plain(&of.expected)));
        let mut steps: Vec<_> = steps.filter(|step| !step.is_empty()).collect();
        let expected = plain(&case.expected);
        if steps.is_empty() && !expected.trim().is_empty() {
            steps.push(step("", "", &expected));
        }
        let (description, preconditions) = (plain(&case.description), plain(&case.preconditions));
        list.add(ParsedCase {
            title: case.name.0.trim().to_owned(),
            suite,
            preconditions: paragraphs([&*description, &*preconditions]),
            steps,
            priority: case.priority.0.trim().to_owned(),
            labels: case.tags.0,
            ..ParsedCase::default()
        })?;
    }
    Ok(())
}

/// The names of a folder and those above it, the outermost first.
fn path(folders: &HashMap<String, Folder>, id: &str) -> Vec<String> {
    let (mut path, mut next) = (Vec::new(), id);
    while let Some(folder) = folders.get(next).filter(|_| path.len() < MAX_DEPTH) {
        path.push(folder.name.0.trim().to_owned());
        next = &folder.parent_id.0;
    }
    path.reverse();
    path
}

/// Testmo writes formatted texts as HTML.
fn plain(Text(text): &Text) -> String {
    let is_html = text.trim_start().starts_with('<') && text.trim_end().ends_with('>');
    if is_html { markup::html::to_markdown(text) } else { text.clone() }
}
