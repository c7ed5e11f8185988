//! YAML text into trees of nodes that know where they stand, within a budget.

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::AliasLimits;
use serde_saphyr::{DefaultMessageFormatter, Error, Location, MessageFormatter, Options, Spanned};

use crate::diagnostics::{Diagnostics, Place, quoted};

mod node;

pub(crate) use node::{Node, Value};

/// Bytes of text at most. A policy with its keys is a few kilobytes.
const MOST_BYTES: usize = 1024 * 1024;
const MOST_NODES: usize = 20_000;
/// A level takes some 30 KB of the stack in a debug build, and a thread has 2 MB.
const MOST_LEVELS: usize = 32;
const MOST_ALIASES: usize = 100;

/// The text's documents, or `None` after an error was said. Empty documents are left out.
pub(crate) fn read(text: &str, diagnostics: &mut Diagnostics) -> Option<Vec<Node>> {
    if text.len() > MOST_BYTES {
        diagnostics.error(
            Place::START,
            "yaml-too-large",
            format!("the text has {} bytes; a policy may have {MOST_BYTES} at most", text.len()),
        );
        return None;
    }
    let read = serde_saphyr::from_multiple_with_options::<Spanned<Value>>(text, options());
    match read {
        Ok(documents) => Some(documents.into_iter().map(Node::from).collect()),
        Err(error) => {
            explain(text, &error, diagnostics);
            None
        }
    }
}

fn options() -> Options {
    let alias_limits = serde_saphyr::alias_limits! {
        max_total_replayed_events: MOST_NODES,
        max_replay_stack_depth: 8,
        max_alias_expansions_per_anchor: MOST_ALIASES,
    };
    let alias_limits: AliasLimits = alias_limits;
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 4 * MOST_NODES,
            max_aliases: MOST_ALIASES,
            max_anchors: MOST_ALIASES,
            max_recorded_anchor_events: 4 * MOST_NODES,
            max_recorded_anchor_bytes: 2 * MOST_BYTES,
            max_depth: MOST_LEVELS,
            max_documents: 256,
            max_nodes: MOST_NODES,
            max_total_scalar_bytes: MOST_BYTES,
            max_merge_keys: MOST_ALIASES,
        },
        emit_comments: false,
        with_snippet: false,
        alias_limits: alias_limits,
    }
}

pub(crate) fn place(location: Location) -> Place {
    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Place { line: number(location.line()), column: number(location.column()) }
}

fn explain(text: &str, error: &Error, diagnostics: &mut Diagnostics) {
    let at = error.location().map_or(Place::START, place);
    if let Some(at) = indenting_tab(text, at) {
        diagnostics.error(at, "yaml-tab", "a tab cannot indent YAML: write spaces instead");
        return;
    }
    let error = error.without_snippet();
    let error = if let Error::AliasError { error, .. } = error { error } else { error };
    let (code, message) = code_and_message(error);
    diagnostics.error(at, code, message);
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the error enums of the YAML crate may grow")]
fn code_and_message(error: &Error) -> (&'static str, String) {
    match error {
        Error::DuplicateMappingKey { key, .. } => {
            let key = quoted(key.as_deref().unwrap_or("of another kind"));
            (
                "yaml-duplicate-key",
                format!("the key {key} stands twice in one mapping: keep one of them"),
            )
        }
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => too_many_aliases(),
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            ("yaml-alias-cycle", "an alias contains itself: write the value out".to_owned())
        }
        Error::UnknownAnchor { .. } => (
            "yaml-unknown-anchor",
            "an alias names an anchor that the document does not define: define it with & first"
                .to_owned(),
        ),
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Aliases { .. }
            | BudgetBreach::Anchors { .. }
            | BudgetBreach::MergeKeys { .. }
            | BudgetBreach::AliasAnchorRatio { .. }
            | BudgetBreach::RecordedAnchorEvents { .. }
            | BudgetBreach::RecordedAnchorBytes { .. } => too_many_aliases(),
            BudgetBreach::Depth { .. } => (
                "yaml-too-deep",
                format!(
                    "the text is nested deeper than {MOST_LEVELS} levels; a policy needs about eight"
                ),
            ),
            _ => (
                "yaml-too-large",
                format!("the text is too large: a policy may have {MOST_NODES} values at most"),
            ),
        },
        other => {
            let text = DefaultMessageFormatter.format_message(other).into_owned();
            ("yaml-syntax", format!("this is not valid YAML: {}", quoted(&text)))
        }
    }
}

fn too_many_aliases() -> (&'static str, String) {
    (
        "yaml-aliases",
        format!("the text expands too many aliases: {MOST_ALIASES} are allowed, write values out"),
    )
}

/// The tab that indents the line of an error or the line before it, where there is one: the
/// scanner stops only at what it can no longer make sense of.
fn indenting_tab(text: &str, at: Place) -> Option<Place> {
    let before = usize::try_from(at.line).ok()?.saturating_sub(2);
    text.lines().enumerate().skip(before).take(2).find_map(|(index, line)| {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let column = line.find('\t').filter(|column| *column < indent)?;
        let number = |number: usize| u32::try_from(number.saturating_add(1)).ok();
        Some(Place { line: number(index)?, column: number(column)? })
    })
}
