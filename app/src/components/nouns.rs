//! Capabilities by what they are about.

use model::iam::Capability;

/// The capabilities of one noun.
pub(crate) struct Noun {
    /// In words, such as "Role bindings".
    pub(crate) name: String,
    /// In the order of the printed tables.
    pub(crate) capabilities: Vec<Capability>,
}

/// Every capability by its noun, in the order of the printed tables.
pub(crate) fn nouns() -> Vec<Noun> {
    let mut nouns: Vec<(&str, Noun)> = Vec::new();
    for capability in Capability::ALL {
        let (noun, _) = split(*capability);
        match nouns.last_mut().filter(|(last, _)| *last == noun) {
            Some((_, known)) => known.capabilities.push(*capability),
            None => nouns.push((noun, Noun { name: words(noun), capabilities: vec![*capability] })),
        }
    }
    nouns.into_iter().map(|(_, noun)| noun).collect()
}

/// A capability's noun and verb.
fn split(capability: Capability) -> (&'static str, &'static str) {
    capability.as_str().rsplit_once('.').unwrap_or((capability.as_str(), ""))
}

/// What may be done to the noun: the last word.
pub(crate) fn verb(capability: Capability) -> &'static str {
    split(capability).1
}

/// A noun as people read it. What is an abbreviation stays one.
fn words(noun: &str) -> String {
    match noun {
        "sboms" => return "SBOMs".to_owned(),
        "vuln_reports" => return "Vulnerability reports".to_owned(),
        _ => {}
    }
    let plain = noun.replace(['_', '.'], " ");
    let mut letters = plain.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_capability_stands_in_one_noun() {
        let nouns = nouns();
        let n: usize = nouns.iter().map(|noun| noun.capabilities.len()).sum();
        assert_eq!(n, Capability::ALL.len());
        let mut names: Vec<&str> = nouns.iter().map(|noun| noun.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), nouns.len());
        assert!(names.contains(&"Role bindings") && names.contains(&"SBOMs"));
        assert_eq!(verb(Capability::SigstoreCertificateCreate), "create");
    }
}
