//! Authorities and embedded policies as written (`policy-controller.md` 3.3 to 3.8).

use crate::reader::shape;

shape! {
    /// Somebody who may vouch for an image: exactly one of key, keyless and static.
    Authority {
        /// Its name, by which a policy and messages refer to it.
        name: String = "name",
        /// A public key.
        key: Option<KeyRef> = "key",
        /// A certificate authority and who may sign with its certificates.
        keyless: Option<KeylessRef> = "keyless",
        /// An answer that needs no signature.
        r#static: Option<StaticRef> = "static",
        /// Where signatures lie, if not beside the image; one entry at most.
        source: Vec<Source> = "source",
        /// The transparency log; an empty one turns the log off.
        ctlog: Option<Tlog> = "ctlog",
        /// Attestations that must be there; all of them.
        attestations: Vec<Attestation> = "attestations",
        /// The timestamp authority.
        rfc3161_timestamp: Option<Rfc3161Timestamp> = "rfc3161timestamp",
        /// bundle for Sigstore bundles; anything else for the layout of cosign 2.
        signature_format: String = "signatureFormat",
    }
}

shape! {
    /// A public key: exactly one of data, secretRef and kms.
    KeyRef {
        /// A Secret that holds the key.
        secret_ref: Option<SecretReference> = "secretRef",
        /// The key itself, PEM.
        data: String = "data",
        /// Where a key management service has it, such as awskms://….
        kms: String = "kms",
        /// The hash that signatures are made over: sha224, sha256 (the default), sha384 or sha512.
        hash_algorithm: String = "hashAlgorithm",
    }
}

shape! {
    /// Names a Secret.
    SecretReference {
        /// Its name.
        name: String = "name",
        /// Its namespace; cosign-system where it is written at all.
        namespace: String = "namespace",
    }
}

shape! {
    /// Short-lived certificates of a Sigstore.
    KeylessRef {
        /// Address of the certificate authority. It is never contacted and decides nothing.
        url: Option<String> = "url",
        /// Who may sign; one that fits is enough.
        identities: Vec<Identity> = "identities",
        /// Not usable: write trustRootRef.
        ca_cert: Option<KeyRef> = "ca-cert",
        /// The TrustRoot whose certificate authorities count; the public-good ones where it is empty.
        trust_root_ref: String = "trustRootRef",
        /// Whether the certificate's proof of being logged is left unchecked.
        insecure_ignore_sct: Option<bool> = "insecureIgnoreSCT",
    }
}

shape! {
    /// Who may sign: one of issuer and issuerRegExp, and one of subject and subjectRegExp.
    Identity {
        /// The issuer, exactly.
        issuer: String = "issuer",
        /// The subject, exactly.
        subject: String = "subject",
        /// An expression to be found in the issuer.
        issuer_reg_exp: String = "issuerRegExp",
        /// An expression to be found in the subject.
        subject_reg_exp: String = "subjectRegExp",
    }
}

shape! {
    /// The same answer for every image.
    StaticRef {
        /// pass or fail.
        action: String = "action",
        /// Told to whoever is refused.
        message: String = "message",
    }
}

shape! {
    /// Where signatures lie.
    Source {
        /// A repository, such as ghcr.io/acme/signatures.
        oci: String = "oci",
        /// Secrets of the workload's namespace to read it with.
        signature_pull_secrets: Vec<LocalObjectReference> = "signaturePullSecrets",
        /// Text before sha256-….sig in the tag.
        tag_prefix: Option<String> = "tagPrefix",
    }
}

shape! {
    /// Names an object of the same namespace.
    LocalObjectReference {
        /// Its name.
        name: String = "name",
    }
}

shape! {
    /// A transparency log.
    Tlog {
        /// Its address. It is never contacted; that it is there makes an entry required.
        url: Option<String> = "url",
        /// The TrustRoot whose log keys count; the public-good ones where it is empty.
        trust_root_ref: String = "trustRootRef",
    }
}

shape! {
    /// A timestamp authority.
    Rfc3161Timestamp {
        /// The TrustRoot whose timestamp authorities count.
        trust_root_ref: String = "trustRootRef",
    }
}

shape! {
    /// An attestation that must be there.
    Attestation {
        /// Its name, by which a policy and messages refer to it.
        name: String = "name",
        /// Its predicate type, a URI such as https://slsa.dev/provenance/v1.
        predicate_type: String = "predicateType",
        /// What must be true of its content.
        policy: Option<EmbeddedPolicy> = "policy",
    }
}

shape! {
    /// A policy in another language: exactly one of data, remote and configMapRef.
    EmbeddedPolicy {
        /// cue or rego.
        r#type: String = "type",
        /// The policy itself.
        data: String = "data",
        /// Where it can be fetched.
        remote: Option<RemotePolicy> = "remote",
        /// A ConfigMap that holds it.
        config_map_ref: Option<ConfigMapReference> = "configMapRef",
        /// Whether the image's configuration is part of the document (spec.policy only).
        fetch_config_file: Option<bool> = "fetchConfigFile",
        /// Whether the workload's spec is part of the document (spec.policy only).
        include_spec: Option<bool> = "includeSpec",
        /// Whether the workload's metadata is part of the document (spec.policy only).
        include_object_meta: Option<bool> = "includeObjectMeta",
        /// Whether the workload's kind is part of the document (spec.policy only).
        include_type_meta: Option<bool> = "includeTypeMeta",
    }
}

shape! {
    /// A policy that is fetched.
    RemotePolicy {
        /// Its address, with https.
        url: String = "url",
        /// SHA-256 of its content, lower-case hex.
        sha256sum: String = "sha256sum",
    }
}

shape! {
    /// One entry of a ConfigMap.
    ConfigMapReference {
        /// Not read: the ConfigMap is looked up in cosign-system.
        namespace: String = "namespace",
        /// Its name.
        name: String = "name",
        /// The entry.
        key: String = "key",
    }
}
