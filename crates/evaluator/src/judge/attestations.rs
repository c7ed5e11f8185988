//! An authority asked by the attestations of an image (`policy-controller.md` part 11): every
//! rule must hold, and for each rule one attestation is enough.

use std::collections::BTreeSet;

use model::evidence::{AttestationFact, Gathered};
use model::timestamp::Timestamp;
use model::verdict::{Bearing, Finding, Reason};
use serde_json::Value;

use super::signatures::{accepted, of_fact};
use super::{Because, all_of, any_of, of_answer, shown};
use crate::compiled::{CompiledAttestation, WantedSigner};
use crate::documents::{Documents, Match, outcome};

/// What attestations are asked with.
pub(super) struct Asking<'a> {
    pub(super) signer: &'a WantedSigner,
    pub(super) documents: &'a Documents,
    pub(super) now: Timestamp,
    /// Where they were looked for.
    pub(super) place: String,
}

/// One rule's answer.
struct OfRule {
    reason: Reason,
    /// The attestations that hold, as a CIP-level policy sees them.
    good: Vec<Value>,
    read_time: bool,
}

/// What a rule says of an attestation's content.
enum OfStatement {
    /// It is of another predicate type.
    OtherType,
    /// Its type is all the rule asks for.
    Enough,
    /// The rule's policy was asked; whether it read the time.
    Asked(Reason, bool),
}

impl Asking<'_> {
    pub(super) fn ask(
        &self,
        found: Option<&Gathered<Vec<AttestationFact>>>,
        rules: &[CompiledAttestation],
    ) -> Because {
        if let Some(missing) = Because::of_missing(found) {
            return missing;
        }
        let Some(Gathered::Found { value }) = found else { return Because::unknown(Vec::new()) };
        if value.is_empty() {
            let finding = Finding::NoAttestation { place: self.place.clone() };
            let because = vec![Reason::leaf(finding, Bearing::Broken)];
            return Because { bearing: Bearing::Broken, because, found: None, read_time: false };
        }
        let (mut reasons, mut good, mut read_time) = (Vec::new(), Vec::new(), false);
        for rule in rules {
            let of_rule = self.of_rule(rule, value);
            reasons.push(of_rule.reason);
            good.push((rule.name.clone(), of_rule.good));
            read_time |= of_rule.read_time;
        }
        let bearing = all_of(&reasons);
        let found = (bearing == Bearing::Holds).then_some(Match::Attestations(good));
        Because { bearing, because: reasons, found, read_time }
    }

    fn of_rule(&self, rule: &CompiledAttestation, facts: &[AttestationFact]) -> OfRule {
        let (mut reasons, mut good, mut read_time) = (Vec::new(), Vec::new(), false);
        let mut others = BTreeSet::new();
        let mut n_verified = 0_usize;
        for fact in facts {
            let (witnessed_at, signed) = of_fact(&fact.signature, self.signer, self.now);
            let mut because = vec![signed];
            if any_of(&because) == Bearing::Holds {
                n_verified = n_verified.saturating_add(1);
                match self.of_statement(rule, fact) {
                    Ok(OfStatement::Asked(reason, read)) => {
                        read_time |= read;
                        because.push(reason);
                    }
                    Ok(OfStatement::Enough) => {}
                    Ok(OfStatement::OtherType) => {
                        others.extend(self.predicate_type(rule, fact));
                        continue;
                    }
                    Err(reason) => because.push(*reason),
                }
            }
            let bearing = all_of(&because);
            if let (Bearing::Holds, Some(signer)) = (bearing, accepted(&fact.signature)) {
                let mut members = outcome::signature(&fact.signature.id, signer);
                members.insert("predicateType".to_owned(), rule.written.as_str().into());
                members.insert("digest".to_owned(), fact.signature.layer.to_string().into());
                good.push(Value::Object(members));
            }
            let finding = Finding::Attestation { layer: fact.signature.layer, witnessed_at };
            reasons.push(Reason { finding, bearing, because });
        }
        if n_verified > 0
            && !reasons.iter().any(|reason| reason.bearing == Bearing::Holds)
            && !others.is_empty()
        {
            let finding = Finding::OtherPredicateTypes {
                wanted: rule.written.clone(),
                found: others.into_iter().collect(),
            };
            reasons.push(Reason::leaf(finding, Bearing::Broken));
        }
        let finding = Finding::AttestationRule {
            name: rule.name.clone(),
            predicate_type: rule.written.clone(),
        };
        let bearing = any_of(&reasons);
        OfRule { reason: Reason { finding, bearing, because: shown(reasons) }, good, read_time }
    }

    /// What the rule says of a verified attestation's content.
    fn of_statement(
        &self,
        rule: &CompiledAttestation,
        fact: &AttestationFact,
    ) -> Result<OfStatement, Box<Reason>> {
        let layer = fact.signature.layer;
        let statement =
            self.documents.statement(layer, rule.form, &fact.statement).map_err(|error| {
                let finding = Finding::Refused { cause: error.to_string(), claimed: None };
                Box::new(Reason::leaf(finding, Bearing::Broken))
            })?;
        if statement.predicate_type != rule.uri {
            return Ok(OfStatement::OtherType);
        }
        let Some(policy) = &rule.policy else { return Ok(OfStatement::Enough) };
        let text = policy
            .text
            .as_ref()
            .map_err(|obstacle| Box::new(Reason::leaf((**obstacle).clone(), Bearing::Unknown)))?;
        let (answer, read_time) = text.ask(&rule.name, &statement.document, self.now);
        let reason = of_answer(policy.language, &rule.name, answer);
        Ok(OfStatement::Asked(reason, read_time))
    }

    fn predicate_type(&self, rule: &CompiledAttestation, fact: &AttestationFact) -> Option<String> {
        let layer = fact.signature.layer;
        let statement = self.documents.statement(layer, rule.form, &fact.statement).ok()?;
        Some(statement.predicate_type.clone())
    }
}
