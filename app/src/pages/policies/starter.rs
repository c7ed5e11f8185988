//! What the form of a new policy begins with.

/// Warns, and covers one example registry: nothing is denied by publishing it unchanged.
pub(super) const DOCUMENT: &str = r"apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed-by-release
spec:
  mode: warn
  images:
  - glob: ghcr.io/acme/**
  authorities:
  - name: release-key
    key:
      data: |
        -----BEGIN PUBLIC KEY-----
        paste the public key that your images are signed with
        -----END PUBLIC KEY-----
";
