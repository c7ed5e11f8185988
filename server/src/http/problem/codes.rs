//! Every code that a problem's `type` may be: what it means, and what to do about it.

/// A code, and what is to be known of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code {
    pub(crate) code: &'static str,
    /// The statuses that it comes with.
    pub(crate) statuses: &'static [u16],
    pub(crate) means: &'static str,
    pub(crate) remedy: &'static str,
}

const fn code(
    code: &'static str,
    statuses: &'static [u16],
    means: &'static str,
    remedy: &'static str,
) -> Code {
    Code { code, statuses, means, remedy }
}

/// All of them, by status. Codes are for programs, so they are added and never renamed.
pub(crate) const CODES: &[Code] = &[
    code(
        "bad-request",
        &[400, 413],
        "The path, the query or a header cannot be read.",
        "The title says which part is wrong and how it is written; /api/reference lists what each operation takes.",
    ),
    code(
        "unknown-filter",
        &[400],
        "A list was asked for a filter that it does not have.",
        "The title names those that there are.",
    ),
    code(
        "unknown-field",
        &[400],
        "`fields` names a field that the answer does not have.",
        "The title names those that there are.",
    ),
    code(
        "unknown-format",
        &[400],
        "A file was asked for in a format that there is not.",
        "The title names those that there are.",
    ),
    code(
        "digest-missing",
        &[400],
        "A piece of evidence was asked for without its digest.",
        "Add digest=sha256:… to the query; describe lists the pieces of an image.",
    ),
    code(
        "invalid-base64",
        &[400],
        "A document in a request is not base64.",
        "Encode it with the standard alphabet, with padding and without line breaks.",
    ),
    code(
        "invalid-json",
        &[400, 415, 422],
        "The body is not JSON, is not called that, or is not of the form that the operation takes.",
        "Send content-type: application/json. The title names the place; a field that is not known is refused, so look for a misspelling.",
    ),
    code(
        "unreadable-body",
        &[400, 413],
        "The body broke off, or cannot be unpacked.",
        "Send it again.",
    ),
    code(
        "invalid-registry",
        &[400],
        "The address of the hook names something that is no registry.",
        "Write its host as images name it, as in registry=registry.example.com:5000.",
    ),
    code(
        "invalid-notification",
        &[400],
        "What the registry sent is not of the form of the OCI distribution project.",
        "Set the registry up to send notifications in that form.",
    ),
    code(
        "unauthenticated",
        &[401],
        "Nobody is signed in, or the token is not in force.",
        "Send authorization: Bearer TOKEN with a token that has neither expired nor been revoked.",
    ),
    code(
        "forbidden",
        &[403],
        "You may see it, but not do this.",
        "The title names the capability that it takes and where; ask an owner there for a role that holds it.",
    ),
    code(
        "not-found",
        &[404],
        "There is no such thing, or none that you may see: both are answered the same.",
        "Look at the id, and at the groups that you may see.",
    ),
    code(
        "method-not-allowed",
        &[405],
        "The path is there, but not with this method.",
        "The allow header lists the methods that there are.",
    ),
    code(
        "conflict",
        &[409],
        "It does not fit what is there.",
        "The title says what stands in the way. Read again what is there, and decide anew.",
    ),
    code(
        "limit-reached",
        &[409],
        "The organization holds as much as it may.",
        "Delete what is not needed, or ask the installation's owner for a higher limit.",
    ),
    code(
        "inventory-gap",
        &[409],
        "A delta of a cluster's inventory came out of order.",
        "Send a snapshot; deltas go on from there.",
    ),
    code(
        "in-progress",
        &[409],
        "A request with the same Idempotency-Key is still being worked on.",
        "Wait, and send it again: it is then answered like the first.",
    ),
    code(
        "precondition-failed",
        &[412],
        "The thing no longer stands as If-Match says. Nothing was changed.",
        "Read it again, look at what changed, and send the change with the new ETag.",
    ),
    code(
        "too-large",
        &[413],
        "The body is larger than the operation takes.",
        "The title says how large it may be.",
    ),
    code(
        "invalid",
        &[422],
        "Fields of the request are wrong. Nothing was changed.",
        "`errors` names each place, what is wrong there and what would be right.",
    ),
    code(
        "invalid-policy",
        &[422],
        "The policy's document has errors. Nothing was published.",
        "`errors` gives each line and column, and what is wrong there.",
    ),
    code(
        "key-reused",
        &[422],
        "The Idempotency-Key was used within the last day for another request.",
        "Use a fresh key for each thing you want done.",
    ),
    code(
        "rate-limited",
        &[429],
        "Too many requests with this token or from this address, or too many tries to sign in.",
        "Wait for as many seconds as retry-after says. RateLimit-Remaining tells beforehand.",
    ),
    code(
        "internal",
        &[500],
        "Something broke on our side.",
        "The server's log has the reason under the request's id, which `instance` and x-request-id tell.",
    ),
    code("unavailable", &[503], "It cannot be done right now.", "Try again later."),
];

/// The codes that a status may come with.
pub(crate) fn of(status: u16) -> impl Iterator<Item = &'static str> {
    CODES.iter().filter(move |it| it.statuses.contains(&status)).map(|it| it.code)
}

/// Where a code is explained.
pub(crate) fn documentation(code: &str) -> String {
    format!("/api/problems#{code}")
}
