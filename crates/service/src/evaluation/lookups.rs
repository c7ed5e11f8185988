//! Look-ups: asking the places that policies look at, and those beside each image, and keeping
//! what they answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;
use futures::{StreamExt as _, stream};
use model::evidence::{LookupKind, LookupTarget};
use model::iam::{Capability, Subject};
use model::id::GroupId;
use model::image::Image;
use model::timestamp::Timestamp;
use store::{DueLookup, ImageKey, LookupOutcome, LookupRow, RootKey};

use super::judging::held;
use super::{IDLE_INTERVAL, LOOKUP_INTERVAL, LOOKUPS_AT_ONCE, RETRY_INTERVAL, Ready, schedule};
use crate::ports::Found;
use crate::{Caller, Result, Service, ServiceError};

/// Up to when all look-ups were made that go by a schedule; written with the heartbeat.
const LOOKED_UP_UNTIL: &str = "looked_up_until";
/// The vulnerability database that images were last held against.
const DATABASE: &str = "vulnerability_database";
/// Manifests of one notification that are asked what they refer to, at most.
const MOST_SUBJECTS: usize = 50;
/// Look-ups that are made apart from their schedule in one sweep, at most.
const OUT_OF_TURN: u32 = 10_000;

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

    /// Asks the places of images again because their registry says that something changed
    /// beside them; tells how many of them are known.
    ///
    /// # Errors
    /// Forbidden for callers other than the control plane; when the database does not answer.
    pub async fn registry_changed(&self, caller: &Caller, images: &[Image]) -> Result<usize> {
        let Subject::System { .. } = caller.subject() else {
            return Err(ServiceError::Forbidden("Only a registry's hook says this.".to_owned()));
        };
        let mut images = images.to_vec();
        // What was pushed may be a signature, whose manifest says of which image.
        for image in images.clone().iter().take(MOST_SUBJECTS) {
            if !self.store().is_known_anywhere(image).await? {
                let subject = self.ports().evidence.subject_of(image).await;
                images.extend(subject.map(|digest| image.repository.clone().at(digest)));
            }
        }
        let (mut tx, now) = self.begin().await?;
        let mut n_known = 0;
        for image in &images {
            n_known += usize::from(tx.expire_lookups_everywhere(image, now).await?);
        }
        tx.commit().await?;
        if n_known > 0 {
            self.wake_sweep();
        }
        Ok(n_known)
    }

    /// Makes the look-ups whose time has come, and queues the images for which they brought
    /// something new; returns what the heartbeat then says.
    pub(super) async fn look_up_due(&self) -> Result<Timestamp> {
        let until = self.now();
        let due = self.due_lookups(until).await?;
        let mut by_image: BTreeMap<(RootKey, ImageKey), BTreeSet<LookupTarget>> = BTreeMap::new();
        for DueLookup { root, image, target } in due {
            by_image.entry((root, image)).or_default().insert(target);
        }
        if by_image.is_empty() {
            return Ok(until);
        }
        let policies = self.ready_policies().await?;
        let policies = policies.as_slice();
        let asked = by_image.into_iter().map(|(key, targets)| async move {
            (self.look_up_again(key, targets, policies).await, key)
        });
        let mut asked = stream::iter(asked).buffer_unordered(LOOKUPS_AT_ONCE);
        let mut changed = Vec::new();
        while let Some((is_changed, key)) = asked.next().await {
            if is_changed? {
                changed.push(key);
            }
        }
        self.queue_images(changed).await?;
        Ok(until)
    }

    /// Queues everything that runs when the vulnerability database is another one than before.
    pub(super) async fn notice_database(&self) -> Result<()> {
        let Some((generation, _)) = self.ports().vulnerabilities.current() else { return Ok(()) };
        if self.store().installation_value(DATABASE).await?.as_ref() == Some(&generation) {
            return Ok(());
        }
        let (mut tx, now) = self.begin().await?;
        let roots: BTreeSet<RootKey> =
            self.store().groups().await?.into_iter().map(|row| row.root).collect();
        for root in roots {
            tx.queue_running_images(root, now).await?;
        }
        tx.set_installation_value(DATABASE, &generation).await?;
        Ok(tx.commit().await?)
    }

    /// What the heartbeat holds besides its time.
    pub(super) const fn heartbeat_name() -> &'static str {
        LOOKED_UP_UNTIL
    }

    /// How look-ups stand that go by a schedule.
    pub(crate) async fn schedules(&self) -> Result<Schedules> {
        Ok(Schedules {
            n_lookups: self.store().lookups_by_host().await?,
            until: self.looked_up_until().await?,
            per_second: self.ports().evidence.requests_per_second(),
        })
    }

    async fn looked_up_until(&self) -> Result<Option<Timestamp>> {
        let value = self.store().installation_value(LOOKED_UP_UNTIL).await?;
        Ok(value.and_then(|text| text.parse().ok()))
    }

    async fn due_lookups(&self, now: Timestamp) -> Result<Vec<DueLookup>> {
        let store = self.store();
        let mut due = store.lookups_out_of_turn(now, OUT_OF_TURN).await?;
        let schedules = self.schedules().await?;
        // Before the first heartbeat everything was just asked.
        let Some(since) = schedules.until else { return Ok(due) };
        for host in schedules.n_lookups.keys() {
            for are_running in [true, false] {
                for window in schedule::passed(since, now, schedules.interval(host, are_running)) {
                    due.extend(store.lookups_in_phase(host, window, are_running).await?);
                }
            }
        }
        Ok(due)
    }

    pub(super) async fn queue_images(&self, images: Vec<(RootKey, ImageKey)>) -> Result<()> {
        if images.is_empty() {
            return Ok(());
        }
        let (mut tx, now) = self.begin().await?;
        for (root, image) in images {
            tx.queue_image(root, image, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Asks what is due of an image; tells whether anything changed.
    async fn look_up_again(
        &self,
        (root, key): (RootKey, ImageKey),
        due: BTreeSet<LookupTarget>,
        policies: &[Ready],
    ) -> Result<bool> {
        let image = self.store().image(root, key).await?;
        let homes = self.store().groups_where_image_runs(root, key).await?;
        let wanted = targets(&image, &held(root, &homes, policies));
        let (due, abandoned): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|target| wanted.contains(target));
        if !abandoned.is_empty() {
            let (mut tx, _) = self.begin().await?;
            tx.drop_lookups((root, key), &abandoned.iter().collect::<Vec<_>>()).await?;
            tx.commit().await?;
        }
        let lookups = self.store().lookups(root, key).await?;
        self.ask(root, key, &image, &due, &lookups).await
    }

    /// Everything that is to be asked of an image and never was: asked now. Gives every look-up
    /// of the image as it stands then.
    pub(super) async fn looked_up(
        &self,
        root: RootKey,
        key: ImageKey,
        image: &Image,
        held: &[&Ready],
    ) -> Result<BTreeMap<LookupTarget, LookupRow>> {
        let lookups = self.store().lookups(root, key).await?;
        if !image.is_resolved() {
            return Ok(lookups);
        }
        let wanted = targets(image, held);
        let fresh: Vec<_> =
            wanted.into_iter().filter(|target| !lookups.contains_key(target)).collect();
        if fresh.is_empty() {
            return Ok(lookups);
        }
        self.ask(root, key, image, &fresh, &lookups).await?;
        Ok(self.store().lookups(root, key).await?)
    }

    /// Asks places all at once, and keeps what is new in one change.
    async fn ask(
        &self,
        root: RootKey,
        key: ImageKey,
        image: &Image,
        targets: &[LookupTarget],
        before: &BTreeMap<LookupTarget, LookupRow>,
    ) -> Result<bool> {
        let logins = self.logins(root, key).await?;
        let logins = logins.as_ref();
        let asked = targets.iter().map(|target| async move {
            let known = before.get(target).and_then(|row| row.validator.clone());
            (target, self.ports().evidence.look_up(image, target, known, logins).await)
        });
        let mut fresh = Vec::new();
        for (target, answer) in join_all(asked).await {
            let before = before.get(target);
            let is_by_schedule =
                before.is_some_and(|row| row.cause.is_none() && row.next_at == Timestamp::FOREVER);
            if matches!(answer.found, Ok(Found::Unchanged)) && is_by_schedule {
                continue;
            }
            fresh.push((target, answer, before));
        }
        if fresh.is_empty() {
            return Ok(false);
        }
        let (mut tx, now) = self.begin().await?;
        let mut is_changed = false;
        for (target, answer, before) in fresh {
            let mut row = LookupRow {
                place: target.place_of(image),
                phase: Some(schedule::phase(image, target)),
                host: answer.host,
                asked_at: now,
                next_at: Timestamp::FOREVER,
                cause: None,
                validator: before.and_then(|row| row.validator.clone()),
            };
            let outcome = match answer.found {
                Ok(Found::Unchanged) => LookupOutcome::Unchanged,
                Ok(Found::Pieces { pieces, validator }) => {
                    // What is named by its digest never changes once it was found.
                    if target.kind == LookupKind::Image && !pieces.is_empty() {
                        row.phase = None;
                    }
                    row.validator = validator;
                    LookupOutcome::Found(pieces)
                }
                Err(no_answer) => {
                    let pause = no_answer.retry_after.unwrap_or(RETRY_INTERVAL);
                    row.next_at = now + pause.max(RETRY_INTERVAL);
                    row.cause = Some(no_answer.cause);
                    LookupOutcome::CouldNotAsk
                }
            };
            is_changed |= tx.record_lookup((root, key), target, &row, &outcome).await?;
        }
        tx.commit().await?;
        Ok(is_changed)
    }
}

/// How often each host is asked, and up to when everything was.
pub(crate) struct Schedules {
    n_lookups: BTreeMap<String, u64>,
    until: Option<Timestamp>,
    per_second: Option<u32>,
}

impl Schedules {
    /// How often a host is asked for one image, of those that run or of those that do not.
    pub(crate) fn interval(&self, host: &str, is_running: bool) -> Duration {
        // A folder costs nothing to read, so it is read every sweep.
        if host.is_empty() {
            return Duration::from_secs(1);
        }
        let wanted = if is_running { LOOKUP_INTERVAL } else { IDLE_INTERVAL };
        let n_lookups = self.n_lookups.get(host).copied().unwrap_or(0);
        schedule::interval(wanted, n_lookups, self.per_second)
    }

    /// When a look-up was made last, and how often it is.
    pub(crate) fn of(&self, lookup: &LookupRow, is_running: bool) -> (Timestamp, Duration) {
        let interval = self.interval(&lookup.host, is_running);
        let (Some(phase), Some(until)) = (lookup.phase, self.until) else {
            return (lookup.asked_at, interval);
        };
        (schedule::last_made(phase, until, interval).max(lookup.asked_at), interval)
    }
}

/// What is asked of an image: everything beside it, and what these policies look at elsewhere.
fn targets(image: &Image, held: &[&Ready]) -> BTreeSet<LookupTarget> {
    let mut targets: BTreeSet<_> =
        LookupKind::LOOKED_UP.into_iter().map(LookupTarget::beside_image).collect();
    for plan in held.iter().map(|ready| ready.compiled.plan(image)) {
        targets.extend(plan.signatures.iter().map(|need| need.target(LookupKind::Signatures)));
        targets.extend(plan.attestations.iter().map(|it| it.target(LookupKind::Attestations)));
    }
    targets
}
