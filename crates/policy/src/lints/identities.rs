//! Identities that mean more people than their author thinks.

use super::Lints;
use crate::authority::{Authority, Identity, Matcher, Method};
use crate::diagnostics::quoted;

/// Issuers at which everybody can have an account.
const OPEN_ISSUERS: [&str; 8] = [
    "https://token.actions.githubusercontent.com",
    "https://gitlab.com",
    "https://accounts.google.com",
    "https://github.com/login/oauth",
    "https://login.microsoftonline.com",
    "https://oauth2.sigstore.dev/auth",
    "https://agent.buildkite.com",
    "https://oidc.circleci.com",
];
/// Nobody writes a policy for these.
const STRANGERS: [&str; 3] = [
    "https://github.com/stranger/strange/.github/workflows/build.yaml@refs/heads/main",
    "stranger@stranger.example",
    "https://stranger.example",
];

pub(super) fn check(authority: &Authority, path: &str, lints: &mut Lints<'_>) {
    let Method::Keyless { identities, .. } = &authority.method else { return };
    for (index, identity) in identities.iter().enumerate() {
        let path = format!("{path}.keyless.identities[{index}]");
        if who_could_sign(identity, &path, lints) {
            continue;
        }
        matcher(&identity.issuer, &path, ["issuer", "issuerRegExp"], lints);
        matcher(&identity.subject, &path, ["subject", "subjectRegExp"], lints);
    }
}

/// Whether strangers could; then nothing else is worth saying.
fn who_could_sign(identity: &Identity, path: &str, lints: &mut Lints<'_>) -> bool {
    let is_anybody = |matcher: &Matcher| STRANGERS.iter().all(|name| matcher.accepts(name));
    if !is_anybody(&identity.subject) {
        return false;
    }
    let message = if is_anybody(&identity.issuer) {
        "anybody could sign: every issuer and every subject fits. Write who may.".to_owned()
    } else {
        let open = OPEN_ISSUERS.iter().find(|issuer| identity.issuer.accepts(issuer));
        let Some(issuer) = open else { return false };
        format!(
            "everybody with an account at {issuer} could sign: every subject fits. Write who may."
        )
    };
    let field = match identity.subject {
        Matcher::Exactly(_) => "subject",
        Matcher::Matching(_) => "subjectRegExp",
    };
    lints.warn(&format!("{path}.{field}"), "identity-anybody", message);
    true
}

fn matcher(matcher: &Matcher, path: &str, [plain, expression]: [&str; 2], lints: &mut Lints<'_>) {
    match matcher {
        Matcher::Exactly(text) if text.contains('*') => {
            let message = format!(
                "{plain} is compared letter by letter, so that * stands for itself and nobody \
                 fits: write {expression}"
            );
            lints.warn(&format!("{path}.{plain}"), "identity-star", message);
        }
        Matcher::Exactly(_) => {}
        Matcher::Matching(found) => {
            let text = found.as_str();
            let (start, end) = (is_anchored_at_start(text), is_anchored_at_end(text));
            if (start && end) || found.is_found_in("") {
                return;
            }
            let message = match (start, end) {
                (false, _) => format!(
                    "the expression is searched anywhere, so that a stranger's name that merely \
                     contains it fits as well, such as https://stranger.example/{}: begin it with \
                     ^ and end it with $",
                    quoted(text)
                ),
                (true, _) => "the expression has no end, so that a longer name of a stranger's \
                              fits as well: end it with $"
                    .to_owned(),
            };
            let at = lints.warn(&format!("{path}.{expression}"), "expression-unanchored", message);
            let whole = anchored(text, start, end);
            lints.diagnostics.fix(at, text, &whole, "anchor it at both ends");
        }
    }
}

/// Whether a match can only be at the start: outside groups and alternatives, `^` or `\A` comes
/// first.
fn is_anchored_at_start(expression: &str) -> bool {
    !has_outer_alternative(expression)
        && (expression.starts_with('^') || expression.starts_with(r"\A"))
        || (expression.starts_with("^(") && ends_with_group(expression))
}

fn is_anchored_at_end(expression: &str) -> bool {
    let ends =
        (expression.ends_with('$') && !expression.ends_with(r"\$")) || expression.ends_with(r"\z");
    ends && !has_outer_alternative(expression)
        // `.*` before an absent `$` says the same as an open end, and its author knows.
        || expression.ends_with(".*") && !has_outer_alternative(expression)
        || expression.ends_with(".+") && !has_outer_alternative(expression)
}

fn ends_with_group(expression: &str) -> bool {
    expression.ends_with(")$") || expression.ends_with(')')
}

/// Whether a `|` stands outside every group and bracket.
fn has_outer_alternative(expression: &str) -> bool {
    let (mut depth, mut in_class, mut is_escaped) = (0_i32, false, false);
    for character in expression.chars() {
        match character {
            _ if is_escaped => {
                is_escaped = false;
                continue;
            }
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth = depth.saturating_add(1),
            ')' if !in_class => depth = depth.saturating_sub(1),
            '|' if depth == 0 && !in_class => return true,
            _ => {}
        }
    }
    false
}

fn anchored(expression: &str, start: bool, end: bool) -> String {
    if has_outer_alternative(expression) {
        return format!("^(?:{expression})$");
    }
    let start = if start { "" } else { "^" };
    let end = if end { "" } else { "$" };
    format!("{start}{expression}{end}")
}
