//! TrustRoot as written (`policy-controller.md` part 5).

use super::Metadata;
use crate::reader::{Unread, shape};

shape! {
    /// Keys and certificates of a Sigstore, by which trustRootRef finds them.
    TrustRoot {
        /// policy.sigstore.dev/v1alpha1.
        api_version: String = "apiVersion",
        /// TrustRoot.
        kind: String = "kind",
        /// Name, labels and annotations.
        metadata: Metadata = "metadata",
        /// The trust root.
        spec: Option<Spec> = "spec",
        /// Set by a controller; not read.
        status: Unread = "status",
    }
}

shape! {
    /// Exactly one of remote, repository and sigstoreKeys.
    Spec {
        /// A TUF repository that is fetched.
        remote: Option<Remote> = "remote",
        /// A TUF repository inside the document.
        repository: Option<Repository> = "repository",
        /// The keys and certificates themselves.
        sigstore_keys: Option<SigstoreKeys> = "sigstoreKeys",
    }
}

shape! {
    /// A TUF repository that is fetched.
    Remote {
        /// The root.json that is trusted to begin with, base64.
        root: String = "root",
        /// Address of the repository.
        mirror: String = "mirror",
        /// Folder of the targets; targets where it is empty.
        targets: String = "targets",
        /// Name of the target; trusted_root.json where it is empty.
        trusted_root_target: String = "trustedRootTarget",
    }
}

shape! {
    /// A TUF repository inside the document.
    Repository {
        /// The root.json that is trusted to begin with, base64.
        root: String = "root",
        /// The repository, a gzip-compressed tar archive, base64.
        mirror_fs: String = "mirrorFS",
        /// Folder of the targets.
        targets: String = "targets",
        /// Name of the target; trusted_root.json where it is empty.
        trusted_root_target: String = "trustedRootTarget",
    }
}

shape! {
    /// The keys and certificates themselves.
    SigstoreKeys {
        /// Authorities whose certificates sign.
        certificate_authorities: Vec<CertificateAuthority> = "certificateAuthorities",
        /// Transparency logs of signatures.
        t_logs: Vec<LogInstance> = "tLogs",
        /// Transparency logs of certificates.
        ct_logs: Vec<LogInstance> = "ctLogs",
        /// Authorities that sign timestamps.
        timestamp_authorities: Vec<CertificateAuthority> = "timestampAuthorities",
    }
}

shape! {
    /// A certificate authority or timestamp authority.
    CertificateAuthority {
        /// What its certificate names.
        subject: DistinguishedName = "subject",
        /// Its address. It is never contacted.
        uri: String = "uri",
        /// Its certificates, PEM, base64 once more.
        cert_chain: String = "certChain",
    }
}

shape! {
    /// What a certificate names.
    DistinguishedName {
        /// The organization.
        organization: String = "organization",
        /// The common name.
        common_name: String = "commonName",
    }
}

shape! {
    /// A transparency log.
    LogInstance {
        /// Its address. It is never contacted.
        base_url: String = "baseURL",
        /// Its hash algorithm, such as sha-256.
        hash_algorithm: String = "hashAlgorithm",
        /// Its public key, PEM, base64 once more.
        public_key: String = "publicKey",
    }
}
