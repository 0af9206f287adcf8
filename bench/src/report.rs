//! The table.

use std::process::ExitCode;
use std::time::Duration;

/// What was measured.
#[derive(Default)]
pub struct Report {
    lines: Vec<ReportLine>,
    exceeded: usize,
}

enum ReportLine {
    Section(String),
    Row { name: String, value: String, target: String, exceeded: bool },
}

impl Report {
    /// Begins a section.
    pub fn section(&mut self, name: &str) {
        eprintln!("measuring on {name} ...");
        self.lines.push(ReportLine::Section(name.to_owned()));
    }

    /// A figure that depends on the machine, with its target.
    pub fn figure(&mut self, name: &str, value: String, target: &str) {
        eprintln!("  {name}: {value}");
        self.lines.push(ReportLine::Row { name: name.to_owned(), value, target: target.to_owned(), exceeded: false });
    }

    /// A figure with a bound that holds on any machine.
    pub fn bound(&mut self, name: &str, value: String, target: &str, holds: bool) {
        self.exceeded += usize::from(!holds);
        self.lines.push(ReportLine::Row { name: name.to_owned(), value, target: target.to_owned(), exceeded: !holds });
    }

    /// Prints the table. An exceeded bound is a failure.
    pub fn print(self) -> ExitCode {
        for line in &self.lines {
            match line {
                ReportLine::Section(name) => println!("\n{name}\n{}", "-".repeat(78)),
                ReportLine::Row { name, value, target, exceeded } => {
                    let mark = if *exceeded { "  EXCEEDED" } else { "" };
                    println!("{name:<44}{value:>18}   {target}{mark}");
                }
            }
        }
        println!();
        if self.exceeded == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// A duration in milliseconds with one digit after the point.
pub fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// The value below which `share` (0 to 1) of the sorted times lie.
pub fn percentile(sorted: &[Duration], share: f64) -> Duration {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
    let rank = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(rank).copied().unwrap_or_default()
}
