//! `--cases`: the test cases of `NAME.cases.yaml` beside `NAME.yaml`.

use std::path::{Path, PathBuf};

use evaluator::cases::{self, Ran};
use serde::Serialize;

use super::{Answer, documents, text_of};
use crate::arguments::Format;
use crate::error::CommandError;
use crate::output;

/// One case's result, as printed.
#[derive(Debug, Serialize)]
struct Told {
    policy: String,
    #[serde(flatten)]
    ran: Ran,
}

/// Runs every case below a folder, or of one file, and tells which do not hold.
///
/// # Errors
/// When a file cannot be read.
pub fn run(path: &Path, format: Format) -> Result<Answer, CommandError> {
    let files = case_files(path)?;
    if files.is_empty() {
        let cause = "it holds no NAME.cases.yaml".to_owned();
        return Err(CommandError::Resource { path: path.to_owned(), cause });
    }
    let mut told = Vec::new();
    for file in &files {
        told.extend(run_file(file)?);
    }
    let n_failed = told.iter().filter(|told| !told.ran.passed).count();
    match format {
        Format::Json | Format::Yaml => output::one(format, &told)?,
        Format::Table => {
            for Told { policy, ran } in told.iter().filter(|told| !told.ran.passed) {
                output::line(&format!("{policy}: {}: {}", ran.case, ran.difference))?;
            }
            output::line(&format!(
                "{} cases of {} policies: {} as expected, {n_failed} not",
                told.len(),
                files.len(),
                told.len().saturating_sub(n_failed)
            ))?;
        }
    }
    Ok(if n_failed == 0 { Answer::Pass } else { Answer::Fail })
}

fn case_files(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let policies = documents::files(path)?;
    let cases = policies.into_iter().map(|policy| policy.with_extension("cases.yaml"));
    Ok(cases.filter(|cases| cases.is_file()).collect())
}

fn run_file(path: &Path) -> Result<Vec<Told>, CommandError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let policy = path.with_file_name(name.replace(".cases.yaml", ".yaml"));
    let wrong = |cause: String| CommandError::Resource { path: path.to_owned(), cause };
    let ran = cases::run(&text_of(&policy)?, &text_of(path)?).map_err(wrong)?;
    let policy = policy.display().to_string();
    Ok(ran.into_iter().map(|ran| Told { policy: policy.clone(), ran }).collect())
}
