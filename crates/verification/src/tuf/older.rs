//! Repositories without a `trusted_root.json`: each key and certificate is a target of its own,
//! and says beside it what it is for (`policy-controller.md` part 16).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::SigstoreKeys;
use model::evidence::trust::{AuthoritySubject, CertificateAuthority, LogKey};

use super::TufError;
use super::metadata::{Target, Targets};

/// A Sigstore has a handful.
const MOST: usize = 64;

/// Targets that say what they are for, and what was read of them.
pub(super) struct Older {
    /// What is left to read, the last first.
    left: Vec<(String, Target)>,
    keys: SigstoreKeys,
}

impl Older {
    /// Those among these targets; `None` where there are none.
    pub(super) fn among(targets: Targets) -> Result<Option<Self>, TufError> {
        let is_one = |target: &Target| {
            target.usage().is_some_and(|(usage, _)| matches!(usage, "Fulcio" | "Rekor" | "CTFE"))
        };
        let mut left: Vec<_> =
            targets.targets.into_iter().filter(|(_, target)| is_one(target)).collect();
        left.reverse();
        if left.len() > MOST {
            let cause = format!("more than {MOST} targets have a sigstore.usage");
            return Err(TufError::Unreadable { file: "targets.json".to_owned(), cause });
        }
        Ok((!left.is_empty()).then(|| Self { left, keys: SigstoreKeys::default() }))
    }

    /// The target to read next.
    pub(super) fn next(&self) -> Option<(&str, &Target)> {
        self.left.last().map(|(name, target)| (name.as_str(), target))
    }

    /// Takes that target's content, PEM.
    pub(super) fn take(&mut self, file: &str, pem: &[u8]) -> Result<(), TufError> {
        let Some((_, target)) = self.left.pop() else { return Ok(()) };
        target.check(file, pem)?;
        let (usage, uri) = target.usage().unwrap_or_default();
        let pem = STANDARD.encode(pem);
        if usage == "Fulcio" {
            self.keys.certificate_authorities.push(CertificateAuthority {
                // For people alone, and nobody wrote one.
                subject: AuthoritySubject {
                    organization: String::new(),
                    common_name: String::new(),
                },
                uri: uri.to_owned(),
                cert_chain: pem,
                valid_for: None,
            });
            return Ok(());
        }
        let logs = match usage {
            "Rekor" => &mut self.keys.t_logs,
            _ => &mut self.keys.ct_logs,
        };
        logs.push(LogKey {
            base_url: uri.to_owned(),
            hash_algorithm: "sha-256".to_owned(),
            public_key: pem,
            valid_for: None,
        });
        Ok(())
    }

    /// Everything that was read.
    pub(super) fn keys(&self) -> Result<SigstoreKeys, TufError> {
        if self.keys.certificate_authorities.is_empty() {
            return Err(TufError::NoAuthorities);
        }
        Ok(self.keys.clone())
    }
}
