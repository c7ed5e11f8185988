//! Where two verifiers differ for a reason. Nearly all are documents that are not quite in the
//! form that Sigstore specifies, and say the same for all that: the others read on, we do not.

use super::{Answer, JAVASCRIPT, PYTHON};

/// A difference that is known.
#[derive(Debug)]
pub struct Exception {
    /// Its name in the tally.
    pub name: &'static str,
    /// Whose it is.
    pub peer: &'static str,
    /// Why the two differ.
    pub why: &'static str,
    /// Whether it explains a difference: by what was bent, by ours, by theirs.
    pub explains: fn(&str, &Answer, &Answer) -> bool,
}

/// Whether we refuse for a reason that holds this text.
fn we_mind(ours: &Answer, text: &str) -> bool {
    !ours.accepts && ours.said.contains(text)
}

/// Every exception.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        name: "bytes after the end",
        peer: JAVASCRIPT,
        why: "what follows a certificate or a timestamp in its own DER is not read there",
        explains: |what, ours, _| what.starts_with("lengthened") && we_mind(ours, "trailing data"),
    },
    Exception {
        name: "a proof for another tree than its checkpoint",
        peer: JAVASCRIPT,
        why: "root hash and size are taken from the checkpoint, and what repeats them is not read",
        explains: |_, ours, _| we_mind(ours, "it is for another tree than its checkpoint"),
    },
    Exception {
        name: "a checkpoint with more after its signatures",
        peer: JAVASCRIPT,
        why: "signatures are found by a pattern, and what is between them is not read",
        explains: |_, ours, _| we_mind(ours, "Invalid checkpoint format"),
    },
    Exception {
        name: "the name beside a checkpoint's signature",
        peer: JAVASCRIPT,
        why: "has to stand in the log's address there; here, as in Go, the key's hint says whose it is",
        explains: |what, ours, theirs| {
            // The signature itself is whole: we accept it.
            let is_beside = what.starts_with("flipped") && what.contains("— ");
            is_beside && ours.accepts && theirs.said.contains("invalid checkpoint signature")
        },
    },
    Exception {
        name: "a digest without its algorithm",
        peer: JAVASCRIPT,
        why: "the digest is compared with the SHA-256 of the artifact whatever it is called",
        explains: |_, ours, _| we_mind(ours, "message digest of bundle is over"),
    },
    Exception {
        name: "the same timestamp twice",
        peer: JAVASCRIPT,
        why: "refused there; here, as in Go, the second one adds nothing and does no harm",
        explains: |what, _, theirs| {
            what.starts_with("doubled") && theirs.said.contains("duplicate timestamp")
        },
    },
    Exception {
        name: "the same entry twice",
        peer: JAVASCRIPT,
        why: "noticed there by the time that both say, and entries of a second Rekor say none",
        explains: |_, ours, _| we_mind(ours, "duplicate tlog entries found"),
    },
    Exception {
        name: "a certificate that comes with a timestamp",
        peer: JAVASCRIPT,
        why: "never read there; Go and Python want it to be the trusted one",
        explains: |_, ours, _| {
            we_mind(ours, "certificate embedded in the TSR does not match")
                || we_mind(ours, "timestamps: the response cannot be read")
        },
    },
    Exception {
        name: "a member that is left out",
        peer: JAVASCRIPT,
        why: "a second Rekor's proof may leave out its entry's index here, as in Go",
        explains: |what, ours, _| {
            what.starts_with("removed") && what.contains("/inclusionProof/logIndex") && ours.accepts
        },
    },
    Exception {
        name: "text that is no base64",
        peer: JAVASCRIPT,
        why: "Node leaves out what is no base64 and reads the rest",
        explains: |_, ours, _| we_mind(ours, "is not base64"),
    },
    Exception {
        name: "text that is no number",
        peer: JAVASCRIPT,
        why: "a number that is not needed is not read there",
        explains: |_, ours, _| we_mind(ours, "is no number"),
    },
    Exception {
        name: "a media type that only begins right",
        peer: JAVASCRIPT,
        why: "versions are told by parts of the text there",
        explains: |_, ours, _| we_mind(ours, "bundle has media type"),
    },
    Exception {
        name: "the same timestamp twice",
        peer: PYTHON,
        why: "as in JavaScript",
        explains: |what, _, theirs| {
            what.starts_with("doubled") && theirs.said.contains("duplicate timestamp")
        },
    },
    Exception {
        name: "a timestamp that does not hold beside a log's time",
        peer: PYTHON,
        why: "passed over there; here, too, unless a policy names the timestamp's authority, and \
              that is what is asked",
        explains: |_, ours, _| we_mind(ours, "failed to verify timestamps"),
    },
    Exception {
        name: "a certificate where older bundles have a chain",
        peer: PYTHON,
        why: "the version decides there where the certificate is; here, as in Go, it is either",
        explains: |_, _, theirs| theirs.said.contains("expected certificate chain in bundle"),
    },
    Exception {
        name: "a promise without its time",
        peer: PYTHON,
        why: "a promise that says no time is not looked at there",
        explains: |what, ours, _| {
            what.starts_with("removed") && what.contains("/integratedTime") && !ours.accepts
        },
    },
    Exception {
        name: "a member that is left out",
        peer: PYTHON,
        why: "a number that is zero, and what a second Rekor's proof repeats of its entry and \
              checkpoint, may be left out here, as in Go",
        explains: |what, ours, theirs| {
            let is_spare = ["/logIndex", "/rootHash", "/treeSize"].iter();
            let is_spare = is_spare.clone().any(|member| what.contains(member));
            what.starts_with("removed") && is_spare && ours.accepts && lacks_field(theirs)
        },
    },
    Exception {
        name: "a member of an unknown name",
        peer: PYTHON,
        why: "refused there; here it is passed over, and what it stood for is missing",
        explains: |_, ours, theirs| {
            ours.accepts && theirs.said.contains("Extra inputs are not permitted")
        },
    },
    Exception {
        name: "an authority without a common name",
        peer: PYTHON,
        why: "a trusted root without one is not read there",
        explains: |_, _, theirs| theirs.said.contains("for TrustedRoot") && lacks_field(theirs),
    },
    Exception {
        name: "an entry's own index in a second Rekor",
        peer: PYTHON,
        why: "only the index in the proof is looked at there",
        explains: of_second_index,
    },
    Exception {
        name: "an entry's own index in a second Rekor",
        peer: JAVASCRIPT,
        why: "as in Python",
        explains: of_second_index,
    },
    Exception {
        name: "an entry's log by its id in a second Rekor",
        peer: PYTHON,
        why: "the log is found by the name in its checkpoint there",
        explains: of_second_log,
    },
    Exception {
        name: "an entry's log by its id in a second Rekor",
        peer: JAVASCRIPT,
        why: "as in Python",
        explains: of_second_log,
    },
    Exception {
        name: "a statement that a second Rekor holds as hashedrekord",
        peer: JAVASCRIPT,
        why: "this version hashes the statement without its type, so that it accepts none",
        explains: |what, _, theirs| {
            let is_one = ["conda-attestation-rekor2", "a.dsse.staging"].iter();
            is_one.clone().any(|name| what.contains(name)) && !theirs.accepts
        },
    },
    Exception {
        name: "a signature without the digest of its message",
        peer: PYTHON,
        why: "not needed there; Go and JavaScript want it",
        explains: |_, ours, _| we_mind(ours, "without the digest of its message"),
    },
];

fn lacks_field(theirs: &Answer) -> bool {
    theirs.said.contains("Field required")
}

fn of_second_index(what: &str, ours: &Answer, _: &Answer) -> bool {
    what.contains("/tlogEntries/0/logIndex") && we_mind(ours, "verifying inclusion proof")
}

fn of_second_log(what: &str, ours: &Answer, _: &Answer) -> bool {
    what.contains("/tlogEntries/0/logId")
        && (we_mind(ours, "log public key not found") || we_mind(ours, "missing field `keyId`"))
}

/// The exception that explains why `ours` and `theirs` differ on what was bent.
#[must_use]
pub fn of(peer: &str, what: &str, ours: &Answer, theirs: &Answer) -> Option<&'static Exception> {
    EXCEPTIONS.iter().find(|it| it.peer == peer && (it.explains)(what, ours, theirs))
}
