//! *Gather*: asking the places that policies look at, keeping what they answer, verifying it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::{StreamExt as _, stream};
use model::evidence::{Evidence, Gathered, SignatureFact, SignatureNeed, SignatureSource};
use model::iam::Capability;
use model::id::GroupId;
use model::image::Image;
use store::{ImageKey, LookupOutcome, LookupRow, RootKey};

use super::judging::held;
use super::{FOLDER_INTERVAL, LOOKUP_INTERVAL, LOOKUPS_AT_ONCE, RETRY_INTERVAL, Ready};
use crate::{Caller, Result, Service, ServiceError};

impl Service {
    /// Asks an image's places again at once.
    ///
    /// # Errors
    /// Not found where the image runs nowhere that the caller may see.
    pub async fn refresh_image(
        &self,
        caller: &Caller,
        scope: GroupId,
        image: &Image,
    ) -> Result<()> {
        let scope = self.scope(caller, Capability::RecordsRefresh, scope).await?;
        let (mut tx, now) = self.begin().await?;
        if !tx.expire_lookups((scope.root, &scope.path_key), image, now).await? {
            return Err(ServiceError::NotFound);
        }
        tx.commit().await?;
        self.wake_sweep();
        Ok(())
    }

    /// Puts what time made due on the queue: look-ups and rechecks.
    pub(super) async fn queue_due(&self) -> Result<()> {
        let now = self.now();
        let lookups = self.store().due_lookups(now, 10_000).await?;
        let mut changed = Vec::new();
        let policies = if lookups.is_empty() { Vec::new() } else { self.ready_policies().await? };
        let policies = policies.as_slice();
        let asked = lookups.into_iter().map(|(root, image)| async move {
            (self.look_up(root, image, policies).await, (root, image))
        });
        let mut asked = stream::iter(asked).buffer_unordered(LOOKUPS_AT_ONCE);
        while let Some((is_changed, key)) = asked.next().await {
            if is_changed? {
                changed.push(key);
            }
        }
        changed.extend(self.store().due_rechecks(now, 10_000).await?);
        if changed.is_empty() {
            return Ok(());
        }
        let (mut tx, now) = self.begin().await?;
        for (root, image) in changed {
            tx.queue_image(root, image, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Asks every place that policies look at for an image; tells whether anything changed.
    async fn look_up(&self, root: RootKey, key: ImageKey, policies: &[Ready]) -> Result<bool> {
        let image = self.store().image(root, key).await?;
        let homes = self.store().groups_where_image_runs(root, key).await?;
        let needs = needs(&image, &held(root, &homes, policies));
        let wanted: BTreeSet<&SignatureSource> = needs.iter().map(|need| &need.source).collect();
        let next = self.store().next_lookups(root, key).await?;
        let abandoned: Vec<_> = next.keys().filter(|source| !wanted.contains(source)).collect();
        if !abandoned.is_empty() {
            let (mut tx, _) = self.begin().await?;
            tx.drop_lookups((root, key), &abandoned).await?;
            tx.commit().await?;
        }
        let mut is_changed = false;
        for source in wanted {
            if next.get(source).is_none_or(|next_at| *next_at <= self.now()) {
                is_changed |= self.ask(root, key, &image, source).await?;
            }
        }
        Ok(is_changed)
    }

    async fn ask(
        &self,
        root: RootKey,
        key: ImageKey,
        image: &Image,
        source: &SignatureSource,
    ) -> Result<bool> {
        let answer = self.ports().evidence.signatures(image, source).await;
        let now = self.now();
        let interval = match &answer.found {
            Err(_) => RETRY_INTERVAL,
            Ok(_) if answer.is_folder => FOLDER_INTERVAL,
            Ok(_) => LOOKUP_INTERVAL,
        };
        let (outcome, cause) = match answer.found {
            Ok(found) => (LookupOutcome::Found(found), None),
            Err(cause) => (LookupOutcome::CouldNotAsk(cause.clone()), Some(cause)),
        };
        let lookup =
            LookupRow { place: answer.place, asked_at: now, next_at: now + interval, cause };
        let (mut tx, _) = self.begin().await?;
        let is_changed = tx.record_lookup((root, key), source, &lookup, &outcome).await?;
        tx.commit().await?;
        Ok(is_changed)
    }

    /// *Gather*: every need of every policy that covers the image, asked where nobody was
    /// asked yet, verified where it was not verified yet.
    pub(super) async fn gather(
        &self,
        root: RootKey,
        key: ImageKey,
        image: &Image,
        held: &[&Ready],
    ) -> Result<Evidence> {
        let mut evidence = Evidence::default();
        for need in needs(image, held) {
            if self.store().lookup(root, key, &need.source).await?.is_none() {
                self.ask(root, key, image, &need.source).await?;
            }
            let gathered = self.gather_need(root, key, image, &need).await?;
            evidence.signatures.insert(need.key(), gathered);
        }
        for ready in held {
            let plan = ready.compiled.plan(image);
            for need in plan.attestations {
                let place = need.source.attestations_of(image);
                evidence.attestations.insert(need.key(), not_looked_up(place, "attestations"));
            }
            if plan.config {
                evidence.config = Some(not_looked_up(image.to_string(), "image configurations"));
            }
        }
        Ok(evidence)
    }

    async fn gather_need(
        &self,
        root: RootKey,
        key: ImageKey,
        image: &Image,
        need: &SignatureNeed,
    ) -> Result<Gathered<Vec<SignatureFact>>> {
        if need.is_bundle {
            let place = format!("referrers of {image}");
            return Ok(not_looked_up(place, "Sigstore bundles"));
        }
        let Some(lookup) = self.store().lookup(root, key, &need.source).await? else {
            return Ok(Gathered::NotYet);
        };
        if let Some(cause) = lookup.cause {
            return Ok(Gathered::CouldNotAsk { place: lookup.place, cause });
        }
        let trust = need.verification_id();
        let known = self.store().facts(root, key, &need.source, trust).await?;
        // Facts that rest on the time of their verification are made again when that is over.
        let is_over = |fact: &SignatureFact| fact.recheck_at.is_some_and(|at| at <= self.now());
        if let Some(value) = known.filter(|facts| !facts.iter().any(is_over)) {
            return Ok(Gathered::Found { value });
        }
        let layers = self.store().signature_layers(root, key, &need.source).await?;
        let value = if layers.is_empty() {
            Vec::new()
        } else {
            let (verifier, digest) = (Arc::clone(&self.ports().verifier), image.digest);
            let (material, now) = (need.clone(), self.now());
            let verified = tokio::task::spawn_blocking(move || {
                verifier.verify(&digest, &material, &layers, now)
            });
            verified.await.map_err(|error| ServiceError::Internal(Box::new(error)))?
        };
        let (mut tx, _) = self.begin().await?;
        tx.save_facts((root, key), &need.source, trust, &value).await?;
        tx.commit().await?;
        Ok(Gathered::Found { value })
    }
}

/// What the sweep cannot ask for yet.
fn not_looked_up<T>(place: String, what: &str) -> Gathered<T> {
    Gathered::CouldNotAsk { place, cause: format!("this version does not look up {what}") }
}

/// Every need of these policies that cover the image, once each.
fn needs(image: &Image, held: &[&Ready]) -> Vec<SignatureNeed> {
    let needs = held.iter().flat_map(|ready| ready.compiled.plan(image).signatures);
    needs.map(|need| (need.key(), need)).collect::<BTreeMap<_, _>>().into_values().collect()
}
