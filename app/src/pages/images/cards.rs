//! The first row of an image's page: what policy says, who signed, what it is made of, and what
//! is wrong with that.

use leptos::prelude::*;
use model::images::ImageState;
use model::verdict::Outcome;

use super::detail::Shown;
use crate::components::SeverityLine;
use crate::format;
use crate::routes::ImageTab;

pub(super) fn show(shown: &Shown) -> AnyView {
    let state = &shown.detail.summary.state;
    let card = |label: &'static str, tab: ImageTab, value: AnyView| {
        let href = shown.tab(tab).href();
        view! {
            <div class="card px-4.5 py-4">
                <dt class="text-label font-medium text-ink-2">
                    <a class="hover:underline" href=href>{label}</a>
                </dt>
                <dd class="wrap-anywhere">{value}</dd>
            </div>
        }
    };
    view! {
        <dl class="grid gap-3.5 grid-cols-1 mid:grid-cols-2 wide:grid-cols-4">
            {card("Policy", ImageTab::Verdicts, policy(shown))}
            {card("Signed by", ImageTab::Evidence, signed_by(state))}
            {card("SBOM", ImageTab::Packages, sbom(state))}
            {card("Vulnerabilities", ImageTab::Vulnerabilities, vulnerabilities(state))}
        </dl>
    }
    .into_any()
}

fn policy(shown: &Shown) -> AnyView {
    let verdicts = shown.verdicts();
    let n = |outcome: Outcome| {
        let found = verdicts.iter().filter(|each| each.verdict.outcome == outcome).count();
        u64::try_from(found).unwrap_or(u64::MAX)
    };
    let total = u64::try_from(verdicts.len()).unwrap_or(u64::MAX);
    figure(policy_figure(n(Outcome::Pass), total), policy_note(n, total))
}

fn policy_figure(n_pass: u64, total: u64) -> String {
    match total {
        0 => "Not covered".to_owned(),
        _ => format!("{} of {} pass", format::count(n_pass), format::count(total)),
    }
}

/// What the other verdicts are, each kind apart.
fn policy_note(n: impl Fn(Outcome) -> u64, total: u64) -> String {
    if total == 0 {
        return "No policy says anything of this image.".to_owned();
    }
    let kinds = [
        (n(Outcome::Fail), "failing"),
        (n(Outcome::Warn), "warned"),
        (n(Outcome::CouldNotCheck), "not checked"),
    ];
    let parts: Vec<String> = kinds
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", format::count(number)))
        .collect();
    if parts.is_empty() { "Every policy passes.".to_owned() } else { parts.join(", ") }
}

fn signed_by(state: &ImageState) -> AnyView {
    let others = u64::try_from(state.signers.len().saturating_sub(1)).unwrap_or(u64::MAX);
    let found = format!(
        "{}, {} found",
        format::counted(state.n_signatures, "signature"),
        format::counted(state.n_attestations, "attestation")
    );
    let Some(signer) = state.signers.first() else {
        let headline = if state.n_signatures > 0 {
            "Nobody who was accepted"
        } else if state.n_unanswered > 0 {
            "Not known"
        } else {
            "Nobody"
        };
        return figure(headline.to_owned(), found);
    };
    let (subject, issuer) = signer.split_once(" by ").unwrap_or((signer, ""));
    let from = (!issuer.is_empty()).then(|| format!("as {issuer} says. "));
    let more = (others > 0).then(|| format!("{} more. ", format::counted(others, "signer")));
    view! {
        <code class="block py-1">{subject.to_owned()}</code>
        <span class="quiet">{from} {more} {found}</span>
    }
    .into_any()
}

fn sbom(state: &ImageState) -> AnyView {
    let note = match (state.n_sboms, state.generated_by.as_str()) {
        (0, "") => {
            let note = "Nobody said yet what it is made of.".to_owned();
            return figure("None".to_owned(), note);
        }
        (0, by) => format!("Generated here by {by}; nobody shipped an SBOM."),
        (shipped, _) => format!("in {}", format::counted(shipped, "SBOM")),
    };
    figure(format::counted(state.n_packages, "package"), note)
}

fn vulnerabilities(state: &ImageState) -> AnyView {
    let total = state.vulnerabilities.total();
    if total > 0 {
        return view! {
            <span class="figure block">{format::count(total)}</span>
            <SeverityLine counts=state.vulnerabilities />
        }
        .into_any();
    }
    let (value, note) = nothing_known(state);
    figure(value.to_owned(), note)
}

/// What is said where nothing is left that applies.
fn nothing_known(state: &ImageState) -> (&'static str, String) {
    if state.n_excused > 0 {
        let excused = format::counted(state.n_excused, "vulnerability");
        return ("None applies", format!("{excused} excused by VEX"));
    }
    if state.n_sboms == 0 && state.generated_by.is_empty() {
        return ("Not known", "There is no SBOM to look in.".to_owned());
    }
    ("None known", "in the packages of its SBOM".to_owned())
}

fn figure(value: String, note: String) -> AnyView {
    view! {
        <span class="figure block">{value}</span>
        <span class="quiet">{note}</span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_known_is_told_apart_from_nothing_that_applies() {
        let state = ImageState::default();
        assert_eq!(nothing_known(&state).0, "Not known");
        let made = ImageState { generated_by: "syft 1".to_owned(), ..ImageState::default() };
        assert_eq!(nothing_known(&made).0, "None known");
        let excused = ImageState { n_excused: 2, ..made };
        let said = ("None applies", "2 vulnerabilities excused by VEX".to_owned());
        assert_eq!(nothing_known(&excused), said);
    }

    #[test]
    fn what_does_not_pass_is_told_by_kind() {
        let n = |outcome| match outcome {
            Outcome::Pass => 1,
            Outcome::Fail => 2,
            Outcome::Warn => 0,
            Outcome::CouldNotCheck => 3,
        };
        assert_eq!(policy_figure(1, 6), "1 of 6 pass");
        assert_eq!(policy_note(n, 6), "2 failing, 3 not checked");
        assert_eq!(policy_note(|_| 0, 2), "Every policy passes.");
        assert_eq!(policy_figure(0, 0), "Not covered");
    }
}
