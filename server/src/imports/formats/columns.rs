//! Which field of a case a column becomes: by its name, unless users choose another one.

use app::imports::{ColumnTarget, ImportColumn};
use app::testware::custom_field::CustomFieldId;

use super::csv_table::Table;
use super::testbell_csv::FIELD_PREFIX;
use super::{FieldNames, FileError, Mapping};

const MAX_SAMPLE_CHARS: usize = 60;

/// The names of columns without case, spaces and punctuation, as the tools and their users write them. If several columns
/// could become the same field, of which a case has one, the first in this list does.
const KNOWN: &[(ColumnTarget, &[&str])] = &[
    (
        ColumnTarget::Id,
        &[
            "tcid",
            "testid",
            "testcaseid",
            "caseid",
            "id",
            "key",
            "testkey",
            "issuekey",
            "issueid",
            "externalid",
            "v2id",
        ],
    ),
    (
        ColumnTarget::Title,
        &["title", "testsummary", "summary", "testcasename", "testcasetitle", "testname", "testcase", "case", "name"],
    ),
    (
        ColumnTarget::Suite,
        &[
            "suitepath",
            "sectionhierarchy",
            "folderpath",
            "testrepositorypath",
            "testrepopath",
            "testrepository",
            "testrepo",
            "folder",
            "section",
            "suite",
            "testsuite",
            "module",
        ],
    ),
    (ColumnTarget::Description, &["description", "objective", "postconditions", "goal", "goals"]),
    (ColumnTarget::Preconditions, &["preconditions", "precondition", "preconds", "prerequisites"]),
    (
        ColumnTarget::Action,
        &[
            "action",
            "actions",
            "step",
            "steps",
            "stepaction",
            "stepactions",
            "stepsaction",
            "stepsactions",
            "teststep",
            "teststeps",
            "stepsstep",
            "stepdescription",
            "stepcontent",
            "stepssteptext",
            "testscriptstepbystepstep",
            "testscriptplaintext",
            "testscriptbdd",
            "unstructureddefinition",
            "gherkindefinition",
            "cucumberscenario",
            "testscript",
        ],
    ),
    (
        ColumnTarget::Data,
        &[
            "data",
            "testdata",
            "stepdata",
            "stepsdata",
            "testscriptstepbysteptestdata",
            "stepsadditionalinfo",
            "stepstestdata",
        ],
    ),
    (
        ColumnTarget::Expected,
        &[
            "expectedresult",
            "expectedresults",
            "expected",
            "result",
            "stepresult",
            "stepexpected",
            "stepexpectedresult",
            "stepsresult",
            "stepsresults",
            "stepsexpected",
            "stepsexpectedresult",
            "stepsexpectedresults",
            "testscriptstepbystepexpectedresult",
            "testresult",
        ],
    ),
    (ColumnTarget::Priority, &["priority", "testpriority", "importance"]),
    (ColumnTarget::Labels, &["labels", "label", "tags", "tag"]),
    (ColumnTarget::AutomationLinks, &["automationlinks", "automationlink", "automationid", "automatedtest"]),
    (ColumnTarget::State, &["state"]),
];

/// What a column becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Field(ColumnTarget),
    Custom(CustomFieldId),
}

impl Target {
    fn wire(self) -> String {
        match self {
            Self::Field(target) => target.to_string(),
            Self::Custom(id) => id.to_string(),
        }
    }
}

/// A name without case, spaces and punctuation.
pub fn normalized(name: &str) -> String {
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The target of each column. `own` are the names that mean something else in this format.
///
/// # Errors
/// [`FileError`] for a mapping that names an unknown column or target.
pub fn targets(
    table: &Table,
    own: &[(&str, ColumnTarget)],
    mapping: &Mapping,
    fields: &FieldNames,
) -> Result<Vec<Target>, FileError> {
    if let Some(unknown) = mapping.keys().find(|name| !table.headers.contains(name)) {
        return Err(FileError::UnknownColumn(shortened(unknown)));
    }
    let chosen = |header: &String| {
        let Some(text) = mapping.get(header) else { return Ok(None) };
        let target = text.parse().map(Target::Field).ok();
        let custom = || {
            text.parse::<CustomFieldId>()
                .ok()
                .filter(|id| fields.iter().any(|(known, _)| known == id))
                .map(Target::Custom)
        };
        let unknown = || FileError::UnknownTarget(shortened(header), shortened(text));
        target.or_else(custom).map(Some).ok_or_else(unknown)
    };
    let chosen: Vec<Option<Target>> = table.headers.iter().map(chosen).collect::<Result<_, _>>()?;
    let automatic: Vec<(Target, usize)> = table.headers.iter().map(|header| automatic(header, own, fields)).collect();
    let is_best = |at: usize, target: Target, rank: usize| {
        let taken = chosen.contains(&Some(target));
        let better = |(other, (of, other_rank)): (usize, &(Target, usize))| {
            chosen.get(other) == Some(&None) && *of == target && (*other_rank, other) < (rank, at)
        };
        !taken && !automatic.iter().enumerate().any(better)
    };
    let target = |(at, (target, rank)): (usize, &(Target, usize))| match chosen.get(at).copied().flatten() {
        Some(chosen) => chosen,
        None if is_single(*target) && !is_best(at, *target, *rank) => Target::Field(ColumnTarget::Ignore),
        None => *target,
    };
    Ok(automatic.iter().enumerate().map(target).collect())
}

/// Whether a case has one value of it.
const fn is_single(target: Target) -> bool {
    use ColumnTarget as To;
    match target {
        Target::Field(to) => matches!(to, To::Id | To::Title | To::Suite | To::Priority | To::State),
        Target::Custom(_) => true,
    }
}

/// The target by the name of a column, and its rank among those with the same target.
fn automatic(header: &str, own: &[(&str, ColumnTarget)], fields: &FieldNames) -> (Target, usize) {
    let name = normalized(header);
    if let Some((_, target)) = own.iter().find(|(known, _)| *known == name) {
        return (Target::Field(*target), 0);
    }
    let field_name = header.strip_prefix(FIELD_PREFIX);
    if field_name.is_none() {
        for (target, names) in KNOWN {
            if let Some(rank) = names.iter().position(|known| *known == name) {
                return (Target::Field(*target), rank.saturating_add(1));
            }
        }
    }
    let field_name = normalized(field_name.unwrap_or(header));
    let field = fields.iter().find(|(_, known)| !field_name.is_empty() && normalized(known) == field_name);
    (field.map_or(Target::Field(ColumnTarget::Ignore), |(id, _)| Target::Custom(*id)), 0)
}

/// The columns as the preview shows them.
pub fn views(table: &Table, targets: &[Target]) -> Vec<ImportColumn> {
    let sample = |at: usize| {
        let values = table.rows.iter().map(|row| row.cell(at).trim());
        shortened(values.into_iter().find(|value| !value.is_empty()).unwrap_or_default())
    };
    let view = |(at, (name, target)): (usize, (&String, &Target))| ImportColumn {
        name: name.clone(),
        target: target.wire(),
        sample: sample(at),
    };
    table.headers.iter().zip(targets).enumerate().map(view).collect()
}

/// The beginning of a text, on one line.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut chars = line.chars().map(|char| if char.is_control() { ' ' } else { char });
    let mut short: String = chars.by_ref().take(MAX_SAMPLE_CHARS).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}
