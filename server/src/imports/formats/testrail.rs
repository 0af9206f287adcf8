//! The XML that TestRail exports: sections within sections, each with its cases.
//!
//! The document is read as a stream. Custom entities stay as they are written, and nothing outside of the file is read.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

use super::{CaseList, FieldName, FileError, ParsedCase, named, paragraphs, step};

/// The maximum number of levels of elements.
const MAX_DEPTH: usize = 100;
/// Fields of a case that Testbell has no place for, and that are no custom fields of TestRail either.
const LEFT_OUT: [&str; 7] =
    ["id", "template", "estimate", "milestone", "is_converted", "estimate_forecast", "updated_on"];

pub fn read(text: &str, list: &mut CaseList) -> Result<(), FileError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut document = Document { list, path: Vec::new(), sections: Vec::new(), case: None, text: String::new() };
    loop {
        let event = reader.read_event().map_err(|_| broken(text, reader.error_position()))?;
        match event {
            Event::Eof if document.path.is_empty() => return Ok(()),
            Event::Eof => return Err(broken(text, reader.buffer_position())),
            Event::Start(element) => document.open(element.local_name().as_ref())?,
            Event::Empty(element) => {
                document.open(element.local_name().as_ref())?;
                document.close()?;
            }
            Event::End(_) => document.close()?,
            Event::Text(part) => document.text.push_str(&part),
            Event::CData(part) => document.text.push_str(&part),
            Event::GeneralRef(reference) => document.push_reference(&reference),
            _ => {}
        }
    }
}

fn broken(text: &str, position: u64) -> FileError {
    let read = usize::try_from(position).ok().and_then(|position| text.as_bytes().get(..position));
    let lines = read.unwrap_or(text.as_bytes()).iter().filter(|byte| **byte == b'\n').count();
    FileError::BrokenXml { line: lines.saturating_add(1) }
}

struct Document<'l> {
    list: &'l mut CaseList,
    /// The names of the open elements.
    path: Vec<String>,
    /// The names of the open sections.
    sections: Vec<String>,
    case: Option<OpenCase>,
    /// The text of the innermost element so far.
    text: String,
}

/// A `<case>` that is open.
#[derive(Default)]
struct OpenCase {
    title: String,
    priority: String,
    references: String,
    preconditions: String,
    /// Of the template with one text, or of exploratory sessions.
    steps: String,
    expected: String,
    goals: Vec<String>,
    separated: Vec<StepTexts>,
    labels: Vec<String>,
    fields: Vec<(FieldName, String)>,
}

#[derive(Default)]
struct StepTexts {
    content: String,
    additional: String,
    expected: String,
}

impl Document<'_> {
    fn open(&mut self, name: &str) -> Result<(), FileError> {
        if self.path.is_empty() && !matches!(name, "suite" | "suites" | "sections" | "project") {
            return Err(FileError::OtherFormat(app::imports::ImportFormat::TestrailXml));
        }
        if self.path.len() >= MAX_DEPTH {
            return Err(FileError::TooDeep { limit: MAX_DEPTH });
        }
        match (name, &mut self.case) {
            ("section", None) => self.sections.push(String::new()),
            ("case", None) => self.case = Some(OpenCase::default()),
            ("step", Some(case)) => case.separated.push(StepTexts::default()),
            _ => {}
        }
        self.path.push(name.to_owned());
        self.text.clear();
        Ok(())
    }

    fn close(&mut self) -> Result<(), FileError> {
        let text = std::mem::take(&mut self.text).trim().to_owned();
        let Some(name) = self.path.pop() else { return Ok(()) };
        let parent = self.path.last().map_or("", String::as_str);
        match &mut self.case {
            Some(_) if name == "case" && parent == "cases" => {
                if let Some(case) = self.case.take() {
                    self.list.add(case.parsed(&self.sections))?;
                }
            }
            Some(case) => case.set(&self.path, &name, text),
            None if name == "section" => drop(self.sections.pop()),
            None if name == "name" && parent == "section" => {
                if let Some(section) = self.sections.last_mut() {
                    *section = text;
                }
            }
            None => {}
        }
        Ok(())
    }

    fn push_reference(&mut self, reference: &BytesRef<'_>) {
        if let Ok(Some(char)) = reference.resolve_char_ref() {
            return self.text.push(char);
        }
        match resolve_predefined_entity(reference) {
            Some(text) => self.text.push_str(text),
            None => self.text.push_str(&format!("&{};", &**reference)),
        }
    }
}

impl OpenCase {
    /// Takes the text of an element. `above` are the elements around it.
    fn set(&mut self, above: &[String], name: &str, text: String) {
        let parent = above.last().map_or("", String::as_str);
        if text.is_empty() {
            return;
        }
        match (parent, name) {
            ("case", "title") => self.title = text,
            ("case", "priority") => self.priority = text,
            ("case", "references") => self.references = text,
            ("case" | "labels", "label") => self.labels.push(text),
            ("custom", "preconds") => self.preconditions = text,
            ("custom", "steps") => self.steps = text,
            ("custom", "expected") => self.expected = text,
            ("custom", "mission") => self.goals.push(named("Mission", &text)),
            ("custom", "goals") => self.goals.push(named("Goals", &text)),
            ("step", part) => {
                let Some(last) = self.separated.last_mut() else { return };
                match part {
                    "content" => last.content = text,
                    "additional_info" => last.additional = text,
                    "expected" => last.expected = text,
                    _ => {}
                }
            }
            ("case", other) if LEFT_OUT.contains(&other) => {}
            ("case" | "custom", other) => self.fields.push((FieldName::Name(other.to_owned()), text)),
            // A choice has an ID and a value.
            (choice, "value") if above.iter().rev().nth(1).is_some_and(|outer| outer == "custom") => {
                self.fields.push((FieldName::Name(choice.to_owned()), text));
            }
            _ => {}
        }
    }

    fn parsed(self, sections: &[String]) -> ParsedCase {
        let mut steps: Vec<_> =
            self.separated.iter().map(|of| step(&of.content, &of.additional, &of.expected)).collect();
        steps.retain(|step| !step.is_empty());
        let whole = step(&self.steps, "", &self.expected);
        if steps.is_empty() && !whole.is_empty() {
            steps.push(whole);
        }
        let references = named("References", &self.references);
        let texts = self.goals.iter().map(String::as_str).chain([&*self.preconditions, &*references]);
        ParsedCase {
            title: self.title,
            suite: sections.iter().filter(|name| !name.is_empty()).cloned().collect(),
            preconditions: paragraphs(texts),
            steps,
            priority: self.priority,
            labels: self.labels,
            fields: self.fields,
            ..ParsedCase::default()
        }
    }
}
