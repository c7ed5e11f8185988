//! The security property: what violates a policy does not pass by being written otherwise.

use model::image::{Image, ImageReference};
use model::verdict::Outcome;
use proptest::prelude::*;

use super::{authorities, judge_on, policy_of};
use crate::CompiledPolicy;

const DIGEST: &str = "@sha256:abababababababababababababababababababababababababababababababab";

fn policy() -> CompiledPolicy {
    policy_of(&authorities(&["\n    static: {action: fail, message: closed}"]))
}

/// Whether a spelling that names an image at all is caught.
fn is_caught(written: &str) -> bool {
    let Ok(reference) = written.parse::<ImageReference>() else { return true };
    let Some(image) = reference.pinned() else { return true };
    let is_same_host = image.repository.registry().eq_ignore_ascii_case("ghcr.io");
    if !is_same_host || !image.repository.path().starts_with("acme/") {
        return true;
    }
    let verdict = judge_on(&policy(), &image, &model::evidence::Evidence::default(), 0);
    verdict.is_some_and(|verdict| verdict.outcome == Outcome::Fail)
}

#[test]
fn spellings_of_one_image_are_all_caught() {
    for written in [
        "ghcr.io/acme/api",
        "GHCR.IO/acme/api",
        "Ghcr.Io/acme/api",
        "ghcr.io/acme/api:1.0",
        "ghcr.io/acme/api:latest",
        "ghcr.io/acme//api",
        "ghcr.io/acme/./api",
    ] {
        assert!(is_caught(&format!("{written}{DIGEST}")), "{written}");
    }
    // Another port is another registry, and no image at all where it is none.
    assert!("ghcr.io:99999999/acme/api".parse::<Image>().is_err());
}

proptest! {
    #[test]
    fn no_spelling_slips_past(
        upper in prop::collection::vec(any::<bool>(), 7),
        tag in "(:[A-Za-z0-9_.-]{1,20})?",
        rest in "[a-z0-9/._-]{1,20}",
    ) {
        let host: String = "ghcr.io".chars().zip(upper).map(|(letter, upper)| {
            if upper { letter.to_ascii_uppercase() } else { letter }
        }).collect();
        let written = format!("{host}/acme/{rest}{tag}{DIGEST}");
        prop_assert!(is_caught(&written), "{}", written);
    }
}
