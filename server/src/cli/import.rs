//! `testbell import`: imports test cases from a file of another tool, or says what it would import.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use app::error::Error;
use app::imports::{Import, ImportFormat, ImportPreview, ImportProblem, ImportStatus, MAX_IMPORT_BYTES};
use bytes::Bytes;
use clap::Args;
use testbell_client::{Client, Method};
use tokio::time::sleep;

use super::api::{ServerOptions, printable};
use crate::start::StartError;

/// A large file takes the server a while.
const TIME_LIMIT: Duration = Duration::from_secs(120);
/// How often the progress is read.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);
/// The file has errors, or the import failed.
const NOT_IMPORTED: u8 = 1;
/// The server could not be reached, or refused the call.
const NOT_SENT: u8 = 2;

/// What to import, and where.
#[derive(Args)]
pub struct Command {
    /// CSV, TestRail XML, or the export of Xray, Zephyr, Qase, Testmo or Testbell.
    file: PathBuf,
    /// ID or key of the project.
    #[arg(long)]
    project: String,
    /// Format: testbell_csv, csv, testrail_xml, xray_csv, zephyr_csv, qase_csv, qase_json, testmo_csv or testmo_json.
    /// Default: recognised by the content.
    #[arg(long)]
    format: Option<ImportFormat>,
    /// What a column of a CSV file becomes, e.g. "Area=suite" or "Owner=ignore". Can be repeated.
    #[arg(long = "map", value_name = "COLUMN=FIELD", value_parser = column_and_field)]
    mapping: Vec<(String, String)>,
    /// Only say what would be imported.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    server: ServerOptions,
}

fn column_and_field(text: &str) -> Result<(String, String), String> {
    let (column, field) = text.rsplit_once('=').ok_or("Use COLUMN=FIELD, e.g. Area=suite.")?;
    Ok((column.to_owned(), field.trim().to_owned()))
}

/// Imports, and says what was created. Exits with 1 if the file has errors, and with 2 if it could not be sent.
pub async fn run(command: Command) -> ExitCode {
    match import(command).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(NOT_IMPORTED),
        Err(error) => {
            eprintln!("testbell: {error}");
            ExitCode::from(NOT_SENT)
        }
    }
}

/// Whether the file has no errors, and all its cases were created.
async fn import(Command { file, project, format, mapping, dry_run, server }: Command) -> Result<bool, StartError> {
    let client = server.client()?;
    let bytes = match fs::read(&file) {
        Ok(bytes) => Bytes::from(bytes),
        Err(source) => return Err(StartError::File { path: file, source }),
    };
    if bytes.len() > MAX_IMPORT_BYTES {
        return Err(StartError::Refused(Error::invalid("The file is larger than 20 MiB. Split it.")));
    }
    let project = client.find_project(&project).await?.id;
    let mapping: BTreeMap<String, String> = mapping.into_iter().collect();
    let mapping = match mapping.is_empty() {
        true => None,
        false => Some(serde_json::to_string(&mapping).map_err(|_| StartError::Refused(Error::Internal))?),
    };
    let name = file.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let upload = |action: &str| {
        client
            .request(Method::POST, format!("/projects/{project}/imports{action}"))
            .query("format", format.map(|format| format.as_str().to_owned()))
            .query("mapping", mapping.clone())
            .query("fileName", name.clone())
            .file(bytes.clone())
            .timeout(TIME_LIMIT)
    };
    // The import checks the file again, so nothing is imported that the preview doesn't show.
    let preview: ImportPreview = upload("/preview").send().await?;
    preview.problems.iter().for_each(print_problem);
    let is_valid = preview.error_count == 0;
    if dry_run || !is_valid {
        let (cases, steps, suites) = (preview.case_count, preview.step_count, preview.suite_count);
        let verb = if is_valid { "Would import" } else { "Not imported:" };
        println!("{verb} {cases} cases with {steps} steps and {suites} new suites from {}", preview.format.label());
        return Ok(is_valid);
    }
    let started: Import = upload("").send().await?;
    finish(&client, started).await
}

/// Waits for the end of an import, and says how it ended.
async fn finish(client: &Client, mut import: Import) -> Result<bool, StartError> {
    while import.status == ImportStatus::Running {
        sleep(PROGRESS_INTERVAL).await;
        import = client.request(Method::GET, format!("/imports/{}", import.id)).send().await?;
    }
    if import.status == ImportStatus::Completed {
        println!("Imported {} cases and {} new suites from {}", import.total, import.suites, import.format.label());
        return Ok(true);
    }
    let why = import.error.unwrap_or_default();
    eprintln!("testbell: {}: {}", import.status.label(), printable(&why));
    Ok(false)
}

fn print_problem(problem: &ImportProblem) {
    let place = problem.row.map_or_else(String::new, |row| format!(" in row {row}"));
    eprintln!("{}{place}: {}", problem.kind.label(), printable(&problem.message));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_may_contain_the_sign() {
        assert_eq!(column_and_field("a=b=title"), Ok(("a=b".to_owned(), "title".to_owned())));
        assert!(column_and_field("title").is_err());
    }
}
