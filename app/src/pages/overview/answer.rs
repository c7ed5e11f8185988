//! The overview's headline and its four figures.

use model::clusters::ClusterFilter;
use model::compliance::Overview;
use model::policies::PolicyFilter;
use model::timestamp::Timestamp;

use crate::format;
use crate::routes::{self, Scope};
use crate::ui::Figure;

/// The answer to "may it sail?", worst first.
pub(super) fn headline(overview: &Overview, group: &str) -> String {
    let failed = overview.n_failed_policies;
    let unchecked = overview.tally.could_not_check;
    let stale = u64::try_from(overview.stale_clusters.len()).unwrap_or(u64::MAX);
    if overview.n_clusters == 0 {
        return format!("No cluster reports to {group} yet");
    }
    if failed > 0 {
        let verb = if failed == 1 { "is" } else { "are" };
        return format!("{} {verb} failing in {group}", format::opening(failed, "policy"));
    }
    if overview.n_workloads == 0 {
        return format!("Nothing runs in {group} yet");
    }
    if overview.n_policies == 0 || overview.tally.total() == 0 {
        if overview.n_pending > 0 {
            let images = format::opening(overview.n_pending, "image");
            return format!("{images} in {group} waiting for the first check");
        }
        return format!("No policy covers what runs in {group} yet");
    }
    if unchecked > 0 {
        let checks = format::counted(unchecked, "check");
        return format!("No policy is failing in {group}, but {checks} could not be made");
    }
    if stale > 0 {
        let verb = if stale == 1 { "is" } else { "are" };
        let clusters = format::counted(stale, "cluster");
        return format!("No policy is failing in {group}, but {clusters} {verb} not heard from");
    }
    format!("Everything that policy covers in {group} passes")
}

/// The four figures: each with what it is out of.
pub(super) fn figures(overview: &Overview, scope: Scope) -> [Figure; 4] {
    let tally = &overview.tally;
    let covered = match overview.n_not_covered {
        0 => String::new(),
        n => format!(" · {} covered by none", format::counted(n, "workload")),
    };
    let compliance = Figure {
        label: "Policy compliance",
        value: tally.permille().map_or_else(|| "–".to_owned(), format::percent),
        note: format!(
            "{} of {} pass{covered}",
            format::count(tally.pass),
            format::counted(tally.total(), "check")
        ),
        href: None,
    };
    let failed = Figure {
        label: "Failed policies",
        value: format::count(overview.n_failed_policies),
        note: match overview.n_policies {
            1 => "of 1 that applies here".to_owned(),
            n => format!("of {} that apply here", format::count(n)),
        },
        href: Some(routes::policies_that_have(scope, PolicyFilter::Violations).href()),
    };
    let unchecked = Figure {
        label: "Could not check",
        value: format::count(tally.could_not_check),
        note: match overview.n_pending {
            0 => "no image waits for its first check".to_owned(),
            1 => "1 image waits for its first check".to_owned(),
            n => format!("{} images wait for their first check", format::count(n)),
        },
        href: None,
    };
    [compliance, failed, unchecked, silent(overview, scope)]
}

fn silent(overview: &Overview, scope: Scope) -> Figure {
    let stale = &overview.stale_clusters;
    let note = match stale.as_slice() {
        [] => format!("of {}", format::counted(overview.n_clusters, "cluster")),
        [first] => first.clone(),
        [first, second] => format!("{first} and {second}"),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
    };
    Figure {
        label: "Clusters not heard from",
        value: stale.len().to_string(),
        note,
        href: Some(routes::clusters_that_are(scope, ClusterFilter::Stale).href()),
    }
}

/// When the last sweep was.
pub(super) fn swept(overview: &Overview, now: Timestamp) -> String {
    match overview.swept_at {
        Some(at) => format!("Last sweep {}", format::ago(now, at)),
        None => "No sweep yet".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use model::compliance::Tally;

    use super::*;

    fn overview(n_failed_policies: u64, tally: Tally) -> Overview {
        Overview {
            tally,
            n_failed_policies,
            n_policies: 4,
            n_clusters: 2,
            stale_clusters: Vec::new(),
            n_workloads: 9,
            n_not_covered: 0,
            n_pending: 0,
            trend: Vec::new(),
            swept_at: None,
        }
    }

    #[test]
    fn the_headline_is_the_worst_there_is_to_say() {
        let all = Tally { pass: 9, ..Tally::default() };
        let some = Tally { pass: 8, could_not_check: 1, ..Tally::default() };
        let silent = Overview { stale_clusters: vec!["edge".to_owned()], ..overview(0, all) };
        for (overview, expected) in [
            (overview(3, all), "Three policies are failing in acme"),
            (overview(1, all), "One policy is failing in acme"),
            (overview(0, some), "No policy is failing in acme, but 1 check could not be made"),
            (silent, "No policy is failing in acme, but 1 cluster is not heard from"),
            (overview(0, Tally::default()), "No policy covers what runs in acme yet"),
            (overview(0, all), "Everything that policy covers in acme passes"),
        ] {
            assert_eq!(headline(&overview, "acme"), expected);
        }
    }
}
