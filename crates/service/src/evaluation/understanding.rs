//! Understanding an image: its evidence read, what it says kept where people look for it. Made
//! again only when the evidence is another one, or the readers are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use findings::osv::Database;
use model::digest::Digest;
use model::evidence::{
    EvidencePiece, LookupKind, LookupTarget, NeedKey, SignatureFact, SignatureNeed, Signer,
    Verification,
};
use model::images::ImageState;
use store::LookupRow;

use super::Ready;
use super::gather::Gathering;
use super::reading::{self, Basis, READER, Reading, SignedBy};
use crate::images::{everywhere, public_good};
use crate::{Result, ServiceError};

impl Gathering<'_> {
    /// Brings what is known of the image in line with its evidence.
    pub(super) async fn understand(&self, held: &[&Ready]) -> Result<()> {
        let (service, store) = (self.service, self.service.store());
        let outline = store.evidence_outline(self.root, self.key).await?;
        let signed = self.signed(held).await?;
        let signers: BTreeSet<String> = signed.values().map(ToString::to_string).collect();
        // Digests and texts: serialising them cannot fail.
        let database = service.ports().vulnerabilities.current();
        let generation = database.as_ref().map(|(generation, _)| generation.as_str());
        let signed_by = signed.iter().collect::<Vec<_>>();
        let basis = serde_json::to_vec(&(READER, &outline, signed_by, generation));
        let mark = Digest::of(&basis.unwrap_or_default());
        let known = store.image_mark(self.root, self.key).await?;
        let reading =
            if known == Some(mark) { None } else { Some(self.read(signed, database).await?) };
        let old = store.image_state(self.root, self.key).await?;
        let mut state = match (&reading, &old) {
            (Some(reading), _) => reading.state.clone(),
            (None, Some(old)) => old.clone(),
            (None, None) => ImageState::default(),
        };
        state.signers = signers.into_iter().collect();
        // That an SBOM could not be made here is nobody's silence.
        let is_unanswered = |(target, lookup): &(&LookupTarget, &LookupRow)| {
            lookup.cause.is_some() && target.kind != LookupKind::Generated
        };
        let n_unanswered = self.lookups.iter().filter(is_unanswered).count();
        state.n_unanswered = u64::try_from(n_unanswered).unwrap_or(u64::MAX);
        if reading.is_none() && old.as_ref() == Some(&state) {
            return Ok(());
        }
        let image = (self.root, self.key);
        let (mut tx, now) = service.begin().await?;
        if let Some(reading) = &reading {
            for (digest, view) in &reading.documents {
                tx.save_document(self.root, digest, READER, view).await?;
            }
            let vulnerable = reading.vulnerabilities.keys().map(|(_, package)| package);
            let all = reading.packages.iter().chain(vulnerable).cloned().collect();
            let keys = tx.package_keys(self.root, &all).await?;
            let held = reading.packages.iter().filter_map(|package| keys.get(package).copied());
            tx.write_image_packages(image, &held.collect(), now).await?;
            tx.write_image_files(image, &reading.files, now).await?;
            let known = reading.vulnerabilities.iter().filter_map(|((id, package), found)| {
                Some(((id.clone(), *keys.get(package)?), found.clone()))
            });
            tx.write_image_vulnerabilities(image, &known.collect(), now).await?;
        }
        tx.write_image_state(image, mark, &state, &traits(&state)).await?;
        Ok(tx.commit().await?)
    }

    async fn read(
        &self,
        signed: BTreeMap<Digest, SignedBy>,
        database: Option<(String, Arc<Database>)>,
    ) -> Result<Reading> {
        let pieces = self.service.store().all_pieces(self.root, self.key, None).await?;
        let verifier = Arc::clone(&self.service.ports().verifier);
        let (image, database) = (self.image.clone(), database.map(|(_, database)| database));
        let read = tokio::task::spawn_blocking(move || {
            let pieces: Vec<_> = pieces.into_iter().map(|stored| stored.piece).collect();
            let statement =
                |piece: &EvidencePiece| Some((piece.digest, verifier.statement(piece)?));
            let statements = pieces.iter().filter_map(statement).collect();
            reading::read(&pieces, Basis { image, statements, signed, database })
        });
        read.await.map_err(|error| ServiceError::Internal(Box::new(error)))
    }

    /// Who signed each piece, as far as a signature holds under some trust: the policies', or
    /// the public-good one.
    async fn signed(&self, held: &[&Ready]) -> Result<BTreeMap<Digest, SignedBy>> {
        let mut needs: BTreeMap<(NeedKey, LookupKind), SignatureNeed> = BTreeMap::new();
        let plans = held.iter().map(|ready| ready.compiled.plan(self.image));
        let trusted = plans.flat_map(|plan| plan.signatures.into_iter().chain(plan.attestations));
        for need in std::iter::once(public_good()).chain(trusted) {
            for (need, kind) in everywhere(&need) {
                needs.insert((need.key(), kind), need);
            }
        }
        let mut signed = BTreeMap::new();
        for ((_, kind), need) in needs {
            for target in need.targets(kind) {
                let facts = self.facts_of_kind(&need, &target, kind).await?;
                signed.extend(facts.iter().filter_map(signer));
            }
        }
        Ok(signed)
    }
}

fn signer(fact: &SignatureFact) -> Option<(Digest, SignedBy)> {
    let by = match &fact.verification {
        Verification::Accepted { signer: Signer::Key, .. } => SignedBy::Key,
        Verification::Accepted { signer: Signer::Certificate { identity }, .. } => {
            let subject = identity.subjects.first().cloned().unwrap_or_default();
            SignedBy::Identity { subject, issuer: identity.issuer.clone() }
        }
        Verification::Refused { .. } => return None,
    };
    Some((fact.layer, by))
}

/// The trait of an index that names the digest of one of its manifests.
pub(crate) const VARIANT: &str = "variant";

/// What the image is found by.
fn traits(state: &ImageState) -> Vec<(&'static str, String)> {
    let mut traits = Vec::new();
    traits.extend(state.signers.iter().map(|signer| ("signer", signer.clone())));
    traits.extend(state.builders.iter().map(|builder| ("builder", builder.clone())));
    traits.extend(state.variants.iter().map(|digest| (VARIANT, digest.clone())));
    if !state.base.is_empty() {
        traits.push(("base", state.base.clone()));
    }
    if state.n_sboms > 0 {
        traits.push(("sbom", "yes".to_owned()));
    }
    if !state.signers.is_empty() {
        traits.push(("signed", "yes".to_owned()));
    }
    traits
}
