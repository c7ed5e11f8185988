//! Lints: what upstream accepts and users get wrong. They never change what a policy means.

use model::policies::Mode;

use crate::authority::{Authority, Ctlog, Method, StaticAction};
use crate::cluster_image_policy::ClusterImagePolicy;
use crate::diagnostics::{Diagnostics, Place, quoted};
use crate::reader::Places;
use crate::written::cluster_image_policy::Spec;
use crate::yaml::{Node, Value};

mod bundles;
mod identities;

const PUBLIC_GOOD: &str = "https://fulcio.sigstore.dev";

/// What is said so far, and where things stand.
pub(crate) struct Lints<'a> {
    places: &'a Places,
    diagnostics: &'a mut Diagnostics,
}

impl Lints<'_> {
    fn warn(&mut self, path: &str, code: &str, message: String) -> Place {
        let at = self.places.of_value(path);
        self.diagnostics.warning(at, code, message);
        at
    }
}

/// Everything to say of a policy that is valid.
pub(crate) fn policy(
    policy: &ClusterImagePolicy,
    written: &Spec,
    places: &Places,
    diagnostics: &mut Diagnostics,
) {
    let mut lints = Lints { places, diagnostics };
    for (index, glob) in policy.images.iter().enumerate() {
        if let Some((warning, right)) = glob.coverage_warning() {
            let path = format!("spec.images[{index}].glob");
            let at = lints.warn(&path, "glob-covers-nothing", warning);
            lints.diagnostics.fix(at, glob.as_str(), &right, &format!("write {right}"));
        }
    }
    can_it_fail(policy, &mut lints);
    for (index, authority) in policy.authorities.iter().enumerate() {
        let path = format!("spec.authorities[{index}]");
        trust(authority, &path, &mut lints);
        if let Some(written) = written.authorities.get(index) {
            own_address(
                authority,
                written.keyless.as_ref().and_then(|it| it.url.as_deref()),
                &path,
                &mut lints,
            );
            bundles::check(authority, &written.signature_format, &path, &mut lints);
        }
        identities::check(authority, &path, &mut lints);
    }
}

/// One static pass is enough for every image, and nothing may refuse it afterwards.
fn can_it_fail(policy: &ClusterImagePolicy, lints: &mut Lints<'_>) {
    let passes = |authority: &Authority| {
        matches!(authority.method, Method::Static { action: StaticAction::Pass, .. })
    };
    let Some(index) = policy.authorities.iter().position(passes) else { return };
    if policy.policy.is_some() {
        return;
    }
    let message = "this policy can never fail: one authority that passes is enough, and this one \
                   passes every image. Remove it, or write a policy beside the authorities."
        .to_owned();
    if policy.authorities.len() > 1 || policy.mode == Mode::Warn {
        lints.warn(&format!("spec.authorities[{index}].static.action"), "never-fails", message);
    }
}

fn trust(authority: &Authority, path: &str, lints: &mut Lints<'_>) {
    let is_static = matches!(authority.method, Method::Static { .. });
    if !is_static && authority.ctlog.as_ref().is_some_and(|log| *log == Ctlog::default()) {
        let message = "an empty ctlog turns the transparency log off: remove it to have the log \
                       looked at, or write its url"
            .to_owned();
        lints.warn(&format!("{path}.ctlog"), "ctlog-empty", message);
    }
    let Method::Keyless { trust_root: Some(root), .. } = &authority.method else { return };
    let has_log = authority.ctlog.as_ref().is_some_and(|log| *log != Ctlog::default());
    let has_timestamp = authority.timestamp.as_ref().is_some_and(|root| !root.is_empty());
    if !has_log && !has_timestamp {
        let message = format!(
            "with its own TrustRoot {} this authority looks at no log and no timestamp, so that a \
             signature fails as soon as its short-lived certificate has expired: write ctlog or \
             rfc3161timestamp with a trustRootRef",
            quoted(root)
        );
        lints.warn(&format!("{path}.keyless.trustRootRef"), "no-witness", message);
    }
}

/// An address decides nothing; who writes one of his own thinks that it does.
fn own_address(authority: &Authority, url: Option<&str>, path: &str, lints: &mut Lints<'_>) {
    let Method::Keyless { trust_root: None, .. } = &authority.method else { return };
    if url.is_some_and(|url| url.trim_end_matches('/') != PUBLIC_GOOD) {
        let message = "this address is never contacted, and certificates of the public-good \
                       Sigstore are the ones that count: write trustRootRef for your own"
            .to_owned();
        lints.warn(&format!("{path}.keyless.url"), "url-decides-nothing", message);
    }
}

/// Refuses a template whose blanks, such as `<<ISSUER>>`, are not filled in.
pub(crate) fn blanks(node: &Node, diagnostics: &mut Diagnostics) {
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        match &node.value {
            Value::Text(text) => {
                for name in blanks_of(text) {
                    let message =
                        format!("the blank <<{name}>> is not filled in: write what belongs there");
                    diagnostics.error(node.at, "blank-unfilled", message);
                }
            }
            Value::List(items) => waiting.extend(items),
            Value::Map(entries) => waiting.extend(
                entries.iter().filter(|(key, ..)| key != "annotations").map(|(_, _, node)| node),
            ),
            Value::Null | Value::Bool(_) | Value::Number => {}
        }
    }
}

/// The names of the blanks in a text, once each.
fn blanks_of(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for piece in text.split("<<").skip(1) {
        let Some((name, _)) = piece.split_once(">>") else { continue };
        let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if !name.is_empty()
            && name.len() <= 64
            && name.bytes().all(is_name)
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_upper_case_names_in_double_angles() {
        assert_eq!(blanks_of("https://<<HOST>>/<<ORG_1>>@<<HOST>>"), ["HOST", "ORG_1"]);
        assert!(blanks_of("a << b >> c <<x>> <<").is_empty());
    }
}
