//! Test runs and sessions: `test_run.*`, `session.*`. What happened to them is told with how
//! their tests stand; a result that was added is told with its comment and its issues.

use app::model::testware::{ResultStatus, State};

use super::blocks::SECTION_MAX;
use super::data::Data;
use super::telling::Telling;
use super::text;

/// Characters of a comment or a charter.
const PROSE: usize = 1000;
/// Issues of a result, and characters of each title.
const ISSUES: usize = 10;
const ISSUE_TITLE: usize = 80;

const GOOD: &str = "#1a7f37";
const WARNING: &str = "#b58105";
const BAD: &str = "#cf222e";
const OPEN: &str = "#6e7781";

/// What an event of a run or a session tells.
pub fn tell(data: Data<'_>) -> Telling {
    let counts = data.object("counts");
    let result = data.object("result");
    let tally = counts.map(tally).unwrap_or_default();
    let status = result.and_then(status_of);
    let mut telling = Telling {
        title: data.called(),
        page: data.address("link"),
        summary: status.map_or(tally.clone(), |status| status.label().to_lowercase()),
        colour: Some(status.map_or(outcome(counts), colour)),
        ..Telling::default()
    };
    match result {
        Some(result) => telling.paragraphs.extend(result_of(result)),
        None => telling.paragraphs.extend(data.text("description").or(data.text("charter")).map(quoted)),
    }
    telling.field("Changed", data.list("changed"));
    telling.field("Copied from", data.object("duplicatedFrom").map(Data::called));
    telling.field("State", state(data));
    telling.field("Results", Some(tally));
    telling.field("Total", data.count("total").map(|total| total.to_string()));
    telling.field("Time box", data.count("timeBoxMinutes").map(|minutes| format!("{minutes} min")));
    telling
}

/// "New → In progress".
fn state(data: Data<'_>) -> Option<String> {
    let label = |text: &str| text.parse::<State>().map_or_else(|_| text.to_owned(), |state| state.label().to_owned());
    let now = data.text("state").map(label)?;
    Some(match data.text("previousState").map(label) {
        Some(before) => format!("{before} → {now}"),
        None => now,
    })
}

/// "12 passed, 1 failed": what there is none of is left out.
fn tally(counts: Data<'_>) -> String {
    let some = |status: &&ResultStatus| counts.count(status.as_str()).is_some_and(|count| count > 0);
    let one = |status: &ResultStatus| {
        format!("{} {}", counts.count(status.as_str()).unwrap_or_default(), status.label().to_lowercase())
    };
    ResultStatus::ALL.iter().filter(some).map(one).collect::<Vec<_>>().join(", ")
}

fn status_of(result: Data<'_>) -> Option<ResultStatus> {
    result.text("status")?.parse().ok()
}

const fn colour(status: ResultStatus) -> &'static str {
    match status {
        ResultStatus::Passed => GOOD,
        ResultStatus::Failed => BAD,
        ResultStatus::Blocked | ResultStatus::Retest => WARNING,
        ResultStatus::Untested | ResultStatus::Skipped => OPEN,
    }
}

/// The worst that there is; good only when nothing is left to test.
fn outcome(counts: Option<Data<'_>>) -> &'static str {
    use ResultStatus::{Blocked, Failed, Passed, Retest, Untested};
    let some =
        |status: ResultStatus| counts.and_then(|counts| counts.count(status.as_str())).is_some_and(|count| count > 0);
    [Failed, Blocked, Retest, Untested, Passed].into_iter().find(|&status| some(status)).map_or(OPEN, colour)
}

/// The case with its status, the comment, the issues.
fn result_of(result: Data<'_>) -> Vec<String> {
    let status = status_of(result).map(|status| format!("*{}*", status.label()));
    let case = result.object("case").map(|case| text::line(&case.called(), PROSE));
    let took = result.count("elapsedSeconds").map(duration);
    let first: Vec<_> = [status, case, took].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let issues: Vec<_> = result.objects("issues").take(ISSUES).filter_map(issue).collect();
    let paragraphs = [first.join(" · "), result.text("comment").map(quoted).unwrap_or_default(), issues.join("\n")];
    paragraphs.into_iter().filter(|text| !text.is_empty() && text::size(text) <= SECTION_MAX).collect()
}

/// Linked to the tracker, or else to its page here.
fn issue(issue: Data<'_>) -> Option<String> {
    let label = text::line(&issue.called(), ISSUE_TITLE);
    // The addresses of ten issues are to fit into one section.
    let address = issue.address("url").or(issue.address("link")).filter(|address| address.len() < 200);
    (!label.is_empty()).then(|| format!("• {}", address.map_or(label.clone(), |address| text::link(&address, &label))))
}

/// As a quotation, each line of it.
fn quoted(text: &str) -> String {
    let text = text::lines(text, PROSE);
    text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

/// "2 min 5 s".
fn duration(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
