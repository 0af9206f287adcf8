use app::testware::case::Priority;
use proptest::prelude::*;

use super::*;

/// The parts as text: `[-removed-]`, `[+added+]`.
fn marked(parts: &[DiffPart]) -> String {
    let mark = |part: &DiffPart| match part.kind {
        DiffKind::Same => part.text.clone(),
        DiffKind::Added => format!("[+{}+]", part.text),
        DiffKind::Removed => format!("[-{}-]", part.text),
    };
    parts.iter().map(mark).collect()
}

fn diff(before: &str, after: &str) -> String {
    marked(&text_diff(before, after, &mut DiffBudget::default()))
}

fn step(action: &str, expected: &str) -> Step {
    Step { action: action.into(), expected: expected.into(), ..Step::default() }
}

#[test]
fn changed_words_are_found_within_lines() {
    assert_eq!(diff("Pay by card.", "Pay by voucher."), "Pay by [-card-][+voucher+].");
    assert_eq!(diff("one\ntwo\nthree\n", "one\n2\nthree\n"), "one\n[-two-][+2+]\nthree\n");
    assert_eq!(diff("a\n", "a\nb\n"), "a\n[+b\n+]");
    assert_eq!(diff("", "new"), "[+new+]");
    assert_eq!(diff("old", ""), "[-old-]");
    assert_eq!(diff("same", "same"), "same");
}

#[test]
fn neighboring_changed_words_are_one_change() {
    assert_eq!(diff("Pay by card now", "Refund with voucher now"), "[-Pay by card-][+Refund with voucher+] now");
}

#[test]
fn values_of_a_list_are_compared_one_by_one() {
    let [before, after] =
        [vec!["ui", "slow"], vec!["ui", "api"]].map(|list| list.into_iter().map(str::to_owned).collect::<Vec<_>>());
    let found = list_diff("labels", &before, &after).unwrap();
    assert_eq!(marked(&found.parts), "ui[-slow-][+api+]");
    assert_eq!(list_diff("labels", &before, &before), None);
}

#[test]
fn steps_are_changed_added_and_removed() {
    let before = [step("Open", "It opens"), step("Pay", ""), step("Print", "")];
    let after = [step("Open", "It opens"), step("Pay twice", ""), step("Print", ""), step("Close", "")];
    let found = step_diffs(&before, &after, &mut DiffBudget::default());
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        (found[0].change, found[0].number_before, found[0].number_after),
        (StepChange::Changed, Some(2), Some(2))
    );
    assert_eq!((&*marked(&found[0].action), found[0].expected.len()), ("Pay[+ twice+]", 0));
    assert_eq!((found[1].change, found[1].number_before, found[1].number_after), (StepChange::Added, None, Some(4)));
    let found = step_diffs(&before, &before[1..], &mut DiffBudget::default());
    assert_eq!((found.len(), found[0].change, found[0].number_before), (1, StepChange::Removed, Some(1)));
}

#[test]
fn only_fields_that_differ_are_listed() {
    let before = CaseContent { title: "Pay".into(), steps: vec![step("Pay", "")], ..CaseContent::default() };
    let budget = &mut DiffBudget::default();
    assert!(content_diff(&before, &before, budget).is_empty());
    let after = CaseContent { priority: Priority::High, labels: vec!["ui".into()], ..before.clone() };
    let found = content_diff(&before, &after, budget);
    assert_eq!(found.iter().map(|field| &*field.field).collect::<Vec<_>>(), ["priority", "labels"]);
    assert_eq!(marked(&found[0].parts), "[-medium-][+high+]");
}

#[test]
fn texts_that_take_too_long_are_replaced() {
    let before: String = (0..5_000).map(|n| format!("a{n} ")).collect();
    let after: String = (0..5_000).map(|n| format!("b{n} ")).collect();
    let parts = text_diff(&before, &after, &mut DiffBudget::default());
    assert!(parts.iter().map(|part| part.kind).eq([DiffKind::Removed, DiffKind::Added, DiffKind::Same]));
    // What is the same around a change costs nothing.
    let edited = before.replace("a2500 ", "b ");
    assert!(text_diff(&before, &edited, &mut DiffBudget::default()).len() >= 3);
}

proptest! {
    #[test]
    fn the_parts_give_both_texts(before in "[a-c \n.]{0,40}", after in "[a-c \n.]{0,40}") {
        let parts = text_diff(&before, &after, &mut DiffBudget::default());
        let without = |kind: DiffKind| -> String {
            parts.iter().filter(|part| part.kind != kind).map(|part| part.text.as_str()).collect()
        };
        prop_assert_eq!(without(DiffKind::Added), before);
        prop_assert_eq!(without(DiffKind::Removed), after);
    }
}
