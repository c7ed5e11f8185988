//! `loadline policies test`: policies evaluated here, without a server, the way an agent would.
//!
//! [`documents`] reads the policies, [`evidence`] gathers what they need, the evaluator judges,
//! [`report`] tells. [`cases`] does the same with evidence that is written down beside a policy.
//!
//! The exit code is the answer: 0 pass or warn, 1 fail, 2 could not check, 3 invalid policy.

use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use evaluator::{Candidate, CompiledPolicy, Documents, Object, Question, judge};
use model::image::{Image, ImageReference};
use model::timestamp::Timestamp;
use model::verdict::{Finding, Outcome, Reason};
use registry::LookupError;

use crate::arguments::{Format, TestPolicies};
use crate::error::CommandError;

pub mod cases;
pub mod documents;
pub mod evidence;
pub mod references;
pub mod report;
pub mod resource;
pub mod trusted_root;

use documents::Loaded;
use evidence::Source;
use report::Tested;

/// What the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Every policy that covers the image passes, or only warns.
    Pass,
    /// One could not be checked, and none fails.
    CouldNotCheck,
    /// One fails, or none covers the image.
    Fail,
    /// A policy is invalid.
    Invalid,
}

impl Answer {
    /// The exit code; other people's scripts stand on these.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::CouldNotCheck => 2,
            Self::Invalid => 3,
        }
    }

    pub(crate) const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass | Outcome::Warn => Self::Pass,
            Outcome::CouldNotCheck => Self::CouldNotCheck,
            Outcome::Fail => Self::Fail,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When something could not be read; [`CommandError::Tested`] carries every answer but a pass.
pub async fn run(arguments: TestPolicies, format: Format) -> Result<(), CommandError> {
    let answer = match &arguments.cases {
        Some(folder) => cases::run(folder, format),
        None => test(&arguments, format).await,
    };
    match answer {
        Ok(Answer::Pass) => Ok(()),
        Ok(other) => Err(CommandError::Tested(other)),
        // A file that is not there is no answer of a policy.
        Err(CommandError::File { path, cause }) => {
            Err(CommandError::Resource { path, cause: cause.to_string() })
        }
        Err(other) => Err(other),
    }
}

async fn test(arguments: &TestPolicies, format: Format) -> Result<Answer, CommandError> {
    let Some(image) = &arguments.image else {
        return Err(CommandError::Usage("--image or --cases is needed".to_owned()));
    };
    if arguments.policies.is_empty() {
        return Err(CommandError::Usage("name at least one policy".to_owned()));
    }
    let written: ImageReference =
        image.parse().map_err(|error| CommandError::Usage(format!("--image: {error}")))?;
    let mut loaded = Loaded::read(&arguments.policies).await?;
    if let Some(path) = &arguments.trusted_root {
        trusted_root::read(path, &mut loaded.references)?;
    }
    loaded.fetch_references(now()).await?;
    let resource = arguments.resource.as_deref().map(resource::read).transpose()?;
    let policies: Vec<CompiledPolicy> = loaded
        .policies
        .iter()
        .map(|policy| CompiledPolicy::new(policy.clone(), &loaded.references))
        .collect();
    let source = Source::new(arguments)?;
    let (image, obstacle) = identified(&written, &policies, &source).await;
    let documents = Documents::default();
    let now = now();
    let mut tested = Vec::new();
    for policy in &policies {
        if policy.covers(&image).is_none() {
            continue;
        }
        let evidence = source.gather(policy, &image, now).await;
        let question = Question {
            candidate: Candidate::Asked(&image),
            subject: resource.as_ref().map(Object::subject),
            evidence: &evidence,
            documents: &documents,
            now,
        };
        if let Some(mut verdict) = judge(policy, &question) {
            if let Some(obstacle) = &obstacle {
                told_why(&mut verdict.reason, obstacle);
            }
            tested.push(Tested::new(policy, &verdict, &image));
        }
    }
    if tested.is_empty() {
        tested.push(Tested::uncovered(&written.to_string()));
    }
    report::print(&tested, format)?;
    Ok(tested.iter().map(|tested| Answer::of(tested.outcome)).max().unwrap_or(Answer::Fail))
}

/// The time of this machine.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_seconds(0) + since
}

/// The image that a reference means; and why its digest could not be told, where it is needed.
/// Where no policy needs evidence nobody is asked, and any name will do.
async fn identified(
    written: &ImageReference,
    policies: &[CompiledPolicy],
    source: &Source,
) -> (Image, Option<LookupError>) {
    if let Some(image) = written.pinned() {
        return (image, None);
    }
    let unresolved = Image::unresolved(written.repository().clone());
    let needs_digest =
        policies.iter().any(|it| it.covers(&unresolved).is_some() && !it.needs_nothing());
    if !needs_digest {
        return (unresolved, None);
    }
    match source.resolve(written).await {
        Ok(digest) => (written.repository().clone().at(digest), None),
        Err(obstacle) => (unresolved, Some(obstacle)),
    }
}

/// In the place of a cluster that did not report a digest stands the registry that did not tell
/// it.
fn told_why(reason: &mut Reason, obstacle: &LookupError) {
    if matches!(reason.finding, Finding::NotResolved { .. }) {
        let LookupError { place, cause, .. } = obstacle.clone();
        reason.finding = Finding::CouldNotAsk { place, cause };
    }
    for child in &mut reason.because {
        told_why(child, obstacle);
    }
}

/// The text of a file, or of standard input where it is named `-`.
pub(crate) fn text_of(path: &Path) -> Result<String, CommandError> {
    let read = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    read.map_err(|cause| CommandError::File { path: path.to_owned(), cause })
}
