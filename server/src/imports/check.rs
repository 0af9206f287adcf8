//! Compares the cases of a file with what the project accepts. It writes nothing.

use std::collections::{BTreeSet, HashMap};

use app::error::Error;
use app::imports::{ImportProblem, ProblemKind};
use app::model::id::{ProjectId, UserId};
use app::model::text::Name;
use app::testware::case::{TestCase, UpdateCase};
use app::testware::custom_field::{CustomFieldId, CustomValue};
use app::testware::suite::{MAX_DEPTH, SuiteId};
use uuid::Uuid;

use super::facts::ProjectFacts;
use super::field_values;
use super::formats::{FieldName, ParsedCase, problem};
use super::priority::{priority, state};
use super::suites::SuiteTree;
use crate::app_state::AppState;
use crate::testware::case::table as test_case;
use crate::testware::row::{Stored, TestwareRow};

/// The maximum number of suites that an import creates.
const MAX_NEW_SUITES: usize = 2_000;

/// A case that can be created.
pub struct CheckedCase {
    pub row: u32,
    /// Without number and suite.
    pub case: test_case::Model,
    pub suite: Vec<String>,
    pub values: Vec<(CustomFieldId, CustomValue)>,
    /// The values with the names of their fields, e.g. "Browser: Firefox".
    pub value_texts: Vec<String>,
}

/// The cases of a file, and what is wrong with it.
pub struct CheckedFile {
    pub cases: Vec<CheckedCase>,
    pub problems: Vec<ImportProblem>,
    /// The number of suites that are missing.
    pub new_suites: usize,
}

impl CheckedFile {
    pub fn count(&self, kind: ProblemKind) -> usize {
        self.problems.iter().filter(|problem| problem.kind == kind).count()
    }

    fn error(&mut self, row: u32, message: impl Into<String>) {
        self.problems.push(problem(Some(row), ProblemKind::Error, message));
    }

    fn warning(&mut self, row: Option<u32>, message: impl Into<String>) {
        self.problems.push(problem(row, ProblemKind::Warning, message));
    }

    /// Adds an error for each automation link that a case of the project has.
    pub fn add_taken_links(&mut self, taken: &HashMap<String, String>) {
        let mut errors = Vec::new();
        for case in &self.cases {
            for link in &case.case.automation_links.0 {
                if let Some(key) = taken.get(link) {
                    errors.push((case.row, format!("{key} already has the automation link {link}.")));
                }
            }
        }
        errors.into_iter().for_each(|(row, message)| self.error(row, message));
    }

    pub fn links(&self) -> Vec<&str> {
        self.cases.iter().flat_map(|case| &case.case.automation_links.0).map(String::as_str).collect()
    }
}

/// Checks the cases of a file.
pub fn check(
    state: &AppState,
    (project, author): (ProjectId, UserId),
    cases: Vec<ParsedCase>,
    problems: Vec<ImportProblem>,
    facts: &ProjectFacts,
) -> CheckedFile {
    let mut file = CheckedFile { cases: Vec::with_capacity(cases.len()), problems, new_suites: 0 };
    let mut seen_links: HashMap<String, u32> = HashMap::new();
    let mut seen_titles: HashMap<(Vec<String>, String), u32> = HashMap::new();
    let mut unknown_fields = BTreeSet::new();
    let (mut tree, mut new_suites, mut dummy) = (SuiteTree::new(&facts.suites), Vec::new(), 0_u128);
    for parsed in cases {
        let row = parsed.row;
        let suite = checked_path(&mut file, row, &parsed.suite);
        let (values, value_texts) = checked_values(&mut file, &parsed, facts, &mut unknown_fields);
        let Some(case) = checked_case(&mut file, state, (project, author), parsed) else { continue };
        for link in &case.automation_links.0 {
            if let Some(first) = seen_links.insert(link.clone(), row) {
                file.error(row, format!("Row {first} already has the automation link {link}."));
            }
        }
        let place = (suite.clone(), case.title.clone());
        if let Some(first) = seen_titles.get(&place) {
            file.warning(Some(row), format!("Row {first} has the same title in the same suite. Both are imported."));
        } else {
            seen_titles.insert(place, row);
        }
        tree.place(&suite, &mut new_suites, || {
            dummy += 1;
            SuiteId(Uuid::from_u128(dummy))
        });
        file.cases.push(CheckedCase { row, case, suite, values, value_texts });
    }
    if !unknown_fields.is_empty() {
        let names: Vec<&str> = unknown_fields.iter().map(String::as_str).collect();
        let names = names.join(", ");
        file.warning(None, format!("Left out, because the project has no such custom fields: {names}."));
    }
    file.new_suites = new_suites.len();
    if file.new_suites > MAX_NEW_SUITES {
        let message = "The file would create more than 2,000 suites. Split it into several files.";
        file.problems.push(problem(None, ProblemKind::Error, message));
    }
    file
}

/// The row of a case, unless a field is invalid.
fn checked_case(
    file: &mut CheckedFile,
    state_: &AppState,
    (project, author): (ProjectId, UserId),
    parsed: ParsedCase,
) -> Option<test_case::Model> {
    let row = parsed.row;
    let known = priority(&parsed.priority).unwrap_or_else(|()| {
        file.warning(Some(row), format!("The priority {} is unknown. It becomes Medium.", quoted(&parsed.priority)));
        None
    });
    let mut update = UpdateCase {
        // Titles have one line.
        title: Some(parsed.title.split_whitespace().collect::<Vec<_>>().join(" ")),
        preconditions: Some(parsed.preconditions),
        steps: Some(parsed.steps),
        priority: known,
        labels: Some(parsed.labels),
        state: Some(state(&parsed.state)),
        automation_links: Some(parsed.automation_links),
        ..UpdateCase::default()
    };
    let mut case = <TestCase as Stored>::Row::empty(state_, project, author);
    match case.set_fields(&mut update) {
        Ok(()) => Some(case),
        Err(Error::Invalid { errors, .. }) => {
            for (field, message) in errors {
                file.error(row, format!("{}: {message}", field_label(&field)));
            }
            None
        }
        Err(error) => {
            file.error(row, error.to_string());
            None
        }
    }
}

/// The names of a path as they are stored.
fn checked_path(file: &mut CheckedFile, row: u32, path: &[String]) -> Vec<String> {
    if path.len() > MAX_DEPTH {
        file.error(row, "Suite: Use at most 10 levels.");
    }
    let mut names = Vec::with_capacity(path.len());
    for name in path {
        match name.split_whitespace().collect::<Vec<_>>().join(" ").parse().map(Name::into_string) {
            Ok(name) => names.push(name),
            Err(message) => file.error(row, format!("Suite: {message}")),
        }
    }
    names
}

/// The values of custom fields, and the same as texts.
fn checked_values(
    file: &mut CheckedFile,
    parsed: &ParsedCase,
    facts: &ProjectFacts,
    unknown: &mut BTreeSet<String>,
) -> (Vec<(CustomFieldId, CustomValue)>, Vec<String>) {
    let (mut values, mut texts): (Vec<(CustomFieldId, CustomValue)>, _) = (Vec::new(), Vec::new());
    for (name, text) in &parsed.fields {
        let field = match name {
            FieldName::Id(id) => facts.fields.iter().find(|field| field.id == *id),
            FieldName::Name(name) => facts.fields.iter().find(|field| same_name(&field.name, name)),
        };
        let Some(field) = field else {
            if let FieldName::Name(name) = name {
                unknown.insert(quoted(name));
            }
            continue;
        };
        if values.iter().any(|(id, _)| *id == field.id) {
            continue;
        }
        match (field_values::parse(field, text, &facts.members), name) {
            (Ok(value), _) => {
                texts.push(format!("{}: {}", field.name, text.trim()));
                values.push((field.id, value));
            }
            (Err(message), FieldName::Id(_)) => file.error(parsed.row, format!("{}: {message}", field.name)),
            // Nobody can map the fields of a document.
            (Err(message), FieldName::Name(_)) => {
                file.warning(Some(parsed.row), format!("{} is left out. {message}", field.name));
            }
        }
    }
    (values, texts)
}

/// Tools write the same name with spaces or underscores.
fn same_name(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    plain(a) == plain(b)
}

/// The beginning of a text of the file, for a message.
fn quoted(text: &str) -> String {
    let chars = text.chars().map(|char| if char.is_control() { ' ' } else { char });
    chars.take(60).collect()
}

fn field_label(field: &str) -> &str {
    match field {
        "title" => "Title",
        "preconditions" => "Preconditions",
        "steps" => "Steps",
        "labels" => "Labels",
        "automationLinks" => "Automation links",
        other => other,
    }
}
