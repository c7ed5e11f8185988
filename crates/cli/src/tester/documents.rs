//! Policies from files, folders, addresses and standard input, and everything they name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use egress::{Egress, EgressRules, Request};
use evaluator::{CompiledPolicy, ReferenceNeed, References};
use model::policies::Severity;
use model::timestamp::Timestamp;
use policy::ClusterImagePolicy;
use url::Url;

use super::references::Elsewhere;
use super::text_of;
use crate::error::CommandError;
use crate::output;

/// A policy with its keys is a few kilobytes.
const MOST_BYTES: usize = 1024 * 1024;

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The policies, in the order of the command line.
    pub policies: Vec<ClusterImagePolicy>,
    /// What stood beside them, for all of them.
    pub references: References,
}

impl Loaded {
    /// Reads files, folders (their `.yaml` and `.yml` files, without cases), addresses and `-`.
    ///
    /// # Errors
    /// When something cannot be read; `Document` where a policy is invalid, after each place was
    /// told.
    pub async fn read(sources: &[String]) -> Result<Self, CommandError> {
        let mut loaded = Self::default();
        let mut n_errors = 0;
        for source in sources {
            if source.starts_with("https://") || source.starts_with("http://") {
                let text = fetched(source).await?;
                n_errors += loaded.add(Path::new(source), &text)?;
                continue;
            }
            for path in files(Path::new(source))? {
                n_errors += loaded.add(&path, &text_of(&path)?)?;
            }
        }
        if n_errors > 0 {
            return Err(CommandError::Tested(super::Answer::Invalid));
        }
        Ok(loaded)
    }

    /// Adds a text's documents; tells its complaints, and how many are errors.
    fn add(&mut self, path: &Path, text: &str) -> Result<usize, CommandError> {
        let parsed = evaluator::check(text);
        let mut n_errors = 0;
        for diagnostic in &parsed.diagnostics {
            n_errors += usize::from(diagnostic.severity == Severity::Error);
            output::say(&crate::commands::policies::place(path, diagnostic));
        }
        if let Some(document) = parsed.document {
            let beside = References::beside(&document);
            self.references.trust_roots.extend(beside.trust_roots);
            self.references.secrets.extend(beside.secrets);
            self.references.config_maps.extend(beside.config_maps);
            self.policies.extend(document.policies);
        }
        Ok(n_errors)
    }

    /// Fetches what the policies refer to. What cannot be had leaves a policy unchecked, and its
    /// verdict says why.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub async fn fetch_references(&mut self, now: Timestamp) -> Result<(), CommandError> {
        let needs = |policy| CompiledPolicy::reference_needs(policy, &self.references);
        let needs: BTreeSet<ReferenceNeed> = self.policies.iter().flat_map(needs).collect();
        if needs.is_empty() {
            return Ok(());
        }
        let elsewhere = Elsewhere::new(&needs)?;
        for need in needs {
            let found = elsewhere.fetch(&need, now).await;
            self.references.add(need, found);
        }
        Ok(())
    }
}

async fn fetched(address: &str) -> Result<String, CommandError> {
    let wrong = |cause: String| CommandError::Fetch { url: address.to_owned(), cause };
    let url: Url = address.parse().map_err(|error: url::ParseError| wrong(error.to_string()))?;
    let rules = EgressRules {
        // Who types an address on a command line means it.
        plain_http: url.host_str().map(str::to_owned).into_iter().collect(),
        allow_private: url.host_str().map(str::to_owned).into_iter().collect(),
        max_body_bytes: MOST_BYTES,
        ..EgressRules::default()
    };
    let client = Egress::new(rules).map_err(|error| wrong(error.to_string()))?;
    let answer = client.get(Request::new(url)).await.map_err(|error| wrong(error.to_string()))?;
    if !answer.status.is_success() {
        return Err(wrong(format!("it answered {}", answer.status)));
    }
    String::from_utf8(answer.body.to_vec()).map_err(|_| wrong("it is no UTF-8 text".to_owned()))
}

/// The file itself, or the policies of a folder and its folders, by name.
///
/// # Errors
/// When the folder cannot be read.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let wrong = |cause| CommandError::File { path: path.to_owned(), cause };
    if path == Path::new("-") || !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_policy = name.ends_with(".yaml") || name.ends_with(".yml");
        let is_cases = name.ends_with(".cases.yaml") || name.ends_with(".cases.yml");
        if is_policy && !is_cases {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
