//! Versions of Go modules and of Go itself.
//!
//! Source: go.dev/ref/mod, "Versions". Pseudo-versions (`v0.0.0-20191109021931-daa7c04131f5`) are
//! semantic versions whose label is a time, so they order as such. Releases of Go are written
//! `go1.21rc2`, whose label has no dot before its number.

use super::semantic;

pub(super) fn parse(text: &str) -> Option<semantic::Version> {
    let Some(release) = text.strip_prefix("go") else {
        return semantic::Version::parse(text);
    };
    let label = release.find(|each: char| each.is_ascii_alphabetic());
    let Some((numbers, label)) = label.and_then(|at| release.split_at_checked(at)) else {
        return semantic::Version::parse(release);
    };
    let end = label.find(|each: char| !each.is_ascii_alphabetic()).unwrap_or(label.len());
    let (name, number) = label.split_at_checked(end)?;
    semantic::Version::parse(&format!("{numbers}-{name}.{number}"))
}
