//! Reading an image's evidence: what its documents, manifests and configurations say, whoever
//! signed them. Pure; the bytes were fetched and kept before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use findings::kind::Kind;
use findings::osv::Database;
use findings::provenance::{Artifact, LevelEstimate, Provenance, Signed};
use findings::sbom::{PackageKind, Sbom};
use findings::statement::Statement;
use findings::test_result::{Ending, TestResult};
use findings::vex;
use findings::vsa::{VerificationResult, VerificationSummary};
use findings::vulnerabilities::{Report, Vulnerability};
use model::digest::Digest;
use model::evidence::{EvidenceKind, EvidencePiece, GENERATED_BY};
use model::image::Image;
use model::images::{DocumentView, ImageState};
use model::packages::Package;
use model::vulnerabilities::SeverityCounts;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::NewVulnerability;

mod vulnerabilities;

/// Raised with every change of what is read out of documents: what was read before is read
/// again.
pub(crate) const READER: u32 = 3;

/// Characters of a text that a summary takes over, at most.
const LONGEST_TEXT: usize = 512;
/// Files of one image that are kept, at most, and how long their paths may be.
const MOST_FILES: usize = 50_000;
const LONGEST_PATH: usize = 1024;
/// Problems of one document that are told, at most.
const MOST_PROBLEMS: usize = 5;

/// What an image's evidence says.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// What is known of the image, apart from who signed it.
    pub(super) state: ImageState,
    /// What each document says, by the digest of the piece it was found in.
    pub(super) documents: Vec<(Digest, DocumentView)>,
    /// The packages that its SBOMs list.
    pub(super) packages: BTreeSet<Package>,
    /// The paths of the files that they list.
    pub(super) files: BTreeSet<String>,
    /// What reports and the database say of its packages, each with the package.
    pub(super) vulnerabilities: Found,
    signed: BTreeMap<Digest, SignedBy>,
    database: Option<Arc<Database>>,
    reported: Vec<Vulnerability>,
    statements: Vec<vex::Statement>,
}

/// Vulnerabilities by id and package.
pub(super) type Found = BTreeMap<(String, Package), NewVulnerability>;

/// Who signed a piece.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) enum SignedBy {
    /// A key.
    Key,
    /// Whoever a certificate is for, and who says so.
    Identity { subject: String, issuer: String },
}

impl std::fmt::Display for SignedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key => f.write_str("a key"),
            Self::Identity { subject, issuer } => write!(f, "{subject} by {issuer}"),
        }
    }
}

/// What an image's evidence is read with.
pub(super) struct Basis {
    /// The image.
    pub(super) image: Image,
    /// The in-toto statements that pieces carry.
    pub(super) statements: BTreeMap<Digest, String>,
    /// Who signed a piece, as far as a signature held.
    pub(super) signed: BTreeMap<Digest, SignedBy>,
    /// What is known of packages, where an operator gave a database.
    pub(super) database: Option<Arc<Database>>,
}

/// Reads everything that was found.
pub(super) fn read(pieces: &[EvidencePiece], basis: Basis) -> Reading {
    let Basis { image, statements, signed, database } = basis;
    let mut reading = Reading { signed, database, ..Reading::default() };
    let mut seen = BTreeSet::new();
    let is_generated = |piece: &&EvidencePiece| {
        piece.kind == EvidenceKind::Referrer && piece.annotations.contains_key(GENERATED_BY)
    };
    let (generated, found): (Vec<_>, Vec<_>) = pieces.iter().partition(is_generated);
    for piece in found {
        reading.count(piece, statements.contains_key(&piece.digest));
        if !seen.insert(piece.digest) {
            continue;
        }
        match piece.kind {
            EvidenceKind::Config => reading.config(piece),
            EvidenceKind::CosignAttestation | EvidenceKind::SigstoreBundle => {
                if let Some(statement) = statements.get(&piece.digest) {
                    reading.statement(piece.digest, statement);
                }
            }
            EvidenceKind::CosignSbom | EvidenceKind::Referrer => reading.document(piece),
            EvidenceKind::Index => reading.index(piece),
            EvidenceKind::CosignSignature
            | EvidenceKind::NotationSignature
            | EvidenceKind::Manifest => {}
        }
    }
    for piece in generated {
        reading.generated(piece);
    }
    reading.judge_vulnerabilities(&image);
    let state = &mut reading.state;
    state.n_packages = u64::try_from(reading.packages.len()).unwrap_or(u64::MAX);
    state.n_files = u64::try_from(reading.files.len()).unwrap_or(u64::MAX);
    state.platforms.sort();
    state.platforms.dedup();
    state.builders.sort();
    state.builders.dedup();
    reading
}

impl Reading {
    fn count(&mut self, piece: &EvidencePiece, has_statement: bool) {
        let state = &mut self.state;
        let counted = match piece.kind {
            EvidenceKind::CosignSignature | EvidenceKind::NotationSignature => {
                &mut state.n_signatures
            }
            EvidenceKind::CosignAttestation => &mut state.n_attestations,
            EvidenceKind::SigstoreBundle if has_statement => &mut state.n_attestations,
            EvidenceKind::SigstoreBundle => &mut state.n_signatures,
            EvidenceKind::CosignSbom
            | EvidenceKind::Referrer
            | EvidenceKind::Manifest
            | EvidenceKind::Index
            | EvidenceKind::Config => return,
        };
        *counted = counted.saturating_add(1);
    }

    fn index(&mut self, piece: &EvidencePiece) {
        let Ok(index) = serde_json::from_slice::<Index>(&piece.bytes) else { return };
        let digests = index.manifests.into_iter().map(|manifest| manifest.digest);
        self.state.variants.extend(digests.take(MOST_VARIANTS));
    }

    fn config(&mut self, piece: &EvidencePiece) {
        let platform = piece.annotations.get("platform").cloned().unwrap_or_default();
        // What an index holds besides images, such as build attestations, is of no platform.
        if platform.starts_with("unknown/") {
            return;
        }
        let Ok(config) = serde_json::from_slice::<Config>(&piece.bytes) else { return };
        let state = &mut self.state;
        state.created_at = state.created_at.max(config.created.parse().ok());
        let labels = config.config.labels.unwrap_or_default();
        let label = |name: &str| labels.get(name).cloned().unwrap_or_default();
        if state.base.is_empty() {
            let (name, digest) = (label(BASE_NAME), label(BASE_DIGEST));
            let with_digest = !digest.is_empty() && !name.contains('@');
            state.base = if with_digest { format!("{name}@{digest}") } else { name };
        }
        state.platforms.push(platform);
    }

    fn statement(&mut self, digest: Digest, text: &str) {
        let statement = match Statement::read(text.as_bytes()) {
            Ok(statement) => statement,
            Err(error) => return self.unreadable(digest, "statement", &error.to_string()),
        };
        if statement.kind() == Kind::Signature {
            // cosign's own way of saying "signed": it attests nothing.
            self.state.n_attestations = self.state.n_attestations.saturating_sub(1);
            self.state.n_signatures = self.state.n_signatures.saturating_add(1);
            return self.say(digest, "signature", json!({}), None);
        }
        let document = statement.document();
        let (kind, name) = (statement.kind(), &statement.predicate_type);
        self.predicate(digest, kind, name, document.as_bytes());
    }

    /// What was made here stands in only where nobody shipped an SBOM, and is never counted as one.
    fn generated(&mut self, piece: &EvidencePiece) {
        let n_shipped = self.state.n_sboms;
        if n_shipped > 0 {
            return;
        }
        self.sbom(piece.digest, &piece.bytes);
        self.state.n_sboms = n_shipped;
        let by = piece.annotations.get(GENERATED_BY).map(String::as_str).unwrap_or_default();
        self.state.generated_by = shortened(by);
    }

    fn document(&mut self, piece: &EvidencePiece) {
        let kind = [Some(piece.media_type.as_str()), artifact_type(piece)].into_iter().flatten();
        let kind = kind.map(Kind::of_media_type).find(|kind| *kind != Kind::Custom);
        match kind {
            Some(kind) => self.predicate(piece.digest, kind, &piece.media_type, &piece.bytes),
            None => {
                let media_type = artifact_type(piece).unwrap_or(&piece.media_type);
                self.say(piece.digest, "unknown", json!({ "type": shortened(media_type) }), None);
            }
        }
    }

    fn predicate(&mut self, digest: Digest, kind: Kind, name: &str, bytes: &[u8]) {
        match kind {
            Kind::Spdx | Kind::CycloneDx => self.sbom(digest, bytes),
            Kind::ProvenanceV0 | Kind::ProvenanceV1 => self.provenance(digest, bytes),
            Kind::Vulnerabilities | Kind::Sarif => self.report(digest, bytes),
            Kind::OpenVex => self.vex(digest, bytes),
            Kind::VerificationSummary => self.verification_summary(digest, bytes),
            Kind::TestResult => self.test_result(digest, bytes),
            Kind::Link | Kind::Signature | Kind::Custom => {
                self.say(digest, kind.as_str(), json!({ "type": shortened(name) }), None);
            }
        }
    }

    fn report(&mut self, digest: Digest, bytes: &[u8]) {
        let report = match Report::read(bytes) {
            Ok(report) => report,
            Err(error) => return self.unreadable(digest, "vulnerabilities", &error.to_string()),
        };
        let mut severities = SeverityCounts::default();
        for found in &report.findings {
            severities.add(found.severity, 1);
        }
        let summary = json!({
            "scanner": report.scanner.as_deref().map(shortened),
            "scannerVersion": report.scanner_version.as_deref().map(shortened),
            "databaseBuiltAt": report.database.built_at,
            "finishedAt": report.finished_at,
            "nFindings": report.findings.len(),
            "severities": severities,
        });
        let problem = told(&report.problems);
        self.reported.extend(report.findings);
        self.say(digest, "vulnerabilities", summary, problem);
    }

    /// What hides something counts only where somebody signed for it.
    fn vex(&mut self, digest: Digest, bytes: &[u8]) {
        let document = match vex::Document::read(bytes) {
            Ok(document) => document,
            Err(error) => return self.unreadable(digest, "vex", &error.to_string()),
        };
        let counts = self.signed.contains_key(&digest);
        let summary = json!({
            "author": document.author.as_deref().map(shortened),
            "nStatements": document.statements.len(),
            "counts": counts,
        });
        let problem = match counts {
            true => told(&document.problems),
            false => Some("Nobody signed it, so it excuses nothing.".to_owned()),
        };
        if counts {
            self.statements.extend(document.statements);
        }
        self.say(digest, "vex", summary, problem);
    }

    fn verification_summary(&mut self, digest: Digest, bytes: &[u8]) {
        match VerificationSummary::read(&String::from_utf8_lossy(bytes)) {
            Err(error) => self.unreadable(digest, "vsa", &error.to_string()),
            Ok(summary) => {
                let result = match summary.result {
                    VerificationResult::Passed => "passed",
                    VerificationResult::Failed => "failed",
                    VerificationResult::Unknown => "unknown",
                };
                let summary = json!({
                    "verifier": summary.verifier.as_deref().map(shortened),
                    "verifiedAt": summary.verified_at,
                    "result": result,
                    "levels": summary.levels,
                    "policy": summary.policy.as_deref().map(shortened),
                });
                self.say(digest, "vsa", summary, None);
            }
        }
    }

    fn test_result(&mut self, digest: Digest, bytes: &[u8]) {
        match TestResult::read(&String::from_utf8_lossy(bytes)) {
            Err(error) => self.unreadable(digest, "test-result", &error.to_string()),
            Ok(test) => {
                let result = match test.result {
                    Ending::Passed => "passed",
                    Ending::Warned => "passed with warnings",
                    Ending::Failed => "failed",
                    Ending::Unknown => "unknown",
                };
                let summary = json!({
                    "result": result,
                    "nPassed": test.passed.len(),
                    "nWarned": test.warned.len(),
                    "nFailed": test.failed.len(),
                });
                self.say(digest, "test-result", summary, None);
            }
        }
    }

    fn sbom(&mut self, digest: Digest, bytes: &[u8]) {
        self.state.n_sboms = self.state.n_sboms.saturating_add(1);
        let sbom = match Sbom::read(bytes) {
            Ok(sbom) => sbom,
            Err(error) => return self.unreadable(digest, "sbom", &error.to_string()),
        };
        let summary = json!({
            "format": sbom.format.as_str(),
            "specVersion": sbom.spec_version,
            "name": sbom.name.as_deref().map(shortened),
            "createdAt": sbom.created_at,
            "tools": sbom.tools.iter().take(10).map(|tool| shortened(tool)).collect::<Vec<_>>(),
            "nPackages": sbom.packages.len(),
            "nFiles": sbom.files.len(),
        });
        let mut problem = told(&sbom.problems);
        if let Some(database) = &self.database {
            let found = database.find_all(&sbom);
            if !found.is_complete {
                let incomplete = "not every package was held against the vulnerability database";
                let told = problem.map(|told| format!("{told}; {incomplete}"));
                problem = Some(told.unwrap_or_else(|| incomplete.to_owned()));
            }
            self.reported.extend(found.findings);
        }
        let listed = sbom.packages.iter().filter(|it| it.kind == PackageKind::File);
        let listed = listed.map(|it| it.name.as_str());
        let files = sbom.files.iter().map(|it| it.name.as_str()).chain(listed);
        let left = MOST_FILES.saturating_sub(self.files.len());
        self.files.extend(files.filter_map(path).take(left));
        self.packages.extend(sbom.packages.into_iter().filter_map(package));
        self.say(digest, "sbom", summary, problem);
    }

    fn provenance(&mut self, digest: Digest, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let provenance = match Provenance::read(&text) {
            Ok(provenance) => provenance,
            Err(error) => return self.unreadable(digest, "provenance", &error.to_string()),
        };
        let signed = match self.signed.get(&digest) {
            None => Signed::NotVerified,
            Some(SignedBy::Key) => Signed::Key,
            Some(SignedBy::Identity { subject, .. }) => Signed::Identity(subject),
        };
        let level = LevelEstimate::of(&provenance, signed);
        let reasons: Vec<String> = level.reasons.iter().map(ToString::to_string).collect();
        let source = |artifact: &Artifact| {
            let digest = artifact.digests.first();
            let digest = digest.map(|(algorithm, value)| format!("{algorithm}:{value}"));
            json!({ "uri": shortened(&artifact.uri), "digest": digest })
        };
        let summary = json!({
            "builder": provenance.builder.as_deref().map(shortened),
            "buildType": provenance.build_type.as_deref().map(shortened),
            "sources": provenance.sources.iter().take(10).map(source).collect::<Vec<_>>(),
            "nMaterials": provenance.n_materials,
            "invocation": provenance.invocation.as_deref().map(shortened),
            "startedAt": provenance.started_at,
            "finishedAt": provenance.finished_at,
            "level": level.level.number(),
            "levelReasons": reasons,
        });
        self.state.builders.extend(provenance.builder.as_deref().map(shortened));
        self.say(digest, "provenance", summary, None);
    }

    fn unreadable(&mut self, digest: Digest, kind: &str, cause: &str) {
        self.say(digest, kind, json!({}), Some(shortened(cause)));
    }

    fn say(&mut self, digest: Digest, kind: &str, summary: Value, problem: Option<String>) {
        self.documents.push((digest, DocumentView { kind: kind.to_owned(), summary, problem }));
    }
}

const BASE_NAME: &str = "org.opencontainers.image.base.name";
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

/// Manifests of one index that are told, at most.
const MOST_VARIANTS: usize = 256;

/// An index, as far as it is read.
#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<IndexEntry>,
}

#[derive(Deserialize)]
struct IndexEntry {
    digest: String,
}

/// An image configuration, as far as it is read.
#[derive(Default, Deserialize)]
struct Config {
    #[serde(default)]
    created: String,
    #[serde(default)]
    config: ConfigOfRun,
}

#[derive(Default, Deserialize)]
struct ConfigOfRun {
    #[serde(default, rename = "Labels")]
    labels: Option<BTreeMap<String, String>>,
}

fn artifact_type(piece: &EvidencePiece) -> Option<&str> {
    piece.annotations.get("artifactType").map(String::as_str)
}

/// The first few problems of a document, and how many there are.
fn told(problems: &findings::Problems) -> Option<String> {
    if problems.is_empty() {
        return None;
    }
    let told: Vec<String> = problems.iter().take(MOST_PROBLEMS).map(ToString::to_string).collect();
    Some(format!("{} problems: {}", problems.count(), shortened(&told.join("; "))))
}

/// The package as it is kept; nameless entries, files and the image itself are none.
fn package(found: findings::sbom::Package) -> Option<Package> {
    if found.name.is_empty() || matches!(found.kind, PackageKind::File | PackageKind::Container) {
        return None;
    }
    let purl = found.purl.unwrap_or_default();
    let ecosystem = purl.strip_prefix("pkg:").and_then(|rest| rest.split('/').next());
    Some(Package {
        ecosystem: ecosystem.unwrap_or_default().to_ascii_lowercase(),
        name: shortened(&found.name),
        version: shortened(&found.version.unwrap_or_default()),
        purl: shortened(&purl),
        kind: found.kind.as_str().to_owned(),
        licences: shortened(&found.licences.join(" AND ")),
    })
}

/// A file's path as it is kept: tools write it from the root, or from where they stood.
fn path(written: &str) -> Option<String> {
    let path = written.trim_start_matches("./").trim_start_matches('/');
    let is_text = !path.is_empty() && path.len() <= LONGEST_PATH;
    (is_text && !path.contains(char::is_control)).then(|| format!("/{path}"))
}

/// Foreign text within bounds and without what a terminal or page could trip over.
fn shortened(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(LONGEST_TEXT).collect()
}
