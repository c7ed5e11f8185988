//! Trust: where the keys come from that policies believe, how fresh they are, when they end.

use leptos::prelude::*;
use model::timestamp::Timestamp;
use model::trust::{FetchView, TrustSource, TrustView, UsedBy};

use super::material;
use crate::api;
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, Scope};
use crate::ui::{Ago, Chip, Icon, PageHead, Tone, card_head};

#[component]
pub(crate) fn TrustPage() -> impl IntoView {
    framed(Section::Settings, |frame: Frame| async move {
        let trusted = api::trust::trust(frame.group.id).await?;
        let title = headline(&trusted, frame.now, frame.group.name());
        let cards = trusted.into_iter().map(|it| card(&frame, it)).collect_view();
        let body = view! {
            <PageHead title=title />
            <p class="text-ink-2 max-w-[46rem]">
                "What the policies that hold here believe. Keys that are fetched are fetched again every day; if nobody answers, the last ones count until they end, and then signatures could not be checked."
            </p>
            {cards}
        };
        Ok(Screen::new("Trust", body.into_any()))
    })
}

/// How one of them stands, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Good,
    NotYet,
    EndsSoon,
    Behind,
    Gone,
}

fn standing(trusted: &TrustView, now: Timestamp) -> Standing {
    let fetched = trusted.fetched.as_ref();
    if fetched.is_some_and(|it| it.fetched_at.is_none() && it.problem.is_none()) {
        return Standing::NotYet;
    }
    if fetched.is_some_and(|it| !it.is_usable) {
        return Standing::Gone;
    }
    if fetched.is_some_and(|it| it.problem.is_some()) {
        return Standing::Behind;
    }
    if material::runs_out(&trusted.material, now) {
        return Standing::EndsSoon;
    }
    Standing::Good
}

fn headline(trusted: &[TrustView], now: Timestamp, group: &str) -> String {
    let n = |wanted: Standing| {
        let found = trusted.iter().filter(|it| standing(it, now) == wanted).count();
        u64::try_from(found).unwrap_or(u64::MAX)
    };
    let gone = n(Standing::Gone);
    if gone > 0 {
        return format!("{} that policies of {group} trust cannot be had", things(gone));
    }
    let behind = n(Standing::Behind);
    if behind > 0 {
        return format!("{} that policies of {group} trust could not be renewed", things(behind));
    }
    let ending = n(Standing::EndsSoon);
    if ending > 0 {
        return format!("{} that policies of {group} trust ends soon", things(ending));
    }
    format!("Everything that policies of {group} trust is in order")
}

fn things(number: u64) -> String {
    match number {
        1 => "One thing".to_owned(),
        _ => format!("{} things", format::count(number)),
    }
}

fn card(frame: &Frame, trusted: TrustView) -> AnyView {
    let (tone, icon, label) = match standing(&trusted, frame.now) {
        Standing::Good => (Tone::Pass, Icon::Check, "In order"),
        Standing::NotYet => (Tone::Unknown, Icon::Clock, "Not fetched yet"),
        Standing::EndsSoon => (Tone::Warn, Icon::Alert, "Ends soon"),
        Standing::Behind => (Tone::Warn, Icon::Alert, "Could not be renewed"),
        Standing::Gone => (Tone::Fail, Icon::Cross, "Cannot be had"),
    };
    let TrustView { name, source, address, used_by, fetched, material } = trusted;
    let chip = view! { <Chip tone=tone icon=icon label=label /> }.into_any();
    let address = (!address.is_empty() && address != name)
        .then(|| view! { <code class="wrap-anywhere">{address}</code> });
    let table = (!material.is_empty()).then(|| {
        let policies: Vec<&str> = used_by.iter().map(|by| by.name.as_str()).collect();
        let of = format!("{name}, of {}", policies.join(", "));
        let table = material::table(&of, material, frame.now);
        view! { <div class="border-t border-line">{table}</div> }
    });
    view! {
        <section class="card">
            {card_head(name.clone(), chip)}
            <div class="px-4.5 py-3 flex flex-col gap-1.5">
                <p>{sentence(source)} " " {address}</p>
                {fetched.map(|fetched| about_fetching(frame, fetched))}
                <p class="quiet">{used(frame.scope, used_by)}</p>
            </div>
            {table}
        </section>
    }
    .into_any()
}

const fn sentence(source: TrustSource) -> &'static str {
    match source {
        TrustSource::Shipped => {
            "The keys that come with this version of Loadline. Nobody is asked for newer ones; start the server with --sigstore-updates on to have them renewed."
        }
        TrustSource::PublicGood => "Kept fresh from where the keys are published:",
        TrustSource::Keys => "A TrustRoot whose keys stand in the policy's document.",
        TrustSource::Archive => "A TrustRoot whose TUF repository lies in the policy's document.",
        TrustSource::Repository => "A TrustRoot that is fetched from a TUF repository:",
        TrustSource::Key => "A public key of a key management service.",
        TrustSource::Text => "A policy text that is kept elsewhere, pinned by its digest.",
    }
}

fn about_fetching(frame: &Frame, fetched: FetchView) -> AnyView {
    let FetchView { fetched_at, next_at, good_until, versions, problem, n_failures, .. } = fetched;
    let now = frame.now;
    let last = match fetched_at {
        Some(at) => view! { "Fetched " <Ago now=now at=at /> }.into_any(),
        None => "Not fetched since the server started".into_any(),
    };
    let next = next_at.filter(|at| *at > now).map(|at| {
        view! { ", again in " {format::span(at, now)} }
    });
    let good = good_until.map(|at| match at > now {
        true => format!(". Good for {} more", format::span(at, now)),
        false => format!(". It ended {}", format::ago(now, at)),
    });
    let versions = versions.map(|it| {
        format!(
            ". Root {}, targets {}, snapshot {}, timestamp {}",
            it.root, it.targets, it.snapshot, it.timestamp
        )
    });
    let problem = problem.map(|problem| {
        let tries = format::counted(u64::from(n_failures), "try");
        view! {
            <p class="text-fail wrap-anywhere">{format!("{tries} failed: {problem}")}</p>
        }
    });
    view! {
        <p>{last} {next} {good} {versions} "."</p>
        {problem}
    }
    .into_any()
}

fn used(scope: Scope, by: Vec<UsedBy>) -> AnyView {
    if by.is_empty() {
        return "No policy here stands on it; who signed an image is told by it all the same."
            .into_any();
    }
    let links = by.into_iter().enumerate().map(|(place, UsedBy { id, name })| {
        let href = routes::policy(scope, id).href();
        let comma = (place > 0).then_some(", ");
        view! { {comma} <a class="underline" href=href>{name}</a> }
    });
    view! { "Policies that stand on it: " {links.collect_view()} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(fetched: Option<FetchView>) -> TrustView {
        TrustView {
            name: "ours".to_owned(),
            source: TrustSource::Repository,
            address: String::new(),
            used_by: Vec::new(),
            fetched,
            material: Vec::new(),
        }
    }

    #[test]
    fn what_could_not_be_renewed_is_told_apart_from_what_is_gone() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let fetch = |at: Option<Timestamp>, problem: Option<&str>, is_usable| FetchView {
            fetched_at: at,
            problem: problem.map(str::to_owned),
            is_usable,
            ..FetchView::default()
        };
        let stands = |fetched| standing(&trusted(Some(fetched)), now);
        assert_eq!(standing(&trusted(None), now), Standing::Good);
        assert_eq!(stands(fetch(None, None, false)), Standing::NotYet);
        assert_eq!(stands(fetch(Some(now), None, true)), Standing::Good);
        assert_eq!(stands(fetch(Some(now), Some("away"), true)), Standing::Behind);
        assert_eq!(stands(fetch(None, Some("away"), false)), Standing::Gone);
        let gone = trusted(Some(fetch(None, Some("away"), false)));
        assert_eq!(
            headline(&[trusted(None), gone], now, "acme"),
            "One thing that policies of acme trust cannot be had"
        );
        assert_eq!(
            headline(&[trusted(None)], now, "acme"),
            "Everything that policies of acme trust is in order"
        );
    }
}
