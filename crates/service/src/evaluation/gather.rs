//! *Gather*: what is kept of an image's evidence, verified where it was not verified yet.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use model::evidence::{
    AttestationFact, COSIGN_SIGN, Evidence, EvidenceKind, EvidencePiece, Gathered, LookupKind,
    LookupTarget, SignatureFact, SignatureNeed,
};
use model::image::Image;
use serde::Deserialize;
use store::{ImageKey, LookupRow, RootKey};

use super::Ready;
use crate::{Result, Service, ServiceError};

/// The image whose evidence is gathered, and its look-ups.
pub(super) struct Gathering<'a> {
    pub(super) service: &'a Service,
    pub(super) root: RootKey,
    pub(super) key: ImageKey,
    pub(super) image: &'a Image,
    pub(super) lookups: BTreeMap<LookupTarget, LookupRow>,
}

impl Gathering<'_> {
    /// The answer to every need of these policies.
    pub(super) async fn evidence(&self, held: &[&Ready]) -> Result<Evidence> {
        let mut evidence = Evidence::default();
        for plan in held.iter().map(|ready| ready.compiled.plan(self.image)) {
            for need in plan.signatures {
                if let Entry::Vacant(place) = evidence.signatures.entry(need.key()) {
                    place.insert(self.signatures(&need).await?);
                }
            }
            for need in plan.attestations {
                if let Entry::Vacant(place) = evidence.attestations.entry(need.key()) {
                    place.insert(self.attestations(&need).await?);
                }
            }
            if plan.config && evidence.config.is_none() {
                evidence.config = Some(self.config().await?);
            }
        }
        Ok(evidence)
    }

    async fn signatures(&self, need: &SignatureNeed) -> Result<Gathered<Vec<SignatureFact>>> {
        let target = need.target(LookupKind::Signatures);
        if let Some(missing) = self.missing(&target) {
            return Ok(missing);
        }
        let mut value = Vec::new();
        for target in need.targets(LookupKind::Signatures) {
            let facts = self.facts(need, &target, EvidenceKind::CosignSignature).await?;
            if !need.is_bundle {
                value.extend(facts);
                continue;
            }
            // Of bundles, only those that say "signed" and nothing else are signatures.
            let pieces = self.pieces(need, &target, EvidenceKind::CosignSignature).await?;
            let statements = self.statements(&pieces);
            let is_signature = |fact: &SignatureFact| {
                let statement = statements.get(&fact.layer);
                statement.is_none_or(|text| predicate_type(text) == COSIGN_SIGN)
            };
            value.extend(facts.into_iter().filter(is_signature));
        }
        Ok(Gathered::Found { value })
    }

    async fn attestations(&self, need: &SignatureNeed) -> Result<Gathered<Vec<AttestationFact>>> {
        let target = need.target(LookupKind::Attestations);
        if let Some(missing) = self.missing(&target) {
            return Ok(missing);
        }
        let mut value = Vec::new();
        for target in need.targets(LookupKind::Attestations) {
            let facts = self.facts(need, &target, EvidenceKind::CosignAttestation).await?;
            let pieces = self.pieces(need, &target, EvidenceKind::CosignAttestation).await?;
            let mut statements = self.statements(&pieces);
            value.extend(facts.into_iter().filter_map(|signature| {
                let statement = statements.remove(&signature.layer);
                // A bundle without a statement signs the image itself and attests nothing.
                if statement.is_none() && need.is_bundle {
                    return None;
                }
                Some(AttestationFact { signature, statement: statement.unwrap_or_default() })
            }));
        }
        Ok(Gathered::Found { value })
    }

    /// The image's configurations by platform, as one JSON object
    /// (`policy-controller.md` part 14).
    async fn config(&self) -> Result<Gathered<String>> {
        let target = LookupTarget::beside_image(LookupKind::Image);
        if let Some(missing) = self.missing(&target) {
            return Ok(missing);
        }
        let pieces = self.service.store().pieces(self.root, self.key, &target).await?;
        let place = target.place_of(self.image);
        if pieces.is_empty() {
            let cause = "the registry does not have the image".to_owned();
            return Ok(Gathered::CouldNotAsk { place, cause });
        }
        Ok(match evaluator::config_document(&pieces) {
            Ok(value) => Gathered::Found { value },
            Err(cause) => Gathered::CouldNotAsk { place, cause },
        })
    }

    /// Why a look-up has no answer, where it has none.
    fn missing<T>(&self, target: &LookupTarget) -> Option<Gathered<T>> {
        match self.lookups.get(target) {
            None => Some(Gathered::NotYet),
            Some(LookupRow { place, cause: Some(cause), .. }) => {
                Some(Gathered::CouldNotAsk { place: place.clone(), cause: cause.clone() })
            }
            Some(LookupRow { cause: None, .. }) => None,
        }
    }

    /// The pieces of a look-up that a need is about.
    async fn pieces(
        &self,
        need: &SignatureNeed,
        target: &LookupTarget,
        kind: EvidenceKind,
    ) -> Result<Vec<EvidencePiece>> {
        let wanted = if need.is_bundle { EvidenceKind::SigstoreBundle } else { kind };
        let mut pieces = self.service.store().pieces(self.root, self.key, target).await?;
        pieces.retain(|piece| piece.kind == wanted);
        Ok(pieces)
    }

    /// What verification makes of a look-up's pieces: kept from before, or made now.
    async fn facts(
        &self,
        need: &SignatureNeed,
        target: &LookupTarget,
        kind: EvidenceKind,
    ) -> Result<Vec<SignatureFact>> {
        let (service, verification) = (self.service, need.verification_id());
        let store = service.store();
        let known: Option<Vec<SignatureFact>> =
            store.facts(self.root, self.key, target, verification).await?;
        // Facts that rest on the time of their verification are made again when that is over.
        let is_over = |fact: &SignatureFact| fact.recheck_at.is_some_and(|at| at <= service.now());
        if let Some(facts) = known.filter(|facts| !facts.iter().any(is_over)) {
            return Ok(facts);
        }
        let pieces = self.pieces(need, target, kind).await?;
        if pieces.is_empty() {
            // What is gone took its facts along.
            return Ok(Vec::new());
        }
        let (verifier, digest) = (Arc::clone(&service.ports().verifier), self.image.digest);
        let (asked, now) = (need.clone(), service.now());
        let verified =
            tokio::task::spawn_blocking(move || verifier.verify(&digest, &asked, &pieces, now));
        let facts = verified.await.map_err(|error| ServiceError::Internal(Box::new(error)))?;
        let (mut tx, _) = service.begin().await?;
        tx.save_facts((self.root, self.key), target, verification, &facts).await?;
        tx.commit().await?;
        Ok(facts)
    }

    /// The same by the kind of look-up.
    pub(super) async fn facts_of_kind(
        &self,
        need: &SignatureNeed,
        target: &LookupTarget,
        kind: LookupKind,
    ) -> Result<Vec<SignatureFact>> {
        let kind = match kind {
            LookupKind::Attestations => EvidenceKind::CosignAttestation,
            LookupKind::Signatures
            | LookupKind::Sboms
            | LookupKind::Referrers
            | LookupKind::Image
            | LookupKind::Given
            | LookupKind::Generated => EvidenceKind::CosignSignature,
        };
        self.facts(need, target, kind).await
    }

    fn statements(&self, pieces: &[EvidencePiece]) -> BTreeMap<model::digest::Digest, String> {
        let verifier = &self.service.ports().verifier;
        let statement = |piece: &EvidencePiece| Some((piece.digest, verifier.statement(piece)?));
        pieces.iter().filter_map(statement).collect()
    }
}

#[derive(Default, Deserialize)]
struct Typed {
    #[serde(default, rename = "predicateType")]
    predicate_type: String,
}

fn predicate_type(statement: &str) -> String {
    serde_json::from_str::<Typed>(statement).unwrap_or_default().predicate_type
}
