//! Who may act as an identity: in words, and as fields of a form.

use leptos::prelude::*;
use model::iam::{Matcher, Proof, ProofKind, ServicePrincipal};

use crate::api::typed::Typed;
use crate::format;
use crate::ui::{LineField, LinesField, SelectField, SelectOption};

/// The proof as labels and what they say.
pub(super) fn told(proof: &Proof) -> AnyView {
    let mut facts: Vec<(&'static str, String)> = Vec::new();
    match proof {
        Proof::Person { issuer, subject } => {
            facts.push(("Signs in with", issuer.clone()));
            facts.push(("Account", subject.clone()));
        }
        Proof::ClaimMatch(claims) => {
            facts.push(("Issuer", matcher(&claims.issuer)));
            facts.push(("Subject", matcher(&claims.subject)));
            let audience = claims.audience.as_ref().map(matcher);
            facts.push(("Audience", audience.unwrap_or_else(|| "this installation".to_owned())));
            let told = |(name, value): (&String, &Matcher)| format!("{name}: {}", matcher(value));
            facts.extend(claims.claims.iter().map(|claim| ("Claim", told(claim))));
        }
        Proof::Static(keys) => {
            facts.push(("Issuer", keys.issuer.clone()));
            facts.push(("Subject", keys.subject.clone()));
            facts.push(("Keys end", format::moment(keys.expires_at)));
        }
        Proof::Aws(aws) => {
            facts.push(("AWS account", aws.account.clone()));
            facts.extend(aws.arn.as_ref().map(|arn| ("ARN", matcher(arn))));
            facts.extend(aws.user_id.as_ref().map(|id| ("Unique id", matcher(id))));
        }
        Proof::ServicePrincipal { principal } => {
            facts.push(("Part of Loadline", principal_name(*principal).to_owned()));
        }
    }
    let fact = |(label, value): (&'static str, String)| {
        view! {
            <dt class="quiet">{label}</dt>
            <dd><code class="wrap-anywhere">{value}</code></dd>
        }
    };
    facts.into_iter().map(fact).collect_view().into_any()
}

fn matcher(matcher: &Matcher) -> String {
    match matcher {
        Matcher::Exact(text) => text.clone(),
        Matcher::Pattern(pattern) => format!("{pattern} (pattern)"),
    }
}

const fn principal_name(principal: ServicePrincipal) -> &'static str {
    match principal {
        ServicePrincipal::Verifier => "Verifier: looks up and verifies evidence",
        ServicePrincipal::Ingester => "Ingester: reads SBOMs and reports",
        ServicePrincipal::CatalogSyncer => "Catalog syncer: keeps policies of the catalog current",
    }
}

/// What each kind is for, in one line.
pub(super) const fn purpose(kind: ProofKind) -> &'static str {
    match kind {
        ProofKind::Person => {
            "Somebody who has not signed in yet, by the account they will use: grant them a role before they come."
        }
        ProofKind::ClaimMatch => {
            "A CI system or cluster whose OIDC issuer can be reached: GitHub Actions, GitLab, Buildkite, Kubernetes."
        }
        ProofKind::Static => {
            "An issuer that nobody else can reach, such as a cluster behind a firewall: you paste its public keys."
        }
        ProofKind::Aws => {
            "A role or user of an AWS account, by a signed GetCallerIdentity request."
        }
        ProofKind::ServicePrincipal => {
            "A part of Loadline itself that is to act in your organization."
        }
    }
}

/// The fields of that kind.
pub(super) fn fields(kind: ProofKind, typed: &Typed) -> AnyView {
    match kind {
        ProofKind::Person => view! {
            {line(typed, "issuer", "Issuer", "Whose account it is: https://accounts.google.com, or loadline for a local one.", false)}
            {line(typed, "subject", "Account", "As the issuer calls it (sub). Upper and lower case count.", false)}
            <LineField
                id="email"
                label="E-mail (optional)"
                hint="Only shown. Who they are is told by the account."
                value=typed.text("email")
                error=typed.error("email")
                longest=254
                is_optional=true
            />
        }
        .into_any(),
        ProofKind::ClaimMatch => view! {
            {matched(typed, "issuer", "issuer_match", "Issuer", "https://token.actions.githubusercontent.com", false)}
            {matched(typed, "subject", "subject_match", "Subject", "repo:acme/shop:ref:refs/heads/main, or a pattern such as repo:acme/.*", false)}
            {matched(typed, "audience", "audience_match", "Audience (optional)", "Left empty: this installation's own address.", true)}
            <LinesField
                id="claims"
                name="proof[claims]"
                label="Further claims (optional)"
                hint="One a line: environment = production for a text, ref ~ refs/tags/.* for a pattern. Every one has to match."
                value=typed.text("claims")
                error=typed.error("claims")
            />
        }
        .into_any(),
        ProofKind::Static => view! {
            {line(typed, "issuer", "Issuer", "Exactly as its tokens say it.", false)}
            {line(typed, "subject", "Subject", "Exactly, such as system:serviceaccount:ci:deploy", false)}
            <LinesField
                id="keys"
                name="proof[keys]"
                label="Public keys (JWKS)"
                hint="What kubectl get --raw /openid/v1/jwks prints."
                value=typed.text("keys")
                error=typed.error("keys")
                rows=8
            />
            {line(typed, "expires", "Keys end (optional)", "Left empty: in 30 days, the longest there is. Then they are given anew.", true)}
        }
        .into_any(),
        ProofKind::Aws => view! {
            {line(typed, "account", "AWS account", "Twelve digits.", false)}
            {matched(typed, "arn", "arn_match", "ARN", "arn:aws:sts::123456789012:assumed-role/deploy/session, or a pattern. Give this or the unique id.", true)}
            {matched(typed, "user_id", "user_id_match", "Unique id", "Such as AROAEXAMPLE:session", true)}
        }
        .into_any(),
        ProofKind::ServicePrincipal => principal_field(typed),
    }
}

/// A choice of the parts of the control plane.
fn principal_field(typed: &Typed) -> AnyView {
    let option = |(value, part): (&str, ServicePrincipal)| SelectOption {
        value: value.to_owned(),
        label: principal_name(part).to_owned(),
        is_selected: typed.text("principal") == value,
    };
    let parts = [
        ("verifier", ServicePrincipal::Verifier),
        ("ingester", ServicePrincipal::Ingester),
        ("catalog_syncer", ServicePrincipal::CatalogSyncer),
    ];
    let options = parts.into_iter().map(option).collect();
    view! {
        <SelectField
            name="proof[principal]"
            label="Part"
            options=options
            error=typed.error("principal")
        />
    }
    .into_any()
}

fn line(
    typed: &Typed,
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    is_optional: bool,
) -> AnyView {
    view! {
        <LineField
            id=id
            name=format!("proof[{id}]")
            label=label
            hint=hint
            value=typed.text(id)
            error=typed.error(id)
            is_optional=is_optional
        />
    }
    .into_any()
}

/// A text, and whether it is exact or a pattern.
fn matched(
    typed: &Typed,
    id: &'static str,
    how: &'static str,
    label: &'static str,
    hint: &'static str,
    is_optional: bool,
) -> AnyView {
    let is_pattern = typed.text(how) == "pattern";
    let field = line(typed, id, label, hint, is_optional);
    let how_label = format!("How {} is matched", label.split(" (").next().unwrap_or(label));
    view! {
        <div class="grid gap-2 mid:grid-cols-[minmax(0,1fr)_9rem] items-end">
            {field}
            <div class="field">
                <select class="input" name=format!("proof[{how}]") aria-label=how_label>
                    <option value="exact" selected=!is_pattern>"Exactly"</option>
                    <option value="pattern" selected=is_pattern>"As a pattern"</option>
                </select>
            </div>
        </div>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_told_from_a_text() {
        assert_eq!(matcher(&Matcher::Exact("a.b".to_owned())), "a.b");
        assert_eq!(matcher(&Matcher::Pattern("a.*".to_owned())), "a.* (pattern)");
    }

    #[test]
    fn the_form_gives_back_what_was_typed() {
        let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let typed = Typed {
            fields: vec![field("subject", "repo:\"<b>"), field("subject_match", "pattern")],
            ..Typed::default()
        };
        for kind in ProofKind::ALL {
            let html = fields(kind, &typed).to_html();
            assert!(html.contains("proof["), "{html}");
            assert!(!html.contains("<b>"), "{html}");
        }
        let html = fields(ProofKind::ClaimMatch, &typed).to_html();
        assert!(html.contains("repo:&quot;&lt;b&gt;"), "{html}");
    }
}
