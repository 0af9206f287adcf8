//! The JSON export of Qase: suites within suites, each with its cases.

use serde::Deserialize;

use super::json::{self, Text, Texts};
use super::{CaseList, FieldName, FileError, ParsedCase, named, paragraphs, step};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Export {
    #[serde(deserialize_with = "json::list")]
    suites: Vec<Suite>,
    #[serde(deserialize_with = "json::list")]
    cases: Vec<Case>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Suite {
    #[serde(alias = "name")]
    title: Text,
    #[serde(deserialize_with = "json::list")]
    suites: Vec<Suite>,
    #[serde(deserialize_with = "json::list")]
    cases: Vec<Case>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Case {
    title: Text,
    description: Text,
    preconditions: Text,
    postconditions: Text,
    priority: Text,
    tags: Texts,
    #[serde(deserialize_with = "json::list")]
    steps: Vec<Step>,
    #[serde(deserialize_with = "json::list")]
    custom_fields: Vec<CustomField>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Step {
    action: Text,
    data: Text,
    #[serde(alias = "expected")]
    expected_result: Text,
    #[serde(deserialize_with = "json::list")]
    steps: Vec<Step>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CustomField {
    #[serde(alias = "name")]
    title: Text,
    value: Text,
}

pub fn read(text: &str, list: &mut CaseList) -> Result<(), FileError> {
    let Export { suites, cases } = json::read(text)?;
    add_cases(cases, &[], list)?;
    add_suites(suites, &[], list)
}

// The depth is limited by the JSON parser.
fn add_suites(suites: Vec<Suite>, above: &[String], list: &mut CaseList) -> Result<(), FileError> {
    for Suite { title: Text(title), suites, cases } in suites {
        let name = title.trim().to_owned();
        let path: Vec<String> = above.iter().cloned().chain(Some(name).filter(|name| !name.is_empty())).collect();
        add_cases(cases, &path, list)?;
        add_suites(suites, &path, list)?;
    }
    Ok(())
}

fn add_cases(cases: Vec<Case>, suite: &[String], list: &mut CaseList) -> Result<(), FileError> {
    for case in cases {
        let mut steps = Vec::new();
        add_steps(&case.steps, &mut steps);
        let after = named("Postconditions", &case.postconditions.0);
        let fields = case.custom_fields.into_iter().filter(|field| !field.value.0.trim().is_empty());
        list.add(ParsedCase {
            title: case.title.0.trim().to_owned(),
            suite: suite.to_vec(),
            preconditions: paragraphs([&*case.description.0, &*case.preconditions.0, &*after]),
            steps,
            priority: case.priority.0.trim().to_owned(),
            labels: case.tags.0,
            fields: fields.map(|field| (FieldName::Name(field.title.0), field.value.0)).collect(),
            ..ParsedCase::default()
        })?;
    }
    Ok(())
}

/// A step is before those within it.
fn add_steps(steps: &[Step], all: &mut Vec<app::testware::case::Step>) {
    for part in steps {
        let parsed = step(&part.action.0, &part.data.0, &part.expected_result.0);
        all.extend(Some(parsed).filter(|step| !step.is_empty()));
        add_steps(&part.steps, all);
    }
}
