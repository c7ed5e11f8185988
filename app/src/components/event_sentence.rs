//! Changes as sentences, with the nouns in bold.

use leptos::prelude::*;
use model::events::{Change, Event};
use model::groups::Collection;
use model::iam::Subject;
use model::image::Image;
use model::timestamp::Timestamp;
use model::verdict::Outcome;

use super::{OutcomeChip, Sentence, image_link};
use crate::format;
use crate::routes::{AsOf, Scope};
use crate::ui::{Ago, Chip, Icon, Tone};

/// One change as a row of a list.
#[component]
pub(crate) fn EventSentence(event: Event, now: Timestamp, scope: Scope) -> impl IntoView {
    let at = event.at;
    let (chip, sentence) = spoken(event, scope);
    view! {
        <li>
            <span class="lead">{chip}</span>
            <p class="flex-1 min-w-[min(100%,18rem)] wrap-anywhere">{sentence}</p>
            <span class="quiet"><Ago now=now at=at /></span>
        </li>
    }
}

fn spoken(event: Event, scope: Scope) -> (AnyView, AnyView) {
    let actor = match event.actor {
        Subject::Person { name, .. } => name,
        Subject::Cluster { .. } => "The cluster".to_owned(),
        Subject::System { .. } => "Loadline".to_owned(),
    };
    (chip(&event.change), told(actor, event.change, scope))
}

/// What changed, in a word.
fn chip(change: &Change) -> AnyView {
    let (icon, label) = match change {
        Change::VerdictChanged { now, .. } => {
            return view! { <OutcomeChip outcome=Some(*now) /> }.into_any();
        }
        Change::GroupCreated { .. }
        | Change::GroupRenamed { .. }
        | Change::GroupMoved { .. }
        | Change::GroupDeleted { .. }
        | Change::CollectionSet { .. } => (Icon::Groups, "Group"),
        Change::ClusterCreated { .. }
        | Change::ClusterConnected { .. }
        | Change::ClusterRenamed { .. }
        | Change::ClusterMoved { .. }
        | Change::ClusterDeleted { .. } => (Icon::Clusters, "Cluster"),
        Change::EvidenceGiven { .. } => (Icon::Key, "Evidence"),
        Change::TokenIssued { .. } | Change::TokenRevoked { .. } => (Icon::Key, "Token"),
        Change::PolicyPublished { .. }
        | Change::VersionActivated { .. }
        | Change::PolicyDeleted { .. } => (Icon::Policies, "Policy"),
        Change::OwnerSignedIn { .. } => (Icon::Key, "Sign-in"),
    };
    view! { <Chip tone=Tone::Plain icon=icon label=label /> }.into_any()
}

fn told(actor: String, change: Change, scope: Scope) -> AnyView {
    match change {
        Change::VerdictChanged { image, policy, was, now, sentence } => {
            verdict_changed(&image, policy, (was, now), &sentence, scope)
        }
        Change::GroupCreated { group } => {
            view! { <span>{actor} " made the group " <b>{group}</b> "."</span> }.into_any()
        }
        Change::GroupRenamed { group, becomes } => {
            view! { <span>{actor} " renamed the group " <b>{group}</b> " to " <b>{becomes}</b> "."</span> }.into_any()
        }
        Change::GroupMoved { group, becomes } => {
            view! { <span>{actor} " moved the group " <b>{group}</b> " to " <b>{becomes}</b> "."</span> }.into_any()
        }
        Change::GroupDeleted { group } => {
            view! { <span>{actor} " deleted the group " <b>{group}</b> " and everything below it."</span> }.into_any()
        }
        Change::CollectionSet { group, collection } => {
            view! { <span>{actor} " let clusters of " <b>{group}</b> " send " {sent(collection)} "."</span> }.into_any()
        }
        Change::ClusterCreated { cluster, group } => {
            view! { <span>{actor} " registered " <b>{cluster}</b> " in " <b>{group}</b> "."</span> }.into_any()
        }
        Change::ClusterConnected { cluster } => {
            view! { <span><b>{cluster}</b> " reported for the first time."</span> }.into_any()
        }
        Change::ClusterRenamed { cluster, becomes } => {
            view! { <span>{actor} " renamed the cluster " <b>{cluster}</b> " to " <b>{becomes}</b> "."</span> }.into_any()
        }
        Change::ClusterMoved { cluster, group, becomes } => {
            view! { <span>{actor} " moved " <b>{cluster}</b> " from " <b>{group}</b> " to " <b>{becomes}</b> "."</span> }.into_any()
        }
        Change::ClusterDeleted { cluster, group } => {
            view! { <span>{actor} " deleted the cluster " <b>{cluster}</b> " of " <b>{group}</b> "."</span> }.into_any()
        }
        Change::EvidenceGiven { image, kind } => {
            view! { <span>{actor} " handed over a " {kind} " for " <b>{image}</b> "."</span> }.into_any()
        }
        Change::TokenIssued { cluster } => {
            view! { <span>{actor} " made a further token for " <b>{cluster}</b> "."</span> }.into_any()
        }
        Change::TokenRevoked { cluster } => {
            view! { <span>{actor} " revoked a token of " <b>{cluster}</b> "."</span> }.into_any()
        }
        Change::PolicyPublished { policy, group, version } => {
            view! { <span>{actor} " published version " {version} " of " <b>{policy}</b> " for " <b>{group}</b> "."</span> }.into_any()
        }
        Change::VersionActivated { policy, group, version } => {
            view! { <span>{actor} " made version " {version} " of " <b>{policy}</b> " active again for " <b>{group}</b> "."</span> }.into_any()
        }
        Change::PolicyDeleted { policy, group } => {
            view! { <span>{actor} " deleted the policy " <b>{policy}</b> " of " <b>{group}</b> "."</span> }.into_any()
        }
        Change::OwnerSignedIn { name } => {
            view! { <span><b>{name}</b> " signed in as the first owner."</span> }.into_any()
        }
    }
}

/// What clusters may send where secrets stand.
const fn sent(collection: Option<Collection>) -> &'static str {
    match collection {
        Some(Collection::Values) => "values of env, args and command",
        Some(Collection::Digests) => "keyed digests of env, args and command",
        None => "what the group above lets them",
    }
}

fn verdict_changed(
    image: &str,
    policy: String,
    (was, now): (Option<Outcome>, Outcome),
    sentence: &str,
    scope: Scope,
) -> AnyView {
    let verb = match (was, now) {
        (None, Outcome::Pass) => " passes ",
        (None, Outcome::Warn) => " is warned by ",
        (None, Outcome::Fail) => " fails ",
        (_, Outcome::CouldNotCheck) => " could not be checked against ",
        (Some(_), Outcome::Pass) => " passes again under ",
        (Some(Outcome::Fail), Outcome::Warn) => " is now only warned by ",
        (Some(_), Outcome::Warn) => " is now warned by ",
        (Some(Outcome::Pass), Outcome::Fail) => " stopped passing ",
        (Some(_), Outcome::Fail) => " now fails ",
    };
    // The sentence begins with what the row says already; the cause follows the colon.
    let cause = sentence.split_once(": ").map_or(sentence, |(_, cause)| cause).to_owned();
    let (name, digest) = match image.parse::<Image>() {
        Ok(image) => (image_link(&image, scope, AsOf::default()), format::digest_of(&image)),
        Err(_) => (view! { <b>{image.to_owned()}</b> }.into_any(), String::new()),
    };
    view! {
        <span>
            {name} " " <code class="text-ink-3">{digest}</code> {verb} <b>{policy}</b> ": " <Sentence text=cause />
        </span>
    }
    .into_any()
}
