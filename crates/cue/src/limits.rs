//! How much an evaluation may cost.

use std::fmt;

/// Bounds of an evaluation. They are counted, so that a result does not depend on the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many expressions, fields and elements may be evaluated.
    pub steps: u64,
    /// How deep evaluation may go.
    pub depth: u32,
    /// How many alternatives of disjunctions may be tried.
    pub disjuncts: u32,
    /// How many bytes of text may be made.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 20_000_000, depth: 160, disjuncts: 500_000, bytes: 64 * 1024 * 1024 }
    }
}

/// Which bound was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Steps,
    Depth,
    Disjuncts,
    Bytes,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Steps => "the evaluation takes too many steps",
            Self::Depth => "the evaluation is nested too deeply",
            Self::Disjuncts => "the evaluation has too many alternatives",
            Self::Bytes => "the evaluation makes too much text",
        })
    }
}
