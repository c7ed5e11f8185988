//! One image under the policies that hold where it runs: judged, written, told.

use evaluator::{Candidate, Documents, Question};
use model::events::Change;
use model::image::Image;
use model::timestamp::Timestamp;
use model::verdict::sentence;
use store::{ImageKey, NewVerdict, RootKey, StoredVerdict};

use super::Ready;
use super::gather::Gathering;
use crate::iam::is_below;
use crate::{Caller, Result, Service};

impl Service {
    pub(super) async fn judge_image(
        &self,
        caller: &Caller,
        (root, key): (RootKey, ImageKey),
        queued_at: Timestamp,
        policies: &[Ready],
    ) -> Result<usize> {
        let image = self.store().image(root, key).await?;
        let homes = self.store().groups_where_image_runs(root, key).await?;
        let held = held(root, &homes, policies);
        let lookups = self.looked_up(root, key, &image, &held).await?;
        let gathering = Gathering { service: self, root, key, image: &image, lookups };
        let evidence = gathering.evidence(&held).await?;
        if image.is_resolved() {
            gathering.understand(&held).await?;
        }
        let question = Question {
            candidate: Candidate::Admitted(&image),
            subject: None,
            evidence: &evidence,
            documents: &Documents::default(),
            now: self.now(),
        };
        let verdicts: Vec<NewVerdict> = held
            .iter()
            .filter_map(|ready| {
                let verdict = evaluator::judge_image(&ready.compiled, &question)?;
                Some(NewVerdict { policy: ready.id, number: ready.number, verdict })
            })
            .collect();
        let (mut tx, now) = self.begin().await?;
        // Of an image that runs nowhere, the last verdicts stay as they are.
        let changes = match homes.is_empty() {
            true => Vec::new(),
            false => tx.write_verdicts((root, key), &verdicts, evaluator::VERSION, now).await?,
        };
        for change in &changes {
            let Some(ready) = policies.iter().find(|ready| ready.id == change.policy) else {
                continue;
            };
            let Some(event) = event(&image, &ready.name, change) else { continue };
            tx.append_event(root, &ready.path_key, caller.subject(), &event, now).await?;
        }
        tx.rank_image(root, key).await?;
        // Counts depend on the verdicts and, for what no policy covers, on having been judged.
        tx.queue_tallies_of_image(root, key, now).await?;
        tx.unqueue_image(root, key, queued_at).await?;
        tx.commit().await?;
        Ok(changes.len())
    }
}

/// The policies that hold somewhere where an image runs; `homes` are the paths of the groups of
/// its clusters.
pub(crate) fn held<'a>(root: RootKey, homes: &[String], policies: &'a [Ready]) -> Vec<&'a Ready> {
    let holds = |ready: &&Ready| {
        ready.root == root && homes.iter().any(|path| is_below(path, &ready.path_key))
    };
    policies.iter().filter(holds).collect()
}

fn event(image: &Image, policy: &str, change: &StoredVerdict) -> Option<Change> {
    let verdict = change.now.as_ref()?;
    if change.was == Some(verdict.outcome) {
        return None;
    }
    Some(Change::VerdictChanged {
        image: image.to_string(),
        policy: policy.to_owned(),
        was: change.was,
        now: verdict.outcome,
        sentence: sentence::of_verdict(verdict),
    })
}
