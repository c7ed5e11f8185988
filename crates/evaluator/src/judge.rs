//! *Judge*: what the evidence means to a policy (`policy-controller.md` parts 1, 7 and 9).

use std::collections::BTreeMap;

use model::evidence::{Evidence, Gathered};
use model::policies::Mode;
use model::timestamp::Timestamp;
use model::verdict::{Bearing, Finding, Outcome, Reason, Verdict};
use policy::StaticAction;

use crate::compiled::{Ask, CompiledAuthority, CompiledEmbedded, CompiledPolicy};
use crate::documents::outcome::{self, Parts};
use crate::documents::{Documents, Match};
use crate::embedded::Answer;
use crate::subject::{Candidate, Subject};

mod attestations;
mod recheck;
mod signatures;

/// Signatures of one authority that a tree of reasons shows. Anybody who may push to a
/// repository can add signatures, and each verdict is stored.
const MOST_SHOWN: usize = 20;

/// Everything a verdict is a function of, apart from the policy.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The image.
    pub candidate: Candidate<'a>,
    /// The workload, where there is one.
    pub subject: Option<Subject<'a>>,
    /// What was found for the image.
    pub evidence: &'a Evidence,
    /// What was converted so far.
    pub documents: &'a Documents,
    /// The only clock.
    pub now: Timestamp,
}

/// Judges an image; `None` where the policy does not cover it, or not its workload.
///
/// One authority that vouches is enough. Where none does, one that cannot be asked leaves the
/// outcome open: it might have vouched. A policy that reads the time is also asked about later
/// times, and the first at which its answer is another becomes `recheck_at` (design 1.3).
#[must_use]
pub fn judge(policy: &CompiledPolicy, question: &Question<'_>) -> Option<Verdict> {
    let glob = policy.covers(question.candidate.image())?;
    let is_covered = match &question.subject {
        Some(subject) => policy.covers_workload(subject),
        None => policy.covers_anything(),
    };
    if !is_covered {
        return None;
    }
    let judged = Judging { policy, question }.judged(question.now);
    let glob = Reason::leaf(Finding::Glob { glob: glob.to_owned() }, Bearing::Holds);
    let because = std::iter::once(glob).chain(judged.reasons).collect();
    let finding = Finding::Policy { name: policy.name().to_owned(), mode: policy.mode() };
    let reason = Reason { finding, bearing: judged.bearing, because };
    let outcome = outcome_of(judged.bearing, policy.mode());
    let recheck_at = recheck::at(&Judging { policy, question }, judged.bearing, judged.read_time);
    Some(Verdict { outcome, reason, recheck_at })
}

/// Judges an image of which no workload is known, as a sweep over images does; a policy that
/// reads workloads can then not be checked.
#[must_use]
pub fn judge_image(policy: &CompiledPolicy, question: &Question<'_>) -> Option<Verdict> {
    if !policy.reads_workload() {
        return judge(policy, question);
    }
    let glob = policy.covers(question.candidate.image())?.to_owned();
    let field = "match and what policy reads of workloads".to_owned();
    let because = vec![
        Reason::leaf(Finding::Glob { glob }, Bearing::Holds),
        Reason::leaf(Finding::NotSupported { field }, Bearing::Unknown),
    ];
    let finding = Finding::Policy { name: policy.name().to_owned(), mode: policy.mode() };
    let reason = Reason { finding, bearing: Bearing::Unknown, because };
    Some(Verdict { outcome: Outcome::CouldNotCheck, reason, recheck_at: None })
}

const fn outcome_of(bearing: Bearing, mode: Mode) -> Outcome {
    match (bearing, mode) {
        (Bearing::Holds, _) => Outcome::Pass,
        (Bearing::Unknown, _) => Outcome::CouldNotCheck,
        (Bearing::Broken, Mode::Enforce) => Outcome::Fail,
        (Bearing::Broken, Mode::Warn) => Outcome::Warn,
    }
}

/// One policy and one question.
#[derive(Clone, Copy)]
struct Judging<'a> {
    policy: &'a CompiledPolicy,
    question: &'a Question<'a>,
}

/// What a policy says at one time.
struct Judged {
    bearing: Bearing,
    reasons: Vec<Reason>,
    /// Whether an embedded policy read the time.
    read_time: bool,
}

impl Judged {
    fn of(reason: Reason) -> Self {
        Self { bearing: reason.bearing, reasons: vec![reason], read_time: false }
    }
}

impl Judging<'_> {
    fn judged(&self, now: Timestamp) -> Judged {
        let image = self.question.candidate.image();
        let is_enough = match self.question.candidate {
            Candidate::Admitted(_) => false,
            Candidate::Asked(_) => self.policy.needs_nothing(),
        };
        if !image.is_resolved() && !is_enough {
            let finding = Finding::NotResolved { repository: image.repository.to_string() };
            return Judged::of(Reason::leaf(finding, Bearing::Unknown));
        }
        if self.policy.authorities().is_empty() {
            // Upstream lets every image in (ledger row 4).
            return Judged::of(Reason::leaf(Finding::NoAuthority, Bearing::Broken));
        }
        let (mut reasons, mut matches) = (Vec::new(), BTreeMap::new());
        let mut read_time = false;
        for authority in self.policy.authorities() {
            let asked = self.of_authority(authority, now);
            read_time |= asked.read_time;
            if let Some(found) = asked.found {
                // Of equal names the last one counts, as upstream.
                matches.insert(authority.name.as_str(), found);
            }
            reasons.push(asked.reason);
        }
        let bearing = any_of(&reasons);
        let Some(embedded) = self.policy.embedded().filter(|_| bearing == Bearing::Holds) else {
            return Judged { bearing, reasons, read_time };
        };
        let matches: Vec<(&str, Match)> = matches.into_iter().collect();
        let (reason, read) = self.of_embedded(embedded, &matches, now);
        // An authority that could not be asked is missing from the document, so that the
        // document says less than the truth.
        let is_open = reasons.iter().any(|reason| reason.bearing == Bearing::Unknown);
        let bearing = if is_open { Bearing::Unknown } else { reason.bearing };
        reasons.insert(0, reason);
        Judged { bearing, reasons, read_time: read_time || read }
    }

    /// The CIP-level policy over everything that was found.
    fn of_embedded(
        &self,
        embedded: &CompiledEmbedded,
        matches: &[(&str, Match)],
        now: Timestamp,
    ) -> (Reason, bool) {
        let unknown = |finding| (Reason::leaf(finding, Bearing::Unknown), false);
        let text = match &embedded.text {
            Ok(text) => text,
            Err(obstacle) => return unknown((**obstacle).clone()),
        };
        let parts = embedded.parts;
        let mut document = Parts { matches, ..Parts::default() };
        if parts.config {
            match &self.question.evidence.config {
                Some(Gathered::Found { value }) => document.config = Some(value.as_str()),
                Some(Gathered::CouldNotAsk { place, cause }) => {
                    let (place, cause) = (place.clone(), cause.clone());
                    return unknown(Finding::CouldNotAsk { place, cause });
                }
                Some(Gathered::NotYet) | None => return unknown(Finding::NotAskedYet),
            }
        }
        if let Some(subject) = &self.question.subject {
            for (is_wanted, part, text, place) in [
                (parts.spec, "spec", subject.spec, &mut document.spec),
                (parts.metadata, "metadata", subject.metadata, &mut document.metadata),
            ] {
                if is_wanted && text.is_none() {
                    return unknown(Finding::NotCollected { part: part.to_owned() });
                }
                *place = text.filter(|_| is_wanted);
            }
            // Upstream leaves this out for pods (ledger row 12).
            document.kind = parts.kind.then_some((subject.kind, subject.api_version));
        }
        let converted = self.question.documents.outcome(outcome::write(&document));
        let (answer, read_time) = text.ask("ClusterImagePolicy", &converted, now);
        (of_answer(embedded.language, "ClusterImagePolicy", answer), read_time)
    }

    fn of_authority(&self, authority: &CompiledAuthority, now: Timestamp) -> Asked {
        let asked = match &authority.ask {
            Ask::Static { action, message } => {
                let (bearing, found) = match action {
                    StaticAction::Pass => (Bearing::Holds, Some(Match::Static)),
                    StaticAction::Fail => (Bearing::Broken, None),
                };
                let reason = Reason::leaf(Finding::Static { message: message.clone() }, bearing);
                Because { bearing, because: vec![reason], found, read_time: false }
            }
            Ask::Never(obstacles) => {
                let leaf = |finding: &Finding| Reason::leaf(finding.clone(), Bearing::Unknown);
                Because::unknown(obstacles.iter().map(leaf).collect())
            }
            Ask::Evidence { need, key, signer, attestations } if attestations.is_empty() => {
                let found = self.question.evidence.signatures.get(key);
                let place = || need.source.place_of(self.question.candidate.image());
                signatures::ask(found, signer, &place, now)
            }
            Ask::Evidence { need, key, signer, attestations } => {
                let found = self.question.evidence.attestations.get(key);
                let place = need.source.attestations_of(self.question.candidate.image());
                let asking =
                    attestations::Asking { signer, documents: self.question.documents, now, place };
                asking.ask(found, attestations)
            }
        };
        let Because { bearing, because, found, read_time } = asked;
        let finding = Finding::Authority { name: authority.name.clone(), kind: authority.kind };
        Asked { reason: Reason { finding, bearing, because }, found, read_time }
    }
}

/// What asking one authority came to.
struct Asked {
    reason: Reason,
    /// What it found, where it vouches.
    found: Option<Match>,
    read_time: bool,
}

/// The same without the authority's own node.
struct Because {
    bearing: Bearing,
    because: Vec<Reason>,
    found: Option<Match>,
    read_time: bool,
}

impl Because {
    fn unknown(because: Vec<Reason>) -> Self {
        Self { bearing: Bearing::Unknown, because, found: None, read_time: false }
    }

    /// What there is to say where nobody has an answer; `None` where there is one.
    fn of_missing<T>(found: Option<&Gathered<T>>) -> Option<Self> {
        match found {
            None | Some(Gathered::NotYet) => {
                Some(Self::unknown(vec![Reason::leaf(Finding::NotAskedYet, Bearing::Unknown)]))
            }
            Some(Gathered::CouldNotAsk { place, cause }) => {
                let finding = Finding::CouldNotAsk { place: place.clone(), cause: cause.clone() };
                Some(Self::unknown(vec![Reason::leaf(finding, Bearing::Unknown)]))
            }
            Some(Gathered::Found { .. }) => None,
        }
    }
}

/// An embedded policy's answer as a reason.
fn of_answer(language: &str, of: &str, answer: Answer) -> Reason {
    let (bearing, message) = match answer {
        Answer::Holds => (Bearing::Holds, String::new()),
        Answer::Fails(message) => (Bearing::Broken, message),
        Answer::Limit(message) => (Bearing::Unknown, message),
    };
    let (language, of) = (language.to_owned(), of.to_owned());
    Reason::leaf(Finding::Embedded { language, of, message }, bearing)
}

/// One that holds is enough; else one that is unknown leaves it open.
fn any_of(reasons: &[Reason]) -> Bearing {
    let is_any = |bearing| reasons.iter().any(|reason| reason.bearing == bearing);
    if is_any(Bearing::Holds) {
        Bearing::Holds
    } else if is_any(Bearing::Unknown) {
        Bearing::Unknown
    } else {
        Bearing::Broken
    }
}

/// One that is broken breaks it; else one that is unknown leaves it open.
fn all_of(reasons: &[Reason]) -> Bearing {
    reasons.iter().map(|reason| reason.bearing).fold(Bearing::Holds, |so_far, next| {
        match (so_far, next) {
            (Bearing::Broken, _) | (_, Bearing::Broken) => Bearing::Broken,
            (Bearing::Unknown, _) | (_, Bearing::Unknown) => Bearing::Unknown,
            (Bearing::Holds, Bearing::Holds) => Bearing::Holds,
        }
    })
}

/// Those that hold first, so that they are shown; what is left out is counted.
fn shown(mut reasons: Vec<Reason>) -> Vec<Reason> {
    if reasons.len() > MOST_SHOWN {
        reasons.sort_by_key(|reason| reason.bearing != Bearing::Holds);
        let bearing = any_of(reasons.get(MOST_SHOWN..).unwrap_or_default());
        let count = reasons.len().saturating_sub(MOST_SHOWN) as u64;
        reasons.truncate(MOST_SHOWN);
        reasons.push(Reason::leaf(Finding::MoreSignatures { count }, bearing));
    }
    reasons
}
