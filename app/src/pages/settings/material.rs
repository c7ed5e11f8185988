//! The keys and certificates of a trust root: what each vouches for, and until when.

use std::time::Duration;

use leptos::prelude::*;
use model::timestamp::Timestamp;
use model::trust::{MaterialKind, TrustMaterial};

use crate::format;
use crate::ui::{Chip, Column, Icon, Table, Tone};

/// How long before its end somebody should hear of it.
const SOON: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How a key or certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Counts,
    Past,
    NotYet,
    EndsSoon,
    Broken,
}

pub(super) fn standing(material: &TrustMaterial, now: Timestamp) -> Standing {
    if material.problem.is_some() {
        return Standing::Broken;
    }
    if material.since.is_some_and(|since| since > now) {
        return Standing::NotYet;
    }
    match material.until {
        Some(until) if until <= now => Standing::Past,
        Some(until) if until <= now + SOON => Standing::EndsSoon,
        Some(_) | None => Standing::Counts,
    }
}

/// Whether, of a kind, everything that counts ends soon and nothing follows it.
pub(super) fn runs_out(material: &[TrustMaterial], now: Timestamp) -> bool {
    let kinds = [
        MaterialKind::CertificateAuthority,
        MaterialKind::TransparencyLog,
        MaterialKind::CertificateLog,
        MaterialKind::TimestampAuthority,
    ];
    kinds.into_iter().any(|kind| {
        let mut of_kind = material.iter().filter(|it| it.kind == kind).peekable();
        of_kind.peek().is_some()
            && of_kind.all(|it| !matches!(standing(it, now), Standing::Counts | Standing::NotYet))
    })
}

/// `of` tells one trust root's table from another's, for screen readers.
pub(super) fn table(of: &str, material: Vec<TrustMaterial>, now: Timestamp) -> AnyView {
    let columns = vec![
        Column::Text("Standing"),
        Column::Text("Kind"),
        Column::Text("Name"),
        Column::Text("Since"),
        Column::Text("Until"),
    ];
    let rows = material.into_iter().map(|it| row(it, now)).collect_view();
    view! {
        <Table caption=format!("Keys and certificates of {of}") columns=columns>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(material: TrustMaterial, now: Timestamp) -> AnyView {
    let (tone, icon, label) = match standing(&material, now) {
        Standing::Counts => (Tone::Pass, Icon::Check, "Counts"),
        Standing::Past => (Tone::Plain, Icon::Dash, "For the past only"),
        Standing::NotYet => (Tone::Plain, Icon::Clock, "Not yet"),
        Standing::EndsSoon => (Tone::Warn, Icon::Alert, "Ends soon"),
        Standing::Broken => (Tone::Fail, Icon::Cross, "Cannot be used"),
    };
    let TrustMaterial { kind, name, since, until, problem } = material;
    let problem = problem.map(|problem| view! { <span class="quiet block">{problem}</span> });
    view! {
        <tr>
            <td><Chip tone=tone icon=icon label=label /></td>
            <td>{kind.label()}</td>
            <td class="wide"><span class="wrap-anywhere">{name}</span> {problem}</td>
            <td>{since.map_or_else(|| quiet("always"), day)}</td>
            <td>{until.map_or_else(|| quiet("no end"), day)}</td>
        </tr>
    }
    .into_any()
}

fn quiet(text: &'static str) -> AnyView {
    view! { <span class="quiet">{text}</span> }.into_any()
}

/// The day: keys count for years.
fn day(at: Timestamp) -> AnyView {
    view! {
        <time datetime=at.to_string() title=format::moment(at)>
            {format::date(at)}
        </time>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn material(kind: MaterialKind, until: Option<Timestamp>) -> TrustMaterial {
        TrustMaterial { kind, name: String::new(), since: None, until, problem: None }
    }

    #[test]
    fn what_ends_is_told_a_month_before() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let stands = |until| standing(&material(MaterialKind::TransparencyLog, until), now);
        assert_eq!(stands(None), Standing::Counts);
        assert_eq!(stands(Some(now + 31 * DAY)), Standing::Counts);
        assert_eq!(stands(Some(now + 29 * DAY)), Standing::EndsSoon);
        assert_eq!(stands(Some(now)), Standing::Past);
    }

    #[test]
    fn a_kind_runs_out_when_nothing_of_it_stays() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let soon = material(MaterialKind::TransparencyLog, Some(now + DAY));
        let lasting = material(MaterialKind::TransparencyLog, None);
        let other = material(MaterialKind::CertificateAuthority, None);
        assert!(runs_out(&[soon.clone(), other.clone()], now));
        assert!(!runs_out(&[soon, lasting, other], now));
        assert!(!runs_out(&[], now));
    }
}
