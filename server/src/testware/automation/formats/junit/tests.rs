use super::super::ReportedStatus::{Failed, Passed, Skipped};
use super::super::tests::{find, report_file, statuses, test_of, tests_of};
use super::super::{ReportError, ReportedTest, parse};
use super::*;

fn case(content: &str) -> String {
    format!("<testsuite><testcase classname='c' name='n'>{content}</testcase></testsuite>")
}

#[test]
fn surefire_reports_are_read() {
    let tests = tests_of(report_file!("surefire.xml"));
    let class = "com.example.shop.CartTest";
    let expected = [
        ("addsAnItem", Passed),
        ("computesThePrice", Failed),
        ("opensTheDatabase", Failed),
        ("isSkipped", Skipped),
        ("passesAtTheSecondAttempt", Passed),
        ("failsAtEachAttempt", Failed),
    ]
    .map(|(name, status)| (format!("{class}.{name}"), status));
    assert_eq!(statuses(&tests), expected.iter().map(|(link, status)| (link.as_str(), *status)).collect::<Vec<_>>());
    assert_eq!((tests[0].name.as_str(), tests[0].duration_ms), ("addsAnItem", Some(1_234_500)));
    assert_eq!(
        tests[1].message,
        "org.opentest4j.AssertionFailedError: expected: <80> but was: <90>\n\tat com.example.shop.CartTest.computesThePrice(CartTest.java:21)"
    );
    assert_eq!(tests[3].message, "needs the shop");
}

#[test]
fn a_rerun_that_passed_counts_as_passed() {
    let tests = tests_of(report_file!("surefire.xml"));
    let test = find(&tests, "com.example.shop.CartTest.passesAtTheSecondAttempt");
    assert_eq!((test.status, test.message.as_str()), (Passed, ""));
}

#[test]
fn a_rerun_that_failed_counts_as_failed() {
    let tests = tests_of(report_file!("surefire.xml"));
    let test = find(&tests, "com.example.shop.CartTest.failsAtEachAttempt");
    assert_eq!(test.status, Failed);
    assert!(test.message.starts_with("java.lang.AssertionError: never\n"), "{}", test.message);
    assert!(!test.message.contains("never again"));
}

#[test]
fn jest_reports_are_read() {
    let tests = tests_of(report_file!("jest.xml"));
    assert_eq!(tests.iter().map(|test| test.status).collect::<Vec<_>>(), [Passed, Failed, Skipped]);
    assert_eq!(tests[1].link, "cart computes the price.cart computes the price");
    assert!(tests[1].message.starts_with("Error: expect(received)"));
}

#[test]
fn gradle_reports_are_read() {
    let tests = tests_of(report_file!("gradle.xml"));
    assert_eq!(tests.iter().map(|test| test.status).collect::<Vec<_>>(), [Passed, Failed, Skipped]);
    let test = find(&tests, "com.example.shop.CartTest.[1] price=80");
    assert_eq!((test.name.as_str(), test.duration_ms), ("[1] price=80", Some(20)));
    assert!(!test.message.contains("computing"));
}

#[test]
fn nested_suites_of_phpunit_are_read() {
    let tests = tests_of(report_file!("phpunit.xml"));
    assert_eq!(tests.iter().map(|test| test.status).collect::<Vec<_>>(), [Passed, Passed, Failed, Failed, Skipped]);
    let test = find(&tests, "Tests.CartTest.testPrice with data set \"half\"");
    assert!(test.message.contains("Failed asserting that 90 matches expected 80."));
}

#[test]
fn nunit_reports_with_a_byte_order_mark_are_read() {
    let tests = tests_of(report_file!("nunit.xml"));
    assert_eq!(tests.iter().map(|test| test.status).collect::<Vec<_>>(), [Passed, Failed, Skipped]);
    assert_eq!((tests[0].link.as_str(), tests[0].duration_ms), ("Shop.Tests.CartTests.Adds(1,2)", Some(12)));
    assert_eq!(
        tests[1].message,
        "Expected: 80\n  But was:  90\n\nat Shop.Tests.CartTests.Price() in C:\\shop\\CartTests.cs:line 21"
    );
}

#[test]
fn junit_of_pytest_is_read() {
    let tests = tests_of(report_file!("pytest.xml"));
    assert_eq!(tests[0].link, "tests.test_import_error");
    assert_eq!(tests.iter().filter(|test| test.status == Failed).count(), 6);
    assert_eq!(find(&tests, "tests.test_orders.test_known_bug").status, Skipped);
    let test = find(&tests, "tests.test_orders.test_red_output");
    assert!(test.message.starts_with("ValueError: red #x00 & <tag>"), "{}", test.message);
}

#[test]
fn junit_of_playwright_is_read() {
    let tests = tests_of(report_file!("playwright.xml"));
    assert_eq!(tests.len(), 9);
    assert_eq!(find(&tests, "cart.spec.ts.Cart › with a coupon › passes at the second attempt").status, Passed);
    assert_eq!(find(&tests, "cart.spec.ts.Cart › times out").status, Failed);
    let test = find(&tests, "cart.spec.ts.Cart › with a coupon › fails at the price");
    assert_eq!((test.status, test.duration_ms), (Failed, Some(125)));
    assert!(test.message.contains("Received: 90"));
}

#[test]
fn a_test_without_a_class_is_linked_by_its_name() {
    assert_eq!(test_of("<testsuite><testcase name='a'/></testsuite>").link, "a");
    assert_eq!(test_of("<testsuite><testcase classname='' name='a'/></testsuite>").link, "a");
    assert_eq!(test_of("<testsuites><testcase classname='c'/></testsuites>").link, "c");
    assert_eq!(test_of("<testsuite><testcase/></testsuite>").link, "unnamed test");
}

#[test]
fn several_failures_are_joined() {
    let test = test_of(&case("<failure message='a'>b</failure><error type='T'/><skipped/>"));
    assert_eq!((test.status, test.message.as_str()), (Failed, "a\n\nb\n\nT"));
}

#[test]
fn elements_in_a_failure_are_read_as_text() {
    let test = test_of(&case("<failure><message><![CDATA[a<b]]></message>\n<stack-trace>c</stack-trace></failure>"));
    assert_eq!(test.message, "a<b\nc");
}

#[test]
fn the_output_stands_in_for_a_missing_failure_text() {
    let test = test_of(&case("<failure/><system-out>out</system-out><system-err>err</system-err>"));
    assert_eq!(test.message, "out\n\nerr");
}

#[test]
fn a_test_that_was_not_run_counts_as_skipped() {
    for status in ["notrun", "disabled", "skipped"] {
        let test = test_of(&format!("<testsuite><testcase name='a' status='{status}'/></testsuite>"));
        assert_eq!(test.status, Skipped);
    }
}

#[test]
fn custom_entities_stay_as_written() {
    let test = test_of(
        "<!DOCTYPE testsuite [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>\
         <testsuite><testcase name='&b;' classname='c&lt;'><failure message='&f;'>&f; &#65;&amp;&b;</failure></testcase></testsuite>",
    );
    assert_eq!(test.link, "c<.&b;");
    assert_eq!(test.message, "&f; A&&b;");
}

#[test]
fn deep_nesting_is_refused() {
    let nested = |depth: usize| format!("{}{}", "<testsuite>".repeat(depth), "</testsuite>".repeat(depth));
    assert_eq!(parse(nested(MAX_DEPTH).as_bytes()), Err(ReportError::NoTests));
    assert_eq!(parse(nested(MAX_DEPTH + 1).as_bytes()), Err(ReportError::TooDeep { limit: MAX_DEPTH }));
}

#[test]
fn mismatched_elements_are_refused() {
    let report = "<testsuite>\n<testcase name='a'>\n</testsuite>\n";
    assert_eq!(parse(report.as_bytes()), Err(ReportError::BrokenXml { line: 3 }));
}

#[test]
fn declared_encodings_are_decoded() {
    let report = b"<?xml version='1.0' encoding='ISO-8859-1'?><testsuite><testcase name='Gr\xf6\xdfe'/></testsuite>";
    assert_eq!(tests_of(report)[0].name, "Größe");
}

#[test]
fn utf_8_that_declares_utf_16_is_read() {
    let test = test_of("<?xml version=\"1.0\" encoding=\"utf-16\"?><testsuite><testcase name='ö'/></testsuite>");
    assert_eq!(test.name, "ö");
}

#[test]
fn many_attributes_are_read_quickly() {
    let attributes: String = (0..200_000).map(|number| format!(" a{number}='1'")).collect();
    assert_eq!(test_of(&format!("<testsuite><testcase name='a'{attributes}/></testsuite>")).link, "a");
}

#[test]
fn times_are_read_with_commas() {
    for (time, expected) in [
        ("1.5", Some(1_500)),
        ("1,234.567", Some(1_234_567)),
        ("1,234", Some(1_234_000)),
        ("1,234,567", Some(1_234_567_000)),
        ("0,123", Some(123)),
        ("12,5", Some(12_500)),
        ("0.0004", Some(0)),
        ("0.0005", Some(1)),
        ("12s", None),
    ] {
        let millis = parse_time(time).map(|duration| (duration + Duration::from_micros(500)).as_millis());
        assert_eq!(millis, expected, "{time}");
    }
}

/// Link, name, status and message.
fn summary(test: &ReportedTest) -> (&str, &str, ReportedStatus, &str) {
    (&test.link, &test.name, test.status, &test.message)
}

#[test]
fn a_failure_directly_below_a_suite_counts_as_failed() {
    for element in ["error", "failure"] {
        let tests = tests_of(
            format!(
                "<testsuite name='s'><{element} message='m'>at <b>a</b></{element}><testcase name='a'/></testsuite>"
            )
            .as_bytes(),
        );
        assert_eq!(statuses(&tests), [("a", Passed), ("s", Failed)]);
        assert_eq!(summary(&tests[1]), ("s", "s", Failed, "m\n\nat a"));
    }
    let test = test_of("<testsuites><testsuite name='s'><error type='T'/><error>e</error></testsuite></testsuites>");
    assert_eq!(summary(&test), ("s", "s", Failed, "T\n\ne"));
    assert_eq!(summary(&test_of("<testsuite name='s'><error/></testsuite>")), ("s", "s", Failed, SUITE_FAILED));
}

#[test]
fn tests_within_the_failure_of_a_suite_are_its_text() {
    let test = test_of("<testsuite name='s'><error><testcase name='a'>b</testcase></error></testsuite>");
    assert_eq!(summary(&test), ("s", "s", Failed, "b"));
}

#[test]
fn a_suite_that_counts_failures_without_a_failed_test_counts_as_failed() {
    for counts in ["errors='1'", "failures='2'", "errors='0' failures=' 1 '"] {
        let tests = tests_of(format!("<testsuite name='s' {counts}><testcase name='a'/></testsuite>").as_bytes());
        assert_eq!(statuses(&tests), [("a", Passed), ("s", Failed)], "{counts}");
        assert_eq!(tests[1].message, SUITE_FAILED);
        assert_eq!(test_of(&format!("<testsuite name='s' {counts}/>")).link, "s");
    }
    for counts in ["errors='0' failures='0'", "errors='' failures='none'", "errors='-1'", "skipped='1'"] {
        assert_eq!(test_of(&format!("<testsuite name='s' {counts}><testcase name='a'/></testsuite>")).link, "a");
    }
}

#[test]
fn a_suite_without_a_name_has_a_general_one() {
    for name in ["", "name=''", "name=' &#10;&#x9f;'"] {
        let test = test_of(&format!("<testsuite {name}><error message='m'/></testsuite>"));
        assert_eq!(summary(&test), ("Test suite", "Test suite", Failed, "m"), "{name}");
    }
}

#[test]
fn a_suite_with_a_failed_test_is_not_reported() {
    let failed = "<testcase name='a'><failure/></testcase>";
    for content in [
        failed.to_owned(),
        format!("<error message='m'/>{failed}"),
        format!("{failed}<failure message='m'/>"),
        format!("<testsuite name='t' failures='1'>{failed}</testsuite><testsuite name='u'/>"),
    ] {
        let tests = tests_of(format!("<testsuite name='s' errors='5' failures='5'>{content}</testsuite>").as_bytes());
        assert_eq!(statuses(&tests), [("a", Failed)], "{content}");
    }
}

#[test]
fn a_failed_test_of_another_suite_does_not_hide_a_failed_suite() {
    let failed = "<testsuite name='s'><testcase name='a'><failure/></testcase></testsuite>";
    let report = format!("<testsuites>{failed}<testsuite name='t' errors='1'/>{failed}</testsuites>");
    assert_eq!(statuses(&tests_of(report.as_bytes())), [("a", Failed), ("t", Failed)]);
    let report = format!("<testsuite name='o' failures='2'><testsuite name='t' errors='1'/>{failed}</testsuite>");
    assert_eq!(statuses(&tests_of(report.as_bytes())), [("t", Failed), ("a", Failed)]);
}

#[test]
fn only_the_innermost_suite_that_counts_a_failure_is_reported() {
    let nested =
        "<testsuite name='t' errors='1'><testsuite name='u' errors='1'><testcase name='a'/></testsuite></testsuite>";
    let report = format!("<testsuites errors='1'><testsuite name='s' errors='1'>{nested}</testsuite></testsuites>");
    assert_eq!(statuses(&tests_of(report.as_bytes())), [("a", Passed), ("u", Failed)]);
    let report = format!("<testsuite name='s' errors='2'><error message='own'/>{nested}</testsuite>");
    let tests = tests_of(report.as_bytes());
    assert_eq!(statuses(&tests), [("a", Passed), ("u", Failed), ("s", Failed)]);
    assert_eq!(tests[2].message, "own");
}

#[test]
fn a_flaky_test_does_not_make_its_suite_fail() {
    let flaky = "<testcase name='a'><flakyFailure message='1'/><flakyError message='2'/></testcase>";
    for counts in ["failures='0' flakes='1'", "failures='1' errors='1'"] {
        for report in [
            format!("<testsuite name='s' {counts}>{flaky}</testsuite>"),
            format!("<testsuite name='s' {counts}><testsuite name='t' {counts}>{flaky}</testsuite></testsuite>"),
        ] {
            assert_eq!(statuses(&tests_of(report.as_bytes())), [("a", Passed)], "{report}");
        }
    }
}

#[test]
fn failures_beyond_those_of_flaky_tests_make_the_suite_fail() {
    let flaky = "<testcase name='a'><flakyFailure message='1'/></testcase>";
    let report = format!("<testsuite name='s' failures='1' errors='1'>{flaky}</testsuite>");
    assert_eq!(statuses(&tests_of(report.as_bytes())), [("a", Passed), ("s", Failed)]);
    let report = format!("<testsuite name='s' failures='1'>{flaky}<error message='m'/></testsuite>");
    assert_eq!(statuses(&tests_of(report.as_bytes())), [("a", Passed), ("s", Failed)]);
}

#[test]
fn a_class_of_control_characters_only_is_no_class() {
    assert_eq!(test_of("<testsuite><testcase classname='&#1;' name='a'/></testsuite>").link, "a");
}
