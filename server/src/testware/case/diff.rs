//! Compares two contents of a test case: which fields differ, and which parts of them. Texts are compared by lines, and
//! changed lines by words. It is pure, and its cost is bounded: what is too large is shown as replaced.

use app::testware::case::diff::{DiffKind, DiffPart, FieldDiff, StepChange, StepDiff};
use app::testware::case::{CaseContent, Step};
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The work for one comparison: comparing texts takes the square of their changed length at most.
const BUDGET: u64 = 8_000_000;
/// The work for a page of comparisons.
const PAGE_BUDGET: u64 = 40_000_000;

/// How much work is left. Texts that would take more are shown as replaced.
pub struct DiffBudget(u64);

impl Default for DiffBudget {
    fn default() -> Self {
        Self(BUDGET)
    }
}

impl DiffBudget {
    /// For several comparisons.
    #[must_use]
    pub const fn for_page() -> Self {
        Self(PAGE_BUDGET)
    }

    /// Takes the work for comparing sequences of these lengths; false if there is not enough left.
    fn take(&mut self, old: usize, new: usize) -> bool {
        let length = u64::try_from(old + new).unwrap_or(u64::MAX);
        match self.0.checked_sub(length.saturating_mul(length)) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}

/// The fields that differ, in the order of the content.
#[must_use]
pub fn content_diff(before: &CaseContent, after: &CaseContent, budget: &mut DiffBudget) -> Vec<FieldDiff> {
    let mut fields = Vec::new();
    fields.extend(text_field("title", &before.title, &after.title, budget));
    fields.extend(text_field("preconditions", &before.preconditions, &after.preconditions, budget));
    let steps = step_diffs(&before.steps, &after.steps, budget);
    if !steps.is_empty() {
        fields.push(FieldDiff { field: "steps".to_owned(), parts: Vec::new(), steps });
    }
    fields.extend(value_diff("priority", before.priority.as_str(), after.priority.as_str()));
    fields.extend(list_diff("labels", &before.labels, &after.labels));
    fields
}

/// A value that is replaced as a whole; `None` if it is the same.
#[must_use]
pub fn value_diff(field: &str, before: &str, after: &str) -> Option<FieldDiff> {
    (before != after).then(|| FieldDiff { field: field.to_owned(), parts: replaced(before, after), steps: Vec::new() })
}

/// A list of values, each a part; `None` if it is the same.
#[must_use]
pub fn list_diff(field: &str, before: &[String], after: &[String]) -> Option<FieldDiff> {
    if before == after {
        return None;
    }
    let mut parts = Vec::new();
    let mut push = |kind: DiffKind, values: &[String]| {
        parts.extend(values.iter().map(|value| DiffPart { kind, text: value.clone() }));
    };
    for op in capture_diff_slices(Algorithm::Myers, before, after) {
        let (old, new) = (&before[op.old_range()], &after[op.new_range()]);
        if matches!(op, DiffOp::Equal { .. }) {
            push(DiffKind::Same, old);
        } else {
            push(DiffKind::Removed, old);
            push(DiffKind::Added, new);
        }
    }
    Some(FieldDiff { field: field.to_owned(), parts, steps: Vec::new() })
}

fn text_field(field: &str, before: &str, after: &str, budget: &mut DiffBudget) -> Option<FieldDiff> {
    (before != after).then(|| FieldDiff {
        field: field.to_owned(),
        parts: text_diff(before, after, budget),
        steps: Vec::new(),
    })
}

/// The steps that differ. Steps at the same place between unchanged ones are compared with each other.
fn step_diffs(before: &[Step], after: &[Step], budget: &mut DiffBudget) -> Vec<StepDiff> {
    let (before, after): (Vec<Step>, Vec<Step>) =
        (before.iter().map(readable).collect(), after.iter().map(readable).collect());
    let texts = |steps: &[Step]| -> Vec<(String, String)> {
        steps.iter().map(|step| (step.action.clone(), step.expected.clone())).collect()
    };
    let mut diffs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &texts(&before), &texts(&after)) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (op.old_range(), op.new_range());
        let changed = old.len().min(new.len());
        let pairs = old.clone().zip(new.clone());
        diffs.extend(pairs.map(|(old, new)| step_diff(Some((old, &before[old])), Some((new, &after[new])), budget)));
        diffs.extend(old.skip(changed).map(|at| step_diff(Some((at, &before[at])), None, budget)));
        diffs.extend(new.skip(changed).map(|at| step_diff(None, Some((at, &after[at])), budget)));
    }
    diffs
}

/// A reference to a shared step as text.
fn readable(step: &Step) -> Step {
    match step.shared_step_id {
        Some(id) => Step { action: format!("Shared step {id}"), ..Step::default() },
        None => step.clone(),
    }
}

/// A step before and after, each with its index.
fn step_diff(before: Option<(usize, &Step)>, after: Option<(usize, &Step)>, budget: &mut DiffBudget) -> StepDiff {
    let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
    let text = |step: Option<(usize, &Step)>, of: fn(&Step) -> &String| {
        step.map(|(_, step)| of(step).clone()).unwrap_or_default()
    };
    let mut parts = |of: fn(&Step) -> &String| text_diff(&text(before, of), &text(after, of), budget);
    StepDiff {
        change: match (before, after) {
            (Some(_), Some(_)) => StepChange::Changed,
            (None, _) => StepChange::Added,
            (_, None) => StepChange::Removed,
        },
        number_before: before.map(|(at, _)| number(at)),
        number_after: after.map(|(at, _)| number(at)),
        action: parts(|step| &step.action),
        expected: parts(|step| &step.expected),
    }
}

/// The parts of a text.
#[must_use]
pub fn text_diff(before: &str, after: &str, budget: &mut DiffBudget) -> Vec<DiffPart> {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let mut parts = Parts::default();
    compare(&old, &new, budget, &mut |change, budget| match change {
        Change::Same(text) => parts.same(&text),
        Change::Replaced(removed, added) => {
            let (old, new) = (words(&removed), words(&added));
            compare(&old, &new, budget, &mut |change, _| match change {
                Change::Same(text) => parts.same(&text),
                Change::Replaced(removed, added) => parts.replaced(&removed, &added),
            });
        }
    });
    parts.finish()
}

/// What a comparison finds, in order.
enum Change {
    Same(String),
    Replaced(String, String),
}

/// Compares two sequences of pieces. What they begin and end with in common costs nothing.
fn compare(old: &[&str], new: &[&str], budget: &mut DiffBudget, found: &mut dyn FnMut(Change, &mut DiffBudget)) {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old_middle, new_middle) = (&old_rest[..old_rest.len() - end], &new_rest[..new_rest.len() - end]);
    found(Change::Same(old[..start].concat()), budget);
    if old_middle.is_empty() || new_middle.is_empty() || !budget.take(old_middle.len(), new_middle.len()) {
        found(Change::Replaced(old_middle.concat(), new_middle.concat()), budget);
    } else {
        for op in capture_diff_slices(Algorithm::Myers, old_middle, new_middle) {
            let (removed, added) = (old_middle[op.old_range()].concat(), new_middle[op.new_range()].concat());
            let change = if matches!(op, DiffOp::Equal { .. }) {
                Change::Same(removed)
            } else {
                Change::Replaced(removed, added)
            };
            found(change, budget);
        }
    }
    found(Change::Same(old_rest[old_rest.len() - end..].concat()), budget);
}

/// Words, runs of white space, and other characters one by one.
fn words(text: &str) -> Vec<&str> {
    let class = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        '\n' => 1,
        c if c.is_whitespace() => 2,
        _ => 3,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut previous = None;
    for (at, c) in text.char_indices() {
        let now = class(c);
        if previous.is_some_and(|previous| previous != now || now == 3 || now == 1) {
            words.push(&text[start..at]);
            start = at;
        }
        previous = Some(now);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

fn replaced(before: &str, after: &str) -> Vec<DiffPart> {
    let mut parts = Parts::default();
    parts.replaced(before, after);
    parts.finish()
}

/// Joins parts for readers: neighbors of one kind are one part, and changed words with only a space between them are
/// one change.
#[derive(Default)]
struct Parts {
    done: Vec<DiffPart>,
    removed: String,
    added: String,
    /// A space after a change.
    space: String,
}

impl Parts {
    fn same(&mut self, text: &str) {
        let in_change = !(self.removed.is_empty() && self.added.is_empty());
        if in_change && self.space.is_empty() && !text.contains('\n') && text.trim().is_empty() {
            self.space.push_str(text);
            return;
        }
        self.flush();
        self.push(DiffKind::Same, text);
    }

    fn replaced(&mut self, removed: &str, added: &str) {
        if removed.is_empty() && added.is_empty() {
            return;
        }
        let space = std::mem::take(&mut self.space);
        self.removed.push_str(&space);
        self.added.push_str(&space);
        self.removed.push_str(removed);
        self.added.push_str(added);
    }

    fn flush(&mut self) {
        let (removed, added) = (std::mem::take(&mut self.removed), std::mem::take(&mut self.added));
        let space = std::mem::take(&mut self.space);
        self.push(DiffKind::Removed, &removed);
        self.push(DiffKind::Added, &added);
        self.push(DiffKind::Same, &space);
    }

    fn push(&mut self, kind: DiffKind, text: &str) {
        match self.done.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.kind == kind => last.text.push_str(text),
            _ => self.done.push(DiffPart { kind, text: text.to_owned() }),
        }
    }

    fn finish(mut self) -> Vec<DiffPart> {
        self.flush();
        self.done
    }
}

#[cfg(test)]
mod tests;
