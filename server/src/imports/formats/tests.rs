//! Files in the shapes that the tools export, written for these tests.

use app::imports::{ImportFormat, ProblemKind};
use app::testware::custom_field::CustomFieldId;
use uuid::Uuid;

use super::*;

const BROWSER: CustomFieldId = CustomFieldId(Uuid::from_u128(1));

fn read_as(text: &str, format: Option<ImportFormat>, mapping: &[(&str, &str)]) -> Result<ParsedFile, FileError> {
    let mapping = mapping.iter().map(|(name, target)| ((*name).to_owned(), (*target).to_owned())).collect();
    parse(text.as_bytes(), format, &mapping, &[(BROWSER, "Browser".to_owned())])
}

fn read(text: &str) -> ParsedFile {
    read_as(text, None, &[]).unwrap()
}

fn steps(case: &ParsedCase) -> Vec<(&str, &str)> {
    case.steps.iter().map(|step| (step.action.as_str(), step.expected.as_str())).collect()
}

#[test]
fn a_plain_table_is_mapped_by_the_names_of_its_columns() {
    let text = "Title;Section;Steps;Expected Result;Priority;Tags;Browser;Owner\n\
        Pay by card;Shop > Checkout;\"1. Open the cart\n2. Pay\";\"1. It opens\n2. It is paid\";High;smoke, web;Firefox;Ada\n\
        Pay by card;Shop/Checkout;Pay;Paid;;;;\n\
        =1+1;;;;;;;\n";
    for text in [text.to_owned(), format!("\u{feff}{text}"), text.replace('\n', "\r\n")] {
        let file = read(&text);
        assert_eq!(file.format, ImportFormat::Csv);
        let targets: Vec<&str> = file.columns.iter().map(|column| column.target.as_str()).collect();
        let browser = BROWSER.to_string();
        assert_eq!(targets, ["title", "suite", "action", "expected", "priority", "labels", &browser, "ignore"]);
        assert_eq!(file.columns[2].sample, "1. Open the cart 2. Pay");
        let [first, second, formula] = &*file.cases else { panic!("{:?}", file.cases) };
        assert_eq!((first.row, &*first.title, &*first.priority), (2, "Pay by card", "High"));
        assert_eq!(first.suite, ["Shop", "Checkout"]);
        assert_eq!(steps(first), [("Open the cart", "It opens"), ("Pay", "It is paid")]);
        assert_eq!(first.labels, ["smoke", "web"]);
        assert_eq!(first.fields, [(FieldName::Id(BROWSER), "Firefox".to_owned())]);
        assert_eq!((second.suite.len(), steps(second)), (2, vec![("Pay", "Paid")]));
        assert_eq!((&*formula.title, formula.row), ("=1+1", 6));
    }
}

#[test]
fn utf_16_is_read_and_other_encodings_are_refused() {
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("Title\tSuite\nPay\té\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let file = parse(&utf16, None, &Mapping::new(), &[]).unwrap();
    assert_eq!((&*file.cases[0].title, &*file.cases[0].suite), ("Pay", &["é".to_owned()][..]));
    for bytes in [&b"Title\nPr\xe4zise\n"[..], b"T\0i\0t\0l\0e\0\n\0"] {
        assert_eq!(parse(bytes, None, &Mapping::new(), &[]).err(), Some(FileError::NotText));
    }
}

#[test]
fn a_mapping_replaces_what_the_names_say() {
    let text = "What,Title,Browser\nPay,ignored,Firefox\n";
    let file = read_as(text, None, &[("What", "title"), ("Title", "labels"), ("Browser", "suite")]).unwrap();
    let case = &file.cases[0];
    assert_eq!((&*case.title, &*case.labels, &*case.suite), ("Pay", &["ignored".into()][..], &["Firefox".into()][..]));
    assert_eq!(case.fields, []);
    // What users chose takes the place of the column with the fitting name.
    let file = read_as("Title,Name\na,b\n", None, &[("Name", "title")]).unwrap();
    assert_eq!((&*file.columns[0].target, &*file.cases[0].title), ("ignore", "b"));
    let by_id = read_as(text, None, &[("What", &BROWSER.to_string())]).unwrap();
    assert_eq!(by_id.cases[0].fields, [(FieldName::Id(BROWSER), "Pay".to_owned())]);
    let unknown = CustomFieldId(Uuid::from_u128(2)).to_string();
    for (mapping, error) in [
        (("Nothing", "title"), FileError::UnknownColumn("Nothing".into())),
        (("What", "colour"), FileError::UnknownTarget("What".into(), "colour".into())),
        (("What", &*unknown), FileError::UnknownTarget("What".into(), unknown.clone())),
    ] {
        assert_eq!(read_as(text, None, &[mapping]).err(), Some(error));
    }
}

#[test]
fn a_table_without_titles_asks_for_the_column() {
    let file = read("Text,Details\nPay,x\n");
    assert_eq!((file.cases.len(), file.columns.len()), (0, 2));
    assert_eq!((file.problems[0].kind, file.problems[0].row), (ProblemKind::Error, None));
    let file = read("Title,ID\nPay,1\n,2\n");
    assert_eq!(file.cases.len(), 1);
    assert_eq!((file.problems[0].kind, file.problems[0].row), (ProblemKind::Error, Some(3)));
}

#[test]
fn rows_of_xray_with_the_same_id_are_one_case() {
    let text = "TCID;Test Summary;Test Priority;Test Type;Action;Data;Result;Test Repo;Labels\n\
        1;Sign in;Highest;Manual;Open the page;;It opens;/Account/Sign in;smoke\n\
        1;;;;Enter the password;secret;\"Signed in,\nand greeted\";;\n\
        2;Sign out;Low;Manual;Leave;;;/Account;\n\
        2;Sign out;Low;Manual;Come back;;Signed out;/Account;\n";
    let file = read(text);
    assert_eq!(file.format, ImportFormat::XrayCsv);
    let [first, second] = &*file.cases else { panic!("{:?}", file.cases) };
    assert_eq!((&*first.title, &*first.priority, &*first.labels), ("Sign in", "Highest", &["smoke".into()][..]));
    assert_eq!(first.suite, ["Account", "Sign in"]);
    let expected =
        [("Open the page", "It opens"), ("Enter the password\n\nTest data: secret", "Signed in,\nand greeted")];
    assert_eq!(steps(first), expected);
    assert_eq!((second.row, steps(second).len()), (5, 2));
}

#[test]
fn rows_of_zephyr_without_a_name_are_steps() {
    let scale = "Key,Name,Status,Precondition,Objective,Folder,Priority,Component,Labels,Owner,Estimated Time,\
        Coverage (Issues),Coverage (Pages),Test Script (Step-by-Step) - Step,Test Script (Step-by-Step) - Test Data,\
        Test Script (Step-by-Step) - Expected Result,Test Script (Plain Text),Test Script (BDD)\n\
        WEB-T1,Reset password,Approved,A user exists,Users get in again,/Account,High,Login,\"a, b\",ada,,WEB-7,,\
        Ask for a link,,A mail arrives,,\n\
        ,,,,,,,,,,,,,Open the link,from the mail,A form opens,,\n\
        WEB-T2,Read terms,Draft,,,/,,,,,,,,,,,Just read them,\n";
    let file = read(scale);
    assert_eq!(file.format, ImportFormat::ZephyrCsv);
    let [first, second] = &*file.cases else { panic!("{:?}", file.cases) };
    assert_eq!(first.preconditions, "Objective: Users get in again\n\nA user exists");
    assert_eq!((&*first.suite, &*first.labels), (&["Account".into()][..], &["Login", "a", "b"].map(String::from)[..]));
    let expected =
        [("Ask for a link", "A mail arrives"), ("Open the link\n\nTest data: from the mail", "A form opens")];
    assert_eq!(steps(first), expected);
    assert_eq!((second.suite.len(), steps(second)), (0, vec![("Just read them", "")]));

    let squad =
        "ExternalId\tName\tTest Step\tTest Data\tExpected Result\n7\tPay\tOpen\t\tOpens\n7\t\tPay\t5 EUR\tPaid\n";
    let file = read(squad);
    assert_eq!((file.format, file.cases.len(), steps(&file.cases[0]).len()), (ImportFormat::ZephyrCsv, 1, 2));
}

#[test]
fn suites_and_steps_of_a_qase_table_are_resolved() {
    let text = "v2.id,title,description,preconditions,postconditions,tags,priority,severity,automation,status,steps_type,\
        steps_actions,steps_result,steps_data,suite_id,suite_parent_id,suite,suite_without_cases\n\
        ,,,,,,,,,,,,,,1,,Shop,1\n\
        ,,,,,,,,,,,,,,2,1,Checkout,1\n\
        11,Pay,Buys a book,Cart has a book,Cart is empty,\"smoke,web\",high,normal,manual,actual,classic,\
        \"1. \"\"Open the \"\"\"\"cart\"\"\"\"\"\"\n2. \"\"Pay\"\"\",\"1. \"\"It opens\"\"\n2. \"\"Paid\"\"\",\"1. \n2. \"\"Card\"\"\",2,,Checkout,\n\
        12,Look,,,,,undefined,normal,manual,actual,classic,,,,9,9,Loop,\n";
    let file = read(text);
    assert_eq!(file.format, ImportFormat::QaseCsv);
    let [first, second] = &*file.cases else { panic!("{:?}", file.cases) };
    assert_eq!(
        (&*first.title, &*first.priority, &*first.suite),
        ("Pay", "high", &["Shop", "Checkout"].map(String::from)[..])
    );
    assert_eq!(first.preconditions, "Buys a book\n\npostconditions: Cart is empty\n\nCart has a book");
    assert_eq!(steps(first), [("Open the \"cart\"", "It opens"), ("Pay\n\nTest data: Card", "Paid")]);
    assert_eq!((first.labels.len(), second.suite.last().map(String::as_str)), (2, Some("Loop")));
    assert_eq!(file.columns.iter().find(|column| column.name == "suite").unwrap().target, "suite");
}

#[test]
fn suites_within_suites_of_a_qase_document_are_read() {
    let text = r#"{"suites": [{"id": 1, "title": "Shop", "cases": [], "suites": [{"title": "Checkout", "suites": null, "cases": [
        {"id": 7, "title": "Pay", "description": null, "preconditions": "Cart has a book", "postconditions": "Cart is empty",
         "priority": "high", "steps_type": "classic", "tags": ["smoke", {"title": "web"}], "params": [],
         "custom_fields": [{"id": 1, "title": "Browser", "value": "Firefox"}],
         "steps": [{"position": 1, "action": "Open", "expected_result": "Opens", "data": "",
                    "steps": [{"action": "Wait", "data": "5 s", "expected_result": null}]}]}]}]}]}"#;
    let file = read(text);
    assert_eq!((file.format, file.columns.len()), (ImportFormat::QaseJson, 0));
    let case = &file.cases[0];
    assert_eq!((case.row, &*case.title, &*case.suite), (1, "Pay", &["Shop", "Checkout"].map(String::from)[..]));
    assert_eq!(case.preconditions, "Cart has a book\n\nPostconditions: Cart is empty");
    assert_eq!(steps(case), [("Open", "Opens"), ("Wait\n\nTest data: 5 s", "")]);
    assert_eq!(case.labels, ["smoke", "web"]);
    assert_eq!(case.fields, [(FieldName::Name("Browser".into()), "Firefox".to_owned())]);
}

#[test]
fn testmo_files_are_read() {
    let csv = "Case ID,Case,Folder,Template,State,Priority,Tags,Steps (Step),Steps (Expected)\n\
        1,Pay,Shop > Checkout,Case (steps),Active,High,\"smoke, web\",Open,Opens\n\
        1,,,,,,,Pay,Paid\n";
    let file = read(csv);
    assert_eq!(file.format, ImportFormat::TestmoCsv);
    assert_eq!((file.cases.len(), steps(&file.cases[0])), (1, vec![("Open", "Opens"), ("Pay", "Paid")]));
    assert_eq!((&*file.cases[0].suite, &*file.cases[0].state), (&["Shop", "Checkout"].map(String::from)[..], "Active"));

    let json = r#"{"page": 1, "folders": [{"id": 1, "name": "Shop", "parent_id": null}, {"id": 2, "name": "Checkout", "parent_id": 1}],
        "result": [{"id": 5, "name": "Pay", "folder_id": 2, "custom_priority": {"id": 1, "name": "High"}, "tags": [{"name": "smoke"}],
        "custom_steps": [{"text1": "<p>Open the <b>cart</b></p>", "text3": "<p>It opens</p>", "display_order": 1}]}]}"#;
    let file = read(json);
    assert_eq!(file.format, ImportFormat::TestmoJson);
    let case = &file.cases[0];
    assert_eq!(
        (&*case.title, &*case.priority, &*case.suite),
        ("Pay", "High", &["Shop", "Checkout"].map(String::from)[..])
    );
    assert_eq!((steps(case), &*case.labels), (vec![("Open the **cart**", "It opens")], &["smoke".into()][..]));
    assert_eq!(read(r#"[{"name": "Pay", "folder": "Shop/Checkout"}]"#).cases[0].suite.len(), 2);
}

const TESTRAIL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<suite><id>S1</id><name>Master</name><description></description><sections>
 <section><name>Shop &amp; more</name><description>All</description>
  <cases><case><id>C1</id><title>Look &lt;around&gt;</title><template>Test Case (Text)</template><type>Other</type>
   <priority>4 - Must Test</priority><estimate>1m</estimate><references>WEB-7</references>
   <custom><preconds>A shop &#233;</preconds><steps><![CDATA[Look & see]]></steps><expected>Nice</expected>
    <browser><id>2</id><value> Firefox</value></browser></custom></case></cases>
  <sections><section><name>Checkout</name><cases><case><id>C2</id><title>Pay</title><priority>Low</priority><custom>
   <steps_separated><step><index>1</index><content>Open
the cart</content><additional_info>as a guest</additional_info><expected>It opens</expected></step>
   <step><index>2</index><content>Pay</content><expected/></step></steps_separated></custom></case></cases></section></sections>
 </section></sections></suite>"#;

#[test]
fn sections_within_sections_of_testrail_are_read() {
    let file = read(TESTRAIL);
    assert_eq!((file.format, file.columns.len()), (ImportFormat::TestrailXml, 0));
    let [first, second] = &*file.cases else { panic!("{:?}", file.cases) };
    assert_eq!((first.row, &*first.title, &*first.priority), (1, "Look <around>", "4 - Must Test"));
    assert_eq!((&*first.suite, steps(first)), (&["Shop & more".into()][..], vec![("Look & see", "Nice")]));
    assert_eq!(first.preconditions, "A shop é\n\nReferences: WEB-7");
    assert!(first.fields.contains(&(FieldName::Name("browser".into()), "Firefox".into())), "{:?}", first.fields);
    assert_eq!(second.suite, ["Shop & more", "Checkout"]);
    assert_eq!(steps(second), [("Open\nthe cart\n\nTest data: as a guest", "It opens"), ("Pay", "")]);
}

#[test]
fn broken_documents_say_where() {
    assert!(matches!(read_as(&TESTRAIL[..700], None, &[]), Err(FileError::BrokenXml { line }) if line > 3));
    let deep = format!("<suite>{}", "<a>".repeat(200));
    assert_eq!(read_as(&deep, None, &[]).err(), Some(FileError::TooDeep { limit: 100 }));
    let other = FileError::OtherFormat(ImportFormat::TestrailXml);
    assert_eq!(read_as("<html></html>", None, &[]).err(), Some(other));
    assert_eq!(read_as("<suite></suite>", None, &[]).err(), Some(FileError::NoCases));
    let bomb = "<!DOCTYPE s [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><suite><sections><section><cases><case><title>&b;</title></case></cases></section></sections></suite>";
    assert_eq!(read(bomb).cases[0].title, "&b;");
    for text in ["{\"suites\": [", "{\"suites\": [{\"cases\": [1]}]}", "[1]"] {
        assert!(matches!(read_as(text, None, &[]), Err(FileError::BrokenJson { line: 1, .. })), "{text}");
    }
    assert_eq!(read_as("{\"other\": 1}", None, &[]).err(), Some(FileError::UnknownJson));
    let nested = format!("{{\"suites\":{}1{}", "[{\"suites\":".repeat(200), "}]".repeat(200));
    assert!(read_as(&nested, None, &[]).is_err());
    for text in ["", "  \n ", "\u{feff}"] {
        assert_eq!(read_as(text, None, &[]).err(), Some(FileError::Empty), "{text:?}");
    }
}

#[test]
fn a_chosen_format_must_fit() {
    for (text, format) in [
        ("Title\nPay\n", ImportFormat::QaseJson),
        (TESTRAIL, ImportFormat::QaseJson),
        ("{\"suites\":[]}", ImportFormat::TestrailXml),
    ] {
        assert_eq!(read_as(text, Some(format), &[]).err(), Some(FileError::OtherFormat(format)), "{format}");
    }
    // A table may begin like a document.
    assert_eq!(read_as("[x],Title\n1,Pay\n", Some(ImportFormat::Csv), &[]).unwrap().cases[0].title, "Pay");
}

#[test]
fn more_than_ten_thousand_cases_are_refused() {
    let rows = "Pay\n".repeat(MAX_IMPORTED_CASES);
    assert_eq!(read(&format!("Title\n{rows}")).cases.len(), MAX_IMPORTED_CASES);
    assert_eq!(read_as(&format!("Title\n{rows}Pay\n"), None, &[]).err(), Some(FileError::TooManyCases));
}
