//! The demo's policies, as anybody would write them.

use super::images::{GITHUB, REGISTRY};

/// A policy and the group it holds in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PolicyPlan {
    pub(super) group: &'static str,
    pub(super) description: &'static str,
    pub(super) document: String,
}

/// The name by which policies call the demo's own Sigstore.
pub(super) const TRUST_ROOT: &str = "acme-sigstore";

/// Every policy; `platform_key` in PEM, `trust_root` the TrustRoot document named
/// [`TRUST_ROOT`], which goes with each policy that names it.
pub(super) fn all(platform_key: &str, trust_root: &str) -> [PolicyPlan; 4] {
    let trust_root = trust_root.trim_end();
    [
        PolicyPlan {
            group: "acme",
            description: "Base images are signed by the platform team's key",
            document: signed_by_platform_key(platform_key),
        },
        PolicyPlan {
            group: "acme/production",
            description: "Production runs what the release workflow signed on main",
            document: format!(
                "{trust_root}\n---\n{}",
                keyless(
                    "signed-by-release",
                    "enforce",
                    r"^https://github\.com/acme/[a-z-]+/\.github/workflows/release\.yaml@refs/heads/main$",
                )
            ),
        },
        PolicyPlan {
            group: "acme/staging",
            description: "Staging should run what some workflow of ours signed",
            document: format!(
                "{trust_root}\n---\n{}",
                keyless("signed-by-anyone-in-acme", "warn", r"^https://github\.com/acme/"),
            ),
        },
        PolicyPlan {
            group: "acme/production/edge",
            description: "The old report generator has no business in the shops",
            document: no_legacy(),
        },
    ]
}

fn signed_by_platform_key(platform_key: &str) -> String {
    let key: String =
        platform_key.trim_end().lines().map(|line| format!("          {line}\n")).collect();
    format!(
        r#"apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed-by-platform-key
spec:
  images:
    - glob: "{REGISTRY}/acme/base/**"
  authorities:
    - name: platform-team
      key:
        data: |
{key}"#
    )
}

fn keyless(name: &str, mode: &str, subject: &str) -> String {
    format!(
        r#"apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: {name}
spec:
  mode: {mode}
  images:
    # One level below acme: the base images have a policy of their own.
    - glob: "{REGISTRY}/acme/*"
  authorities:
    - name: github-actions
      keyless:
        url: https://fulcio.demo.invalid
        trustRootRef: {TRUST_ROOT}
        identities:
          - issuer: {GITHUB}
            subjectRegExp: '{subject}'
      ctlog:
        url: https://rekor.demo.invalid
        trustRootRef: {TRUST_ROOT}
"#
    )
}

fn no_legacy() -> String {
    format!(
        r#"apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: no-legacy
spec:
  images:
    - glob: "{REGISTRY}/acme/legacy-*"
  authorities:
    - name: never
      static:
        action: fail
        message: legacy-report was retired in June; use the reporting service instead
"#
    )
}
