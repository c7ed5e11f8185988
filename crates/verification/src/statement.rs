//! In-toto statements, versions 0.1 and 1: which artifacts something is stated about.

use std::collections::BTreeMap;

use model::digest::Digest;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::refusal::EnvelopeFault;
use crate::text::shortened;

const TYPES: [&str; 2] = ["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"];

/// The members are named so that none may stand twice.
#[derive(Deserialize)]
struct Written {
    #[serde(default, rename = "_type")]
    kind: String,
    #[serde(default)]
    subject: Option<Vec<Subject>>,
    #[serde(default, rename = "predicateType")]
    _predicate_type: IgnoredAny,
    #[serde(default, rename = "predicate")]
    _predicate: IgnoredAny,
}

#[derive(Deserialize)]
struct Subject {
    #[serde(default)]
    digest: Option<BTreeMap<String, String>>,
}

/// The statement's text, if it is about an image.
///
/// `missing` is what is said when it is not.
pub(crate) fn about(
    payload: Vec<u8>,
    image: &Digest,
    missing: EnvelopeFault,
) -> Result<String, EnvelopeFault> {
    let unreadable =
        |cause: String| EnvelopeFault::StatementUnreadable { cause: shortened(&cause) };
    let text = String::from_utf8(payload).map_err(|error| unreadable(error.to_string()))?;
    let written: Written =
        serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    if !TYPES.contains(&written.kind.as_str()) {
        return Err(EnvelopeFault::OtherStatement { found: shortened(&written.kind) });
    }
    let hex = image.hex();
    let is_image = |subject: &Subject| {
        subject.digest.as_ref().and_then(|digest| digest.get("sha256")) == Some(&hex)
    };
    if written.subject.iter().flatten().any(is_image) { Ok(text) } else { Err(missing) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let image = Digest::of(b"image");
        let text = text.replace("IMAGE", &image.hex());
        let payload = text.into_bytes();
        about(payload, &image, EnvelopeFault::OtherSubject).map_err(|fault| fault.to_string())
    }

    #[test]
    fn both_versions_are_read_and_one_subject_is_enough() {
        for version in ["v0.1", "v1"] {
            let text = format!(
                r#"{{"_type":"https://in-toto.io/Statement/{version}","subject":[{{"name":"a"}},
                {{"digest":{{"sha512":"x"}}}},{{"digest":{{"sha256":"IMAGE"}}}}],"predicate":{{}}}}"#
            );
            assert!(read(&text).is_ok(), "{version}");
        }
    }

    #[test]
    fn what_states_nothing_about_the_image_is_refused() {
        let typed = |rest: &str| format!(r#"{{"_type":"{}"{rest}}}"#, TYPES[0]);
        let other = typed(r#","subject":[{"digest":{"sha256":"sha256:IMAGE"}}]"#);
        for text in [typed(""), typed(r#","subject":null"#), typed(r#","subject":[]"#), other] {
            assert_eq!(read(&text).unwrap_err(), "no matching subject digest found", "{text}");
        }
    }

    #[test]
    fn what_is_no_statement_is_refused() {
        for (text, expected) in [
            ("hello", "unmarshal in-toto statement: expected value"),
            ("{}", "unmarshal in-toto statement: its _type is \"\""),
            (r#"{"_type":"link"}"#, "unmarshal in-toto statement: its _type is \"link\""),
            (r#"{"_type":"a","_type":"b"}"#, "unmarshal in-toto statement: duplicate field"),
            (r#"{"subject":[{"digest":{"sha256":1}}]}"#, "unmarshal in-toto statement: invalid"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.starts_with(expected), "{text}: {fault}");
        }
    }
}
