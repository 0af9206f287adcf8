//! Turns the rows of a table into cases. A row without a title, or with the ID of the row before it, continues a case with
//! its step.

use app::imports::{ColumnTarget, ImportFormat, ImportProblem, ProblemKind};
use app::testware::case::Step;

use super::columns::{self, Target, normalized};
use super::csv_table::{Row, Table};
use super::suite_path::SuitePath;
use super::testbell_csv::{split_list, unescaped_cell};
use super::{CaseList, FieldName, FieldNames, FileError, Mapping, ParsedCase, ParsedFile};
use super::{named, numbered, paragraphs, problem, step};

/// What differs between the tables of tools.
pub struct CsvFormat {
    /// Whether a table is of this format, by the normalized names of its columns.
    pub is: fn(&[String]) -> bool,
    /// Names of columns, normalized, that mean something else than in other formats.
    pub own_columns: &'static [(&'static str, ColumnTarget)],
    pub suite_path: SuitePath,
    /// Whether texts are taken as they are: no lists in cells, and no spaces removed.
    pub is_exact: bool,
    /// Changes the table before it is read.
    pub prepare: fn(Table) -> Table,
}

/// The texts of one row's step.
#[derive(Default)]
struct StepCells {
    action: String,
    data: String,
    expected: String,
}

/// A case whose rows are being read.
#[derive(Default)]
struct OpenCase {
    id: String,
    case: ParsedCase,
    description: Vec<String>,
    preconditions: Vec<String>,
    steps: Vec<StepCells>,
}

/// Reads the cases of a table.
///
/// # Errors
/// [`FileError`].
pub fn read(
    format: ImportFormat,
    of: &CsvFormat,
    table: Table,
    mapping: &Mapping,
    fields: &FieldNames,
) -> Result<ParsedFile, FileError> {
    let table = (of.prepare)(table);
    let targets = columns::targets(&table, of.own_columns, mapping, fields)?;
    let columns = columns::views(&table, &targets);
    let has_title = targets.contains(&Target::Field(ColumnTarget::Title));
    let problems = if has_title {
        Vec::new()
    } else {
        vec![problem(None, ProblemKind::Error, "Choose the column that has the titles.")]
    };
    let mut reader =
        RowReader { of, table: &table, targets: &targets, open: None, list: CaseList::default(), problems };
    if has_title {
        for row in &table.rows {
            reader.add(row)?;
        }
        reader.close()?;
    }
    let RowReader { list, problems, .. } = reader;
    if problems.is_empty() && list.0.is_empty() {
        return Err(FileError::NoCases);
    }
    Ok(ParsedFile { format, columns, cases: list.0, problems })
}

struct RowReader<'t> {
    of: &'t CsvFormat,
    table: &'t Table,
    targets: &'t [Target],
    open: Option<OpenCase>,
    list: CaseList,
    problems: Vec<ImportProblem>,
}

impl RowReader<'_> {
    fn add(&mut self, row: &Row) -> Result<(), FileError> {
        if row.is_cut {
            let message = "The row has more cells than there are columns. The others are left out.";
            self.problems.push(problem(Some(row.line), ProblemKind::Warning, message));
        }
        let (title, id) = (self.joined(row, ColumnTarget::Title), self.joined(row, ColumnTarget::Id));
        let (title, id) = (title.trim().to_owned(), id.trim().to_owned());
        let same_id = self.open.as_ref().is_some_and(|open| !id.is_empty() && open.id == id);
        let continues = same_id || (title.is_empty() && id.is_empty() && self.open.is_some());
        if continues {
            let step = self.step_cells(row);
            let lists = [ColumnTarget::Labels, ColumnTarget::AutomationLinks].map(|target| self.list_of(row, target));
            if let Some(open) = &mut self.open {
                open.steps.extend(step);
                let [labels, links] = lists;
                open.case.labels.extend(labels);
                open.case.automation_links.extend(links);
            }
            return Ok(());
        }
        self.close()?;
        if title.is_empty() {
            self.problems.push(problem(Some(row.line), ProblemKind::Error, "The title is missing."));
            return Ok(());
        }
        self.open = Some(self.opened(row, title, id));
        Ok(())
    }

    /// The first row of a case.
    fn opened(&self, row: &Row, title: String, id: String) -> OpenCase {
        let mut case = ParsedCase {
            row: row.line,
            title,
            suite: self.of.suite_path.split(&self.joined(row, ColumnTarget::Suite)),
            priority: self.joined(row, ColumnTarget::Priority).trim().to_owned(),
            state: self.joined(row, ColumnTarget::State).trim().to_owned(),
            labels: self.list_of(row, ColumnTarget::Labels),
            automation_links: self.list_of(row, ColumnTarget::AutomationLinks),
            ..ParsedCase::default()
        };
        let (mut description, mut preconditions) = (Vec::new(), Vec::new());
        for (at, (header, target)) in self.table.headers.iter().zip(self.targets).enumerate() {
            let text = self.text(row, at);
            if text.trim().is_empty() {
                continue;
            }
            match target {
                Target::Custom(id) => case.fields.push((FieldName::Id(*id), text)),
                Target::Field(ColumnTarget::Description) if normalized(header) == "description" => {
                    description.push(text);
                }
                Target::Field(ColumnTarget::Description) => description.push(named(header, &text)),
                Target::Field(ColumnTarget::Preconditions) => preconditions.push(text),
                Target::Field(_) => {}
            }
        }
        OpenCase { id, case, description, preconditions, steps: self.step_cells(row).into_iter().collect() }
    }

    /// Adds the open case to the list.
    fn close(&mut self) -> Result<(), FileError> {
        let Some(OpenCase { mut case, description, preconditions, steps, .. }) = self.open.take() else {
            return Ok(());
        };
        case.preconditions = match (&*preconditions, self.of.is_exact) {
            ([only], true) => only.clone(),
            _ => paragraphs(description.iter().chain(&preconditions).map(String::as_str)),
        };
        case.steps = match &*steps {
            [only] if !self.of.is_exact => steps_of_cell(only),
            _ => steps.iter().map(|cells| self.step(cells)).collect(),
        };
        self.list.add_row(case)
    }

    fn step(&self, cells: &StepCells) -> Step {
        if self.of.is_exact {
            let (action, expected) = (cells.action.clone(), cells.expected.clone());
            return Step { action, expected, ..Step::default() };
        }
        step(&cells.action, &cells.data, &cells.expected)
    }

    /// The step of a row, if it has one.
    fn step_cells(&self, row: &Row) -> Option<StepCells> {
        let cells = StepCells {
            action: self.joined(row, ColumnTarget::Action),
            data: self.joined(row, ColumnTarget::Data),
            expected: self.joined(row, ColumnTarget::Expected),
        };
        let is_blank = [&cells.action, &cells.data, &cells.expected].iter().all(|text| text.trim().is_empty());
        (!is_blank).then_some(cells)
    }

    fn text(&self, row: &Row, column: usize) -> String {
        let cell = row.cell(column);
        match self.of.is_exact {
            true => unescaped_cell(cell),
            false if cell.contains('\r') => cell.replace("\r\n", "\n").replace('\r', "\n"),
            false => cell.to_owned(),
        }
    }

    /// The texts of all columns with this target, one per line.
    fn joined(&self, row: &Row, target: ColumnTarget) -> String {
        let columns = self.targets.iter().enumerate().filter(|(_, of)| **of == Target::Field(target));
        let texts: Vec<String> =
            columns.map(|(at, _)| self.text(row, at)).filter(|text| !text.trim().is_empty()).collect();
        texts.join("\n")
    }

    fn list_of(&self, row: &Row, target: ColumnTarget) -> Vec<String> {
        let columns = self.targets.iter().enumerate().filter(|(_, of)| **of == Target::Field(target));
        // The name of a test may have commas.
        let is_links = target == ColumnTarget::AutomationLinks;
        columns.flat_map(|(at, _)| split_list(&self.text(row, at), is_links)).collect()
    }
}

/// The steps of a case with one row: those of a numbered list, or one. Test data and expected results belong to the action
/// with the same number. An expected result without numbers belongs to the last step.
fn steps_of_cell(cells: &StepCells) -> Vec<Step> {
    let Some(actions) = numbered::items(&cells.action) else {
        return vec![step(&cells.action, &cells.data, &cells.expected)];
    };
    let (data, expected) = (numbered::items(&cells.data), numbered::items(&cells.expected));
    let last = actions.len().saturating_sub(1);
    let text = |list: &Option<Vec<(String, String)>>, cell: &str, at: usize, number: &str| match list {
        Some(items) => items.iter().find(|(of, _)| of == number).map(|(_, text)| text.clone()).unwrap_or_default(),
        None if at == last => cell.to_owned(),
        None => String::new(),
    };
    let steps = actions.iter().enumerate().map(|(at, (number, action))| {
        let (data, expected) = (text(&data, &cells.data, at, number), text(&expected, &cells.expected, at, number));
        step(action, &data, &expected)
    });
    steps.filter(|step| !step.is_empty()).collect()
}
