//! Vertices that need not be evaluated: all there is to them is a part of the document and forms
//! that it keeps to, so that they hold no contradiction.
//!
//! Such a vertex stays as it is, and is evaluated after all when something asks for its value.

use super::{Closing, Conjunct, EnvId, Machine, Outcome, Source, State, Vertex};
use crate::form::Look;
use crate::program::ExprId;

/// Whether vertices may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foresight {
    None,
    Some,
}

/// What a document must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Contradict nothing.
    Lax,
    /// Also have every field that the policy states.
    Strict,
}

impl Machine<'_> {
    pub(crate) fn foresee(&mut self, foresight: Foresight, strictness: Strictness) {
        self.foresight = (foresight == Foresight::Some).then_some(strictness);
    }

    /// Whether anything was left out.
    pub(crate) fn has_foreseen(&self) -> bool {
        self.n_foreseen > 0
    }

    /// Whether an expression that names nothing holds no contradiction in itself.
    pub(crate) fn stands_alone(mut self, id: ExprId) -> Outcome<bool> {
        let vertex = self.inline(vec![Conjunct::new(Source::Expr(EnvId::NONE, id))]);
        self.finish(vertex)?;
        Ok(self.error_of(vertex).is_none())
    }

    /// Whether a vertex that nobody has asked for yet surely holds no contradiction.
    pub(super) fn foresees(&mut self, vertex: Vertex) -> bool {
        let (Some(document), Some(strictness)) = (self.document, self.foresight) else {
            return false;
        };
        let state = self.at(vertex);
        if state.state != State::Unprocessed || state.forward.is_some() || state.is_closed_once {
            return false;
        }
        let forms = &self.program.forms;
        let mut part = None;
        let mut n_composite = 0_u32;
        for conjunct in &state.conjuncts {
            if conjunct.closing != Closing::NONE || conjunct.is_cyclic {
                return false;
            }
            let is_scalar = match &conjunct.source {
                Source::Document(node) if part.is_none() => {
                    part = Some(*node);
                    continue;
                }
                Source::Expr(_, id) => forms.is_scalar(*id),
                _ => None,
            };
            let Some(is_scalar) = is_scalar else { return false };
            n_composite = n_composite.saturating_add(u32::from(!is_scalar));
        }
        // Two structs may contradict each other in a field that the document does not have.
        let (Some(part), 0 | 1) = (part, n_composite) else { return false };
        let before = self.limits.steps.saturating_sub(self.steps);
        let is_strict = strictness == Strictness::Strict;
        let mut look = Look { forms, document, is_strict, steps: before };
        let is_foreseen = state.conjuncts.iter().all(|conjunct| match conjunct.source {
            Source::Expr(_, id) => look.accepts(id, part),
            _ => true,
        });
        self.steps = self.steps.saturating_add(before.saturating_sub(look.steps));
        self.n_foreseen = self.n_foreseen.saturating_add(u64::from(is_foreseen));
        is_foreseen
    }
}
