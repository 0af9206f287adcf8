use proptest::prelude::*;

use super::ReportedStatus::{Failed, Passed, Skipped};
use super::*;

/// A file in `tests/reports/` of the crate.
macro_rules! report_file {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reports/", $name)).as_slice()
    };
}
pub(super) use report_file;

/// Each file in `tests/reports/`, with its format.
const REPORT_FILES: [(ReportFormat, &[u8]); 17] = [
    (ReportFormat::Junit, report_file!("gradle.xml")),
    (ReportFormat::Junit, report_file!("jest.xml")),
    (ReportFormat::Junit, report_file!("nunit.xml")),
    (ReportFormat::Junit, report_file!("phpunit.xml")),
    (ReportFormat::Junit, report_file!("playwright.xml")),
    (ReportFormat::Junit, report_file!("pytest.xml")),
    (ReportFormat::Junit, report_file!("surefire.xml")),
    (ReportFormat::Playwright, report_file!("playwright.json")),
    (ReportFormat::Playwright, report_file!("playwright_broken_file.json")),
    (ReportFormat::Playwright, report_file!("playwright_projects.json")),
    (ReportFormat::Pytest, report_file!("pytest.json")),
    (ReportFormat::Pytest, report_file!("pytest_reruns.json")),
    (ReportFormat::Nextest, report_file!("libtest.jsonl")),
    (ReportFormat::Nextest, report_file!("nextest_plus.jsonl")),
    (ReportFormat::Go, report_file!("go.jsonl")),
    (ReportFormat::Go, report_file!("go_1.24.jsonl")),
    (ReportFormat::Junit, br#"<testsuite><testcase name="a"/></testsuite>"#),
];

pub(super) fn tests_of(bytes: &[u8]) -> Vec<ReportedTest> {
    parse(bytes).expect("a report").1.tests
}

/// The only test of a report.
pub(super) fn test_of(text: &str) -> ReportedTest {
    let tests = tests_of(text.as_bytes());
    assert_eq!(tests.len(), 1, "{tests:?}");
    tests.into_iter().next().expect("a test")
}

pub(super) fn find<'a>(tests: &'a [ReportedTest], link: &str) -> &'a ReportedTest {
    let links = || tests.iter().map(|test| &test.link).collect::<Vec<_>>();
    tests.iter().find(|test| test.link == link).unwrap_or_else(|| panic!("no {link} in {:#?}", links()))
}

pub(super) fn statuses(tests: &[ReportedTest]) -> Vec<(&str, ReportedStatus)> {
    tests.iter().map(|test| (test.link.as_str(), test.status)).collect()
}

fn error_of(bytes: &[u8]) -> ReportError {
    parse(bytes).expect_err("not a report")
}

#[test]
fn each_format_is_recognised_by_its_content() {
    for (format, bytes) in REPORT_FILES {
        let (found, report) = parse(bytes).expect("a report");
        assert_eq!(found, format);
        for test in report.tests {
            assert!(test.status != Passed || test.message.is_empty(), "{test:?}");
            assert!(!test.message.contains('\u{1b}'), "{test:?}");
        }
    }
}

#[test]
fn utf_16_is_read_with_and_without_its_mark() {
    for (format, bytes) in REPORT_FILES {
        let text = std::str::from_utf8(bytes).expect("UTF-8").trim_start_matches('\u{feff}');
        let expected = tests_of(text.as_bytes());
        // `go test` before 1.24 may begin with a line of text, where only the mark tells.
        let marks: &[&str] = if text.starts_with(['<', '{']) { &["", "\u{feff}"] } else { &["\u{feff}"] };
        for mark in marks {
            let units: Vec<u16> = mark.encode_utf16().chain(text.encode_utf16()).collect();
            for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                let bytes: Vec<u8> = units.iter().flat_map(|unit| to_bytes(*unit)).collect();
                let (found, report) = parse(&bytes).expect("a report");
                assert_eq!((found, &report.tests), (format, &expected));
            }
        }
    }
}

#[test]
fn text_around_a_report_is_ignored() {
    let document = [b"> test\n\n".as_slice(), report_file!("playwright.json"), b"\nnpm notice\n"].concat();
    assert_eq!(tests_of(&document), tests_of(report_file!("playwright.json")));
    let lines = [b"   Compiling shop v0.1.0\n{ not JSON }\n".as_slice(), report_file!("libtest.jsonl")].concat();
    assert_eq!(tests_of(&lines), tests_of(report_file!("libtest.jsonl")));
}

#[test]
fn other_files_are_refused() {
    for text in ["hello", "[]", "[1,2]", "{}", "{\"tests\":[]}", "null", "PK\u{3}\u{4}", "{\"config\":1}"] {
        assert_eq!(error_of(text.as_bytes()), ReportError::UnknownFormat, "{text}");
    }
    for text in ["<html></html>", "<TestRun/>", "<?xml version='1.0'?><test-run/>", "<!DOCTYPE html><html>"] {
        assert_eq!(error_of(text.as_bytes()), ReportError::UnknownFormat, "{text}");
    }
    for text in ["", " \n", "\u{feff}"] {
        assert_eq!(error_of(text.as_bytes()), ReportError::Empty, "{text:?}");
    }
}

#[test]
fn a_cut_document_is_refused_with_its_position() {
    let json = "{\n\"config\": {},\n\"suites\": [";
    assert_eq!(error_of(json.as_bytes()), ReportError::BrokenJson { line: 3, column: 11 });
    let preamble = format!("> test\n{json}");
    assert_eq!(error_of(preamble.as_bytes()), ReportError::BrokenJson { line: 4, column: 11 });
    let xml = "<testsuites>\n<testsuite>\n<testcase name='a'/>\n";
    assert_eq!(error_of(xml.as_bytes()), ReportError::BrokenXml { line: 4 });
    let expected = "The XML is broken in line 4. Upload the complete file as the tool wrote it.";
    assert_eq!(error_of(xml.as_bytes()).to_string(), expected);
}

#[test]
fn a_report_without_tests_is_refused() {
    for text in [
        "<testsuites/>",
        "<testsuite name='a'></testsuite>",
        "{\"config\":{},\"suites\":[]}",
        "{\"exitcode\":5,\"tests\":[]}",
        "{\"type\":\"suite\",\"event\":\"started\",\"test_count\":0}",
        "{\"Action\":\"pass\",\"Package\":\"a\"}",
    ] {
        assert_eq!(error_of(text.as_bytes()), ReportError::NoTests, "{text}");
    }
}

#[test]
fn wrong_types_of_fields_are_refused() {
    for text in ["{\"config\":{},\"suites\":7}", "{\"config\":{},\"suites\":[{\"specs\":[{\"title\":1}]}]}"] {
        assert_eq!(error_of(text.as_bytes()), ReportError::UnexpectedFields { format: ReportFormat::Playwright });
    }
    let error = error_of(b"{\"exitcode\":0,\"tests\":[{}]}");
    assert_eq!(
        error.to_string(),
        "The pytest-json-report report has unexpected fields. Upload the file as the tool wrote it."
    );
}

#[test]
fn too_many_tests_are_refused() {
    let case = |number: usize| format!("<testcase name='{number}'/>");
    let cases: String = (0..MAX_TESTS).map(case).collect();
    assert_eq!(tests_of(format!("<testsuite>{cases}</testsuite>").as_bytes()).len(), MAX_TESTS);
    let report = format!("<testsuite>{cases}{}</testsuite>", case(MAX_TESTS));
    assert_eq!(error_of(report.as_bytes()), ReportError::TooManyTests);
    for event in ["{\"type\":\"test\",\"event\":\"started\",\"name\":\"", "{\"Action\":\"run\",\"Test\":\""] {
        let started: String = (0..=MAX_TESTS).map(|number| format!("{event}{number}\"}}\n")).collect();
        let suite = "{\"type\":\"suite\",\"event\":\"started\"}\n";
        let text = if event.contains("type") { format!("{suite}{started}") } else { started };
        assert_eq!(error_of(text.as_bytes()), ReportError::TooManyTests);
    }
}

#[test]
fn long_links_are_cut_and_stay_unique() {
    let long = "ä".repeat(MAX_LINK_CHARS);
    let report =
        format!("<testsuite><testcase name='{long}'/><testcase name='{long}1'/><testcase name='{long}2'/></testsuite>");
    let tests = tests_of(report.as_bytes());
    assert_eq!(tests.len(), 3);
    assert_eq!(tests[0].link, long);
    for test in &tests[1..] {
        assert_eq!(test.link.chars().count(), MAX_LINK_CHARS);
        assert_eq!(test.link.chars().rev().nth(16), Some('#'));
        assert_eq!(test.name, long);
    }
}

#[test]
fn messages_are_cut_at_a_character() {
    let test = test_of(&format!(
        "<testsuite><testcase name='a'><failure message='m'>{}</failure></testcase></testsuite>",
        "€".repeat(MAX_MESSAGE_BYTES)
    ));
    assert!(test.message.starts_with("m\n\n€"));
    assert!(test.message.ends_with('€'));
    assert!(test.message.len() <= MAX_MESSAGE_BYTES && test.message.len() > MAX_MESSAGE_BYTES - 4);
}

#[test]
fn escapes_and_nul_are_removed() {
    for (escaped, plain) in [
        ("\u{1b}[1;31mred\u{1b}[0m", "red"),
        ("\u{1b}[38;5;1mred\u{1b}[K", "red"),
        ("\u{9b}31mred", "red"),
        ("\u{1b}]8;;https://example.com\u{1b}\\link\u{1b}]8;;\u{7}", "link"),
        ("\u{1b}]never ended\nnext", "next"),
        ("\u{1b}(Btext\u{1b}", "text"),
        ("a\0b\r\nc", "ab\nc"),
    ] {
        assert_eq!(text::clean_message(escaped), plain, "{escaped:?}");
    }
}

#[test]
fn links_and_names_are_on_one_line() {
    for (written, line) in [
        ("a\tb\r\nc", "a b c"),
        ("a\0b\u{1f}\u{7f}c\u{80}\u{9f}d", "a b c d"),
        ("a  b\u{a0}\u{2028}c", "a b c"),
        (" \u{1}a\u{1} ", "a"),
        ("\0 \n\u{85}", ""),
    ] {
        assert_eq!(text::clean_link(written), line, "{written:?}");
        assert_eq!(text::clean_name(written), line, "{written:?}");
    }
    let test = test_of(r#"{"exitcode":0,"tests":[{"nodeid":"a.py::b[1\n\u00072]","outcome":"passed"}]}"#);
    assert_eq!((test.link.as_str(), test.name.as_str()), ("a.py::b[1 2]", "b[1 2]"));
    let test = test_of(r#"{"exitcode":0,"tests":[{"nodeid":"\u0001","outcome":"passed"}]}"#);
    assert_eq!((test.link.as_str(), test.name.as_str()), ("unnamed test", "unnamed test"));
    let test = test_of(r#"{"exitcode":0,"tests":[{"nodeid":"a::\u0001","outcome":"passed"}]}"#);
    assert_eq!((test.link.as_str(), test.name.as_str()), ("a::", "a::"));
}

#[test]
fn a_cut_name_has_no_space_at_its_end() {
    let start = "a".repeat(MAX_NAME_CHARS - 1);
    assert_eq!(text::clean_name(&format!("{start} b")), start);
}

#[test]
fn repeated_links_are_merged_to_the_worst_status() {
    let case = |status| format!("<testcase name='a' time='1'>{status}</testcase>");
    let (passed, skipped, failed) = ("", "<skipped message='s'/>", "<failure message='f'/>");
    for (results, status, message) in [
        ([passed, failed, passed], Failed, "f"),
        ([failed, "<error message='e'/>", passed], Failed, "f\n\ne"),
        ([failed, failed, failed], Failed, "f"),
        ([skipped, passed, skipped], Passed, ""),
        ([skipped, skipped, skipped], Skipped, "s"),
        ([failed, "<flakyFailure message='x'/>", passed], Passed, ""),
        ([failed, "<flakyFailure message='x'/>", failed], Failed, "f"),
    ] {
        let test = test_of(&format!("<testsuite>{}</testsuite>", results.map(case).concat()));
        assert_eq!((test.status, test.message.as_str()), (status, message), "{results:?}");
        assert_eq!(test.duration_ms, Some(3_000));
    }
}

#[test]
fn the_repeated_message_of_a_stack_is_left_out() {
    assert_eq!(text::join_message("a", "Error: a\n at b"), "Error: a\n at b");
    assert_eq!(text::join_message("a", "b"), "a\n\nb");
    assert_eq!(text::join_message("a", "b\na"), "a\n\nb\na");
    assert_eq!(text::join_message(" ", "b"), "b");
    assert_eq!(text::join_message("a", ""), "a");
}

#[test]
fn broken_durations_are_left_out_or_limited() {
    for (time, expected) in [("-1", None), ("NaN", None), ("inf", None), ("", None), ("1e9", Some(31_536_000_000))] {
        let test = test_of(&format!("<testsuite><testcase name='a' time='{time}'/></testsuite>"));
        assert_eq!(test.duration_ms, expected, "{time}");
    }
}

/// Limits that hold for each report.
fn check(bytes: &[u8]) {
    let Ok((_, report)) = parse(bytes) else { return };
    assert!(!report.tests.is_empty() && report.tests.len() <= MAX_TESTS);
    for test in report.tests {
        assert!(!test.link.is_empty() && test.link.chars().count() <= MAX_LINK_CHARS);
        assert!(!test.name.is_empty() && test.name.chars().count() <= MAX_NAME_CHARS);
        assert!(test.message.len() <= MAX_MESSAGE_BYTES);
        assert!(!test.message.contains('\0'));
        for line in [&test.link, &test.name] {
            assert!(!line.contains(char::is_control) && !line.contains("  ") && line.trim() == line, "{line:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), start in 0_usize..6) {
        let starts = ["", "<testsuite>", "{\"config\":{},\"suites\":[", "{\"exitcode\":0,\"tests\":[", "{\"type\":\"test\"", "{\"Action\":"];
        check(&[starts[start].as_bytes(), &bytes].concat());
    }

    #[test]
    fn mutated_reports_do_not_panic(
        file in 0..REPORT_FILES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..20, prop::collection::vec(any::<u8>(), 0..5)), 1..20),
        end in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = REPORT_FILES[file].1.to_vec();
        for (at, removed, inserted) in edits {
            let at = at.index(bytes.len());
            let end = bytes.len().min(at + removed);
            bytes.splice(at..end, inserted);
            if bytes.is_empty() {
                break;
            }
        }
        if is_cut && !bytes.is_empty() {
            bytes.truncate(end.index(bytes.len()));
        }
        check(&bytes);
    }

    #[test]
    fn mutated_fields_do_not_panic(
        file in 0..REPORT_FILES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[a-z<>&;\\[\\]{}:,\"\\\\#$€\u{0}\u{1b}0-9.-]{0,4}"), 1..8),
    ) {
        let text = String::from_utf8_lossy(REPORT_FILES[file].1);
        let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at + 1).collect();
        let mut text = text.to_string();
        let mut places: Vec<_> = edits.iter().map(|(at, insert)| (quotes[at.index(quotes.len())], insert)).collect();
        places.sort();
        for (at, insert) in places.into_iter().rev() {
            text.insert_str(at, insert);
        }
        check(text.as_bytes());
    }
}
